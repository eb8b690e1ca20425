/// A description in the two forms that photo programs read.
enum DescriptionPackets {
    /// An XMP packet (ISO 16684-1) with `dc:description` and `dc:subject`.
    static func xmp(_ description: PictureDescription) -> [UInt8] {
        let keywords = kept(description.keywords).map { "<rdf:li>\(escaped($0))</rdf:li>" }
        let subject =
            keywords.isEmpty
            ? "" : "<dc:subject><rdf:Bag>\(keywords.joined())</rdf:Bag></dc:subject>"
        let text = escaped(description.text, limit: PictureDescription.longestText)
        let packet = """
            <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">\
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\
            <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">\
            <dc:description><rdf:Alt><rdf:li xml:lang="x-default">\(text)</rdf:li></rdf:Alt>\
            </dc:description>\(subject)</rdf:Description></rdf:RDF></x:xmpmeta>
            <?xpacket end="w"?>
            """
        return Array(packet.utf8)
    }

    /// A Photoshop resource block with an IPTC record (IIM 4.2) in UTF-8: 2:120 and 2:25.
    static func iptc(_ description: PictureDescription) -> [UInt8] {
        // Record 1, data set 90: what follows is UTF-8. Record 2, data set 0: version 4.
        var record: [UInt8] = dataSet(1, 90, [0x1B, 0x25, 0x47]) + dataSet(2, 0, [0, 4])
        for keyword in kept(description.keywords) {
            record += dataSet(2, 25, Array(shortened(keyword, to: 64).utf8))
        }
        record += dataSet(2, 120, Array(shortened(cleaned(description.text), to: 2_000).utf8))
        let size = (0..<4).map { UInt8(truncatingIfNeeded: record.count >> (24 - 8 * $0)) }
        let padding: [UInt8] = record.count % 2 == 1 ? [0] : []
        return Array("8BIM".utf8) + [0x04, 0x04, 0, 0] + size + record + padding
    }

    private static func dataSet(_ record: UInt8, _ number: UInt8, _ value: [UInt8]) -> [UInt8] {
        [0x1C, record, number, UInt8(value.count >> 8), UInt8(value.count & 255)] + value
    }

    private static func kept(_ keywords: [String]) -> [String] {
        keywords.map { shortened(cleaned($0), to: 200) }.filter { !$0.isEmpty }
            .prefix(PictureDescription.mostKeywords).map(\.self)
    }

    /// As much of a text, in whole characters, as fits into a number of bytes.
    private static func shortened(_ text: String, to bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        var short = ""
        var count = 0
        for character in text {
            count += character.utf8.count
            guard count <= bytes else { break }
            short.append(character)
        }
        return short
    }

    /// Text without what XML cannot hold: control characters but line ends, and non-characters.
    private static func cleaned(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { scalar in
                    scalar == "\n" || scalar == "\t"
                        || scalar.properties.generalCategory != .control
                            && !scalar.properties.isNoncharacterCodePoint
                }))
    }

    private static func escaped(_ text: String, limit: Int = .max) -> String {
        var escaped = ""
        var count = 0
        for character in cleaned(text) {
            let piece =
                switch character {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                default: String(character)
                }
            count += piece.utf8.count
            guard count <= limit else { break }
            escaped += piece
        }
        return escaped
    }
}
