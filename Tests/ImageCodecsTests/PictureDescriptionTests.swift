import Foundation
import FoundationXML
import Testing

@testable import ImageCodecs

@Suite struct PictureDescriptionTests {
    static let text = "Milo & Otto <sail> \"past\" the 港; 100 % \u{1B}[31m — done.\nSecond line"
    static let description = PictureDescription(text, keywords: ["Milo", "Ötto & <Co>"])

    /// The XMP packet of a file, read by a real XML parser.
    private func xmp(_ file: Data) throws -> (text: String, keywords: [String]) {
        final class Reader: NSObject, XMLParserDelegate {
            var path: [String] = []
            var text = ""
            var keywords: [String] = []
            func parser(
                _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
                qualifiedName: String?, attributes: [String: String]
            ) {
                path.append(name)
                if path.suffix(2) == ["rdf:Bag", "rdf:li"] { keywords.append("") }
            }
            func parser(
                _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
                qualifiedName: String?
            ) { path.removeLast() }
            func parser(_ parser: XMLParser, foundCharacters string: String) {
                if path.suffix(2) == ["rdf:Alt", "rdf:li"] { text += string }
                if path.suffix(2) == ["rdf:Bag", "rdf:li"] {
                    keywords[keywords.count - 1] += string
                }
            }
        }
        let start = try #require(file.range(of: Data("<x:xmpmeta".utf8))).lowerBound
        let end = try #require(file.range(of: Data("</x:xmpmeta>".utf8))).upperBound
        #expect(file.range(of: Data("<x:xmpmeta".utf8), in: end..<file.endIndex) == nil)
        let parser = XMLParser(data: file[start..<end])
        let reader = Reader()
        parser.delegate = reader
        #expect(parser.parse())
        return (reader.text, reader.keywords)
    }

    @Test(arguments: Sample.goodNames)
    func everyFormatSaysItAndLooksTheSame(name: String) throws {
        let data = try Sample.data(name)
        for keeps in [false, true] {
            let copy = try Self.description.written(into: data, name: name, keepsMetadata: keeps)
            #expect(try ImageDecoder.decode(copy, name: name) == Sample.image(name))
            #expect(try ImageDecoder.info(copy, name: name) == ImageDecoder.info(data, name: name))
            let found = try xmp(copy)
            #expect(found.text == Self.text.replacing("\u{1B}", with: ""))
            #expect(found.keywords == Self.description.keywords)
            // A second description takes the place of the first.
            let again = try PictureDescription("New").written(
                into: copy, name: name, keepsMetadata: keeps)
            #expect(try xmp(again).text == "New")
        }
    }

    /// The coded pixels are the very same bytes.
    @Test func nothingIsEncodedAgain() throws {
        for name in ["plain.jpg", "plain.png", "lossy.webp"] {
            let data = try Sample.data(name)
            let coded = data.suffix(data.count / 2).dropLast(data.count / 4)
            let copy = try Self.description.written(into: data, name: name, keepsMetadata: true)
            #expect(copy.range(of: coded) != nil, "\(name)")
        }
    }

    @Test(arguments: MetadataStripperTests.privateNames)
    func secretsGoUnlessTheyAreWanted(name: String) throws {
        let data = try Sample.data(name)
        let copy = try Self.description.written(into: data, name: name)
        #expect(copy.range(of: Data("SECRET".utf8)) == nil)
    }

    /// Record 1:90 says UTF-8, 2:120 is the text, 2:25 the keywords (IIM 4.2).
    @Test func iptcIsWhatOlderProgramsRead() throws {
        let block = DescriptionPackets.iptc(Self.description)
        #expect(block.starts(with: Array("8BIM".utf8) + [4, 4, 0, 0]))
        let size = block[8..<12].reduce(0) { $0 << 8 | Int($1) }
        #expect(block.count == 12 + size + size % 2)
        var found: [String: [String]] = [:]
        var index = 12
        while index + 5 <= 12 + size, block[index] == 0x1C {
            let length = Int(block[index + 3]) << 8 | Int(block[index + 4])
            let key = "\(block[index + 1]):\(block[index + 2])"
            let value = block[(index + 5)..<(index + 5 + length)]
            found[key, default: []].append(String(decoding: value, as: UTF8.self))
            index += 5 + length
        }
        #expect(found["1:90"] == ["\u{1B}%G"])
        #expect(found["2:120"] == [Self.text.replacing("\u{1B}", with: "")])
        #expect(found["2:25"] == Self.description.keywords)
    }

    /// A JPEG segment holds 65,533 bytes, an IPTC text 2,000; neither may end within a character.
    @Test func longTextsAreCut() throws {
        let long = String(repeating: "é&", count: 30_000)
        let many = (0..<100).map { String(repeating: "&", count: 300) + "\($0)" }
        let data = try Sample.data("plain.jpg")
        let copy = try PictureDescription(long, keywords: many).written(into: data, name: "x")
        let found = try xmp(copy)
        #expect(found.text.count > 1_000 && long.hasPrefix(found.text))
        #expect(found.keywords.count == PictureDescription.mostKeywords)
    }

    @Test func damagedPicturesAreRefused() throws {
        let data = try Sample.data("plain.jpg")
        #expect(throws: ImageReadError.self) {
            try Self.description.written(into: data.prefix(data.count / 2), name: "x")
        }
    }
}
