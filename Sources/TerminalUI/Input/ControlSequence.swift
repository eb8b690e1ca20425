/// `ESC [ parameters final`, taken apart.
struct ControlSequence {
    /// `?`, `>`, `<` or `=` before the numbers; only the terminal itself sends those.
    let prefix: UInt8?
    /// The numbers, each with its sub-numbers (`1:3`); an empty one is `nil`.
    let parameters: [[Int?]]
    let intermediates: [UInt8]
    let final: UInt8

    /// Takes what stood between `ESC [` and the final byte; `nil` when that is not well formed.
    init?(body: [UInt8], final: UInt8) {
        var rest = body[...]
        if let first = rest.first, (0x3C...0x3F).contains(first) {
            prefix = first
            rest = rest.dropFirst()
        } else {
            prefix = nil
        }
        let numbers = rest.prefix { (0x30...0x3B).contains($0) }
        let tail = rest.dropFirst(numbers.count)
        guard tail.allSatisfy({ (0x20...0x2F).contains($0) }) else { return nil }
        intermediates = Array(tail)
        self.final = final
        if numbers.isEmpty {
            parameters = []
            return
        }
        parameters = numbers.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { parameter in
                parameter.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                    .map(Self.number)
            }
    }

    /// Whether nothing stood between `ESC [` and the final byte.
    var isBare: Bool { prefix == nil && parameters.isEmpty && intermediates.isEmpty }

    /// The main number at a place.
    func number(_ index: Int) -> Int? {
        guard parameters.indices.contains(index) else { return nil }
        return parameters[index].first ?? nil
    }

    /// All main numbers, empty ones as 0.
    var numbers: [Int] { parameters.map { ($0.first ?? nil) ?? 0 } }

    /// What is held, in xterm's counting from 1, at this place.
    func modifiers(at index: Int) -> KeyModifiers {
        KeyModifiers(xterm: number(index) ?? 1)
    }

    /// Kitty's protocol also tells when a key goes up.
    func isRelease(at index: Int) -> Bool {
        parameters.indices.contains(index) && parameters[index].count > 1
            && parameters[index][1] == 3
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty else { return nil }
        // More digits than any terminal means are cut, so that nothing overflows.
        return digits.prefix(9).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

extension KeyModifiers {
    /// Modifiers as xterm and kitty count them: 1 and one bit for each key that we know.
    init(xterm value: Int) {
        self.init(rawValue: UInt8(max(0, value - 1) & 7))
    }
}
