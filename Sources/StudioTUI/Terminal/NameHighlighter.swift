/// Gives each concept's name its own colour in text that arrives in pieces.
///
/// Text is held back only while it could still become a name.
struct NameHighlighter: Sendable {
    private var tagger: NameTagger
    private let style: TextStyle

    /// - Parameters:
    ///   - names: as the caption writes them; the n-th gets the n-th colour.
    ///   - wrongNames: names that must not be there, shown as mistakes.
    init(names: [String], wrongNames: [String] = [], style: TextStyle) {
        tagger = NameTagger(names: names, wrongNames: wrongNames)
        self.style = style
    }

    /// The whole text at once.
    static func colour(
        _ text: String, names: [String], wrongNames: [String] = [], style: TextStyle
    ) -> String {
        var highlighter = NameHighlighter(names: names, wrongNames: wrongNames, style: style)
        return highlighter.append(text) + highlighter.finish()
    }

    /// Takes more text and returns what can be shown by now, sanitised.
    mutating func append(_ text: String) -> String { coloured(tagger.append(text)) }

    /// Returns what was held back.
    mutating func finish() -> String { coloured(tagger.finish()) }

    private func coloured(_ pieces: [TaggedText]) -> String {
        pieces.map { style($0.text, $0.role) }.joined()
    }
}
