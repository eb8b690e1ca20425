/// A checkpoint the user has registered.
public struct ModelRecord: Sendable, Equatable, Codable {
    /// Unique, whatever its case.
    public let name: String
    /// The checkpoint folder.
    public let path: String
    /// The architecture, in the words of whoever registered it.
    public let family: String
    /// Sizes and other facts, for display.
    public let facts: JSONValue
    /// When it was registered.
    public let addedAt: Timestamp
    /// Whether captions use it unless told otherwise; true for one model or none.
    public let isDefault: Bool

    /// Collects the fields.
    public init(
        name: String, path: String, family: String, facts: JSONValue = .object([:]),
        addedAt: Timestamp = .now, isDefault: Bool = false
    ) {
        self.name = name
        self.path = path
        self.family = family
        self.facts = facts
        self.addedAt = addedAt
        self.isDefault = isDefault
    }
}
