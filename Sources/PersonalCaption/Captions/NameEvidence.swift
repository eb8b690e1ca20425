/// What the model itself says about a name that a caption uses.
public struct NameEvidence: Sendable, Codable, Equatable {
    /// The name.
    public var name: String
    /// The probability that its concept is visible, 0…1.
    public var probability: Double
    /// Whether that suffices.
    public var isPresent: Bool
    /// Where it is, `[x1, y1, x2, y2]` in pixels of the picture; `nil` when it is not, or was not
    /// asked for.
    public var box: [Int]?

    private enum CodingKeys: String, CodingKey {
        case name, probability, box
        case isPresent = "present"
    }

    /// Names every part.
    public init(name: String, probability: Double, isPresent: Bool, box: [Int]? = nil) {
        self.name = name
        self.probability = probability
        self.isPresent = isPresent
        self.box = box
    }
}

/// What is done about names in a caption that nothing in the picture speaks for.
public enum NameChecking: String, Sendable, Codable, CaseIterable {
    /// They are not looked for.
    case off
    /// They are said to be absent.
    case flag
    /// The caption is written again without their concepts.
    case correct
}
