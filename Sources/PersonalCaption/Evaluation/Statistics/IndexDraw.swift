import VLMRuntime

/// Random positions in a list, repeatable from a seed on every machine.
///
/// The upper half of the product of 64 random bits and the length; its preference for some
/// positions is below length / 2⁶⁴.
struct IndexDraw {
    private var source: RandomSource

    init(seed: UInt64) { source = RandomSource(seed: seed) }

    /// A position in `0..<count`.
    ///
    /// - Precondition: `count` is positive.
    mutating func next(below count: Int) -> Int {
        Int(source.next().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// The seed of another sequence.
    mutating func nextSeed() -> UInt64 { source.next() }

    /// Heads or tails.
    mutating func nextFlip() -> Bool { source.next() >> 63 == 1 }

    /// A number in `0..<1`.
    mutating func nextUnit() -> Double { source.nextUnit() }

    /// A number in a range.
    mutating func next(in range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * source.nextUnit()
    }

    /// The elements in random order (Fisher and Yates).
    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, next(below: last + 1))
        }
        return elements
    }

    /// One element; `nil` of an empty list.
    mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[next(below: elements.count)]
    }
}
