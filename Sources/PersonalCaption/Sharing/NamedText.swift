/// A caption cut into plain text and the names in it, brackets taken away.
///
/// Models write `<Milo>`; people read Milo.
public struct NamedText: Sendable, Equatable {
    /// What a stretch of the text is.
    public enum Kind: Sendable, Equatable {
        /// Anything else.
        case plain
        /// The name of a concept that was shown, by its place among them.
        case concept(Int)
        /// The name of somebody who was not shown, or of nobody.
        case stranger
    }

    /// A stretch of text.
    public struct Piece: Sendable, Equatable {
        /// The words as the caption writes them.
        public var text: String
        /// What they are.
        public var kind: Kind
    }

    /// The stretches in reading order; together they are the text.
    public let pieces: [Piece]

    /// Cuts a caption.
    ///
    /// - Parameters:
    ///   - names: of the concepts that were shown.
    ///   - wrong: other names known to stand in it.
    public init(_ caption: String, names: [String], wrong: [String] = []) {
        let places = Dictionary(
            names.enumerated().map { (NameKey($1), $0) }, uniquingKeysWith: { first, _ in first })
        let report = NameCheck(supplied: names, library: wrong).report(on: caption)
        var pieces: [Piece] = []
        var end = caption.startIndex
        func addPlain(upTo limit: String.Index, droppingBracket: Bool) {
            var text = caption[end..<limit]
            if droppingBracket, text.last == "<" { text.removeLast() }
            if !text.isEmpty { pieces.append(Piece(text: String(text), kind: .plain)) }
        }
        for mention in report.mentions where mention.range.lowerBound >= end {
            addPlain(upTo: mention.range.lowerBound, droppingBracket: mention.isBracketed)
            let place = mention.kind == .supplied ? places[NameKey(mention.name)] : nil
            pieces.append(
                Piece(
                    text: String(caption[mention.range]),
                    kind: place.map(Kind.concept) ?? .stranger))
            end = mention.range.upperBound
            if mention.isBracketed, end < caption.endIndex, caption[end] == ">" {
                end = caption.index(after: end)
            }
        }
        addPlain(upTo: caption.endIndex, droppingBracket: false)
        self.pieces = pieces
    }

    /// The words alone.
    public var text: String { pieces.map(\.text).joined() }
}
