import Foundation
import FoundationXML
import Testing

/// The elements of a page's body.
enum PageElements {
    /// Reads the body as XML, which fails at any tag that is not closed or any stray `<` or `&`.
    static func read(_ page: String) throws -> [(name: String, attributes: [String: String])] {
        final class Reader: NSObject, XMLParserDelegate {
            var found: [(name: String, attributes: [String: String])] = []
            func parser(
                _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
                qualifiedName: String?, attributes: [String: String]
            ) { found.append((name, attributes)) }
        }
        let start = try #require(page.range(of: "<main>")).lowerBound
        let end = try #require(page.range(of: "</main>")).upperBound
        var body = String(page[start..<end])
        // Elements that HTML leaves open.
        body.replace(/<(img|br)\b([^>]*)>/) { "<\($0.1)\($0.2)/>" }
        let parser = XMLParser(data: Data(body.utf8))
        let reader = Reader()
        parser.delegate = reader
        #expect(
            parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") line \(parser.lineNumber)")
        return reader.found
    }
}
