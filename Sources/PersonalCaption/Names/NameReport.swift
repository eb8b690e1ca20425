/// One place in a caption where a name stands.
public struct NameMention: Sendable, Equatable {
    /// Whose name it is.
    public enum Kind: String, Sendable, Codable {
        /// A concept that was supplied with the picture.
        case supplied
        /// A concept of the library that was not supplied.
        case library
        /// Nobody's: a bracketed name the model made up.
        case invented
    }

    /// The name as the user wrote it; for an invented one, as the caption writes it.
    public var name: String
    /// Whose name it is.
    public var kind: Kind
    /// Where the name stands in the caption, brackets not included.
    public var range: Range<String.Index>
    /// Whether it stands between angle brackets.
    public var isBracketed: Bool

    /// Describes one place.
    public init(name: String, kind: Kind, range: Range<String.Index>, isBracketed: Bool) {
        self.name = name
        self.kind = kind
        self.range = range
        self.isBracketed = isBracketed
    }
}

/// Which names a caption uses.
public struct NameReport: Sendable, Equatable {
    /// Supplied names the caption uses, in the order they were supplied.
    public var named: [String]
    /// Supplied names it does not use, in the order they were supplied.
    public var unnamed: [String]
    /// Bracketed names of no supplied concept, in order of appearance, each once.
    public var absent: [String]
    /// Names of the library that were not supplied and yet occur, bracketed or bare, each once.
    public var unsupplied: [String]
    /// Every place, in reading order; ranges belong to the caption that was checked.
    public var mentions: [NameMention]
    /// What stands in closing tags (`</name>`), which do not count as naming.
    public var closingTags: [String]

    /// Everything the caption names wrongly: `absent`, then what `unsupplied` adds to it.
    public var wrong: [String] {
        let known = Set(absent.map(NameKey.init))
        return absent + unsupplied.filter { !known.contains(NameKey($0)) }
    }
}
