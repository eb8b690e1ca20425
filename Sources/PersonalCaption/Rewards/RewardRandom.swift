import VLMRuntime

/// Draws for examinations and scenes; the same seed draws the same.
struct RewardRandom {
    private var source: RandomSource

    init(seed: UInt64) { source = RandomSource(seed: seed) }

    /// A sequence of its own for each pair of numbers.
    init(seed: UInt64, _ number: UInt64) {
        var mixer = RandomSource(seed: seed &+ number &* 0x9E37_79B9_7F4A_7C15)
        source = RandomSource(seed: mixer.next() ^ number)
    }

    mutating func next() -> UInt64 { source.next() }

    /// `0..<1`.
    mutating func unit() -> Double { source.nextUnit() }

    mutating func chance(_ probability: Double) -> Bool { unit() < probability }

    /// A number within bounds.
    mutating func number(_ bounds: ClosedRange<Double>) -> Double {
        bounds.lowerBound + unit() * (bounds.upperBound - bounds.lowerBound)
    }

    /// `0..<count`.
    mutating func below(_ count: Int) -> Int { min(Int(unit() * Double(count)), count - 1) }

    mutating func element<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// Index of one of the weights, in proportion to them.
    mutating func weighted(_ weights: [Double]) -> Int {
        var rest = unit() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.indices.last ?? 0
    }

    /// Fisher and Yates.
    mutating func shuffle<Value>(_ values: inout [Value]) {
        guard values.count > 1 else { return }
        for index in stride(from: values.count - 1, to: 0, by: -1) {
            values.swapAt(index, below(index + 1))
        }
    }
}
