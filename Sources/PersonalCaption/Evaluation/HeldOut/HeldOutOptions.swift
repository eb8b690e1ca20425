/// What a held-out set is made of.
public struct HeldOutOptions: Sendable, Codable, Equatable, CustomStringConvertible {
    /// How concepts are called.
    public enum NameStyle: String, Sendable, Codable, CaseIterable {
        /// First names and words in no training list.
        case ordinary
        /// Syllables, several words, numbers, other scripts.
        case invented
    }

    /// Number of concepts in the library, of which pictures show some.
    public var librarySize: Int
    /// Number of pictures.
    public var pictures: Int
    /// Concepts of the library in each picture, 0…4.
    public var visible: Int
    /// How concepts are called.
    public var names: NameStyle
    /// Whether pictures and references have other shapes than squares.
    public var isOblong: Bool
    /// Whether info lines say nothing about the look or kind of a concept.
    public var hidesKind: Bool
    /// Decides everything else.
    public var seed: UInt64

    /// The most concepts a library can have; fewer when the pack has fewer drawings.
    public static let mostConcepts = 270

    /// Names every part.
    public init(
        librarySize: Int = 100, pictures: Int = 60, visible: Int = 1,
        names: NameStyle = .ordinary, isOblong: Bool = false, hidesKind: Bool = false,
        seed: UInt64 = 1
    ) {
        self.librarySize = librarySize
        self.pictures = pictures
        self.visible = visible
        self.names = names
        self.isOblong = isOblong
        self.hidesKind = hidesKind
        self.seed = seed
    }

    /// All options in a line for people.
    public var description: String {
        "\(pictures) pictures of \(visible) from a library of \(librarySize), \(names.rawValue) names, "
            + "\(isOblong ? "oblong" : "square")\(hidesKind ? ", without hints" : ""), seed \(seed)"
    }
}
