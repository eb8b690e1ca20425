/// What remains of a name when case, brackets, punctuation and compatibility forms are set aside.
///
/// Two names with one key cannot be told apart in a caption. Signs and emoji count ("C" is not
/// "C++"); a name of punctuation alone keeps its punctuation.
public struct NameKey: Hashable, Sendable {
    private let words: [String]

    /// The key of a name or of what stands between brackets.
    public init(_ name: String) {
        let shown = PromptName.shown(name)
        let words = NameToken.split(shown).map(\.text)
        self.words = words.isEmpty ? [shown.map { FoldedCharacter($0).text }.joined()] : words
    }
}
