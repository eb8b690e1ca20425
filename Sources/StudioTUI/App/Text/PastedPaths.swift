import Foundation

/// Recognises text that was pasted or dropped into the terminal as paths of files.
///
/// Terminals and file managers write them in many ways: one on each line, `file://` URLs, in
/// quotes, with backslashes, several on a line, or bare with spaces inside.
enum PastedPaths {
    /// More text is no list of files.
    static let mostBytes = 1 << 20
    /// Further paths are left out.
    static let mostPaths = 10_000

    /// The absolute paths, in the order of the text; `nil` when it is not a list of paths.
    ///
    /// The files need not exist. Relative paths are taken only with the ending of a picture.
    static func recognise(_ text: String, in place: PathPlace) -> [String]? {
        guard text.utf8.count <= mostBytes else { return nil }
        var paths: [String] = []
        let lines = text.split { $0 == "\n" || $0 == "\r\n" || $0 == "\r" || $0 == "\0" }
        for line in lines {
            guard paths.count < mostPaths else { break }
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            // Lists of URLs may have comments.
            if trimmed.isEmpty || (trimmed.hasPrefix("#") && !paths.isEmpty) { continue }
            guard let found = recognise(line: trimmed, in: place) else { return nil }
            paths += found
        }
        return paths.isEmpty ? nil : Array(paths.prefix(mostPaths))
    }

    private static func recognise(line: String, in place: PathPlace) -> [String]? {
        let words = ShellWords.split(line)
        guard let first = words.first else { return nil }
        if !isRooted(first, line) {
            // `cat.jpg "my dog.png"`; a sentence that mentions a picture is no list.
            guard words.allSatisfy({ PictureName.isPicture($0.text) && !$0.text.contains("://") })
            else { return nil }
            return words.map { place.absolute($0) }
        }
        // A path with bare spaces goes on until the next word that starts one.
        var paths: [String] = []
        var index = 0
        while index < words.count {
            var end = index + 1
            while end < words.count, !isRooted(words[end], line) { end += 1 }
            guard let path = path(words[index..<end], line, place) else { return nil }
            paths.append(path)
            index = end
        }
        return paths
    }

    /// The words that make up one path.
    private static func path(
        _ words: ArraySlice<ShellWord>, _ line: String, _ place: PathPlace
    ) -> String? {
        guard let first = words.first, let last = words.last else { return nil }
        if isURL(first.text) { return words.count == 1 ? url(first.text) : nil }
        var text = first.text
        var previous = first
        for word in words.dropFirst() {
            text += line[previous.range.upperBound..<word.range.lowerBound] + word.text
            previous = word
        }
        // Commands with slashes in front, and quotes that never end, are something else.
        guard last.openQuote == nil, isLikely(text) else { return nil }
        return place.absolute(text, hasTilde: first.hasTilde)
    }

    private static func isRooted(_ word: ShellWord, _ line: String) -> Bool {
        let text = word.text
        return text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../")
            || word.hasTilde || isURL(text)
    }

    /// Whether a text with a slash in front is a path and not `/search for this`.
    private static func isLikely(_ path: String) -> Bool {
        guard !path.hasPrefix("//"), path.utf8.count <= 4096 else { return false }
        guard path.contains(where: \.isWhitespace) else { return path != "/" }
        return path.dropFirst().contains("/") || PictureName.isPicture(path)
    }

    private static func isURL(_ text: String) -> Bool {
        text.prefix(5).lowercased() == "file:"
    }

    /// The path of a `file:` URL on this machine.
    private static func url(_ text: String) -> String? {
        var rest = text.dropFirst(5)
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let host = rest.prefix { $0 != "/" }
            var name = [CChar](repeating: 0, count: 256)
            gethostname(&name, name.count - 1)
            let own = String(
                decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard ["", "localhost", own.lowercased()].contains(host.lowercased()) else {
                return nil
            }
            rest = rest[host.endIndex...]
        }
        guard rest.hasPrefix("/") else { return nil }
        return decoded(rest)
    }

    /// Takes percent escapes apart; `nil` when they are no UTF-8 or hide a zero byte.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(digits, radix: 16), value != 0
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
