/// CapRL++'s reward for not being long: 1 up to a length, falling to 0 at another.
public struct LengthReward: Sendable, Codable, Equatable {
    /// Up to here the reward is full, in tokens.
    public var full: Int
    /// From here on there is none, in tokens.
    public var none: Int

    /// Numbers for personal captions; CapRL++ has 2048 and 3072.
    public init(full: Int = 160, none: Int = 320) {
        self.full = full
        self.none = none
    }

    /// - Returns: 0…1.
    public func callAsFunction(tokens: Int) -> Float {
        if tokens <= full { return 1 }
        guard tokens < none, none > full else { return 0 }
        return Float(none - tokens) / Float(none - full)
    }
}
