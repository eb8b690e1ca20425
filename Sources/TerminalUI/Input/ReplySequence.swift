/// What the terminal answered; everything well formed that is nothing else is some reply.
enum ReplySequence {
    /// The meaning of `ESC [ …`.
    static func control(_ sequence: ControlSequence) -> TerminalReply {
        let numbers = sequence.numbers
        switch (sequence.prefix, sequence.intermediates, sequence.final) {
        case (UInt8(ascii: "?"), [], UInt8(ascii: "c")): return .attributes(numbers)
        case (UInt8(ascii: "?"), [], UInt8(ascii: "S")): return .graphics(numbers)
        case (UInt8(ascii: "?"), [UInt8(ascii: "$")], UInt8(ascii: "y")) where numbers.count == 2:
            return .mode(numbers[0], state: numbers[1])
        case (UInt8(ascii: "?"), [], UInt8(ascii: "R")), (nil, [], UInt8(ascii: "R")):
            guard numbers.count >= 2, numbers[0] > 0, numbers[1] > 0 else { return .other }
            return .cursor(Point(x: numbers[1] - 1, y: numbers[0] - 1))
        case (nil, [], UInt8(ascii: "t")) where numbers.count == 3 && numbers[0] == 6:
            return .cellSize(width: numbers[2], height: numbers[1])
        default: return .other
        }
    }

    /// The meaning of the text between `ESC ]` and its end.
    static func operatingSystem(_ text: [UInt8]) -> TerminalReply {
        let parts = text.split(separator: UInt8(ascii: ";"), maxSplits: 1)
        guard parts.count == 2, Array(parts[0]) == Array("11".utf8),
            let channels = channels(parts[1])
        else { return .other }
        return .background(red: channels[0], green: channels[1], blue: channels[2])
    }

    /// The meaning of the text between `ESC P` and its end.
    static func device(_ text: [UInt8]) -> TerminalReply {
        guard text.starts(with: Array(">|".utf8)) else { return .other }
        return .version(String(decoding: text.dropFirst(2), as: UTF8.self))
    }

    /// The meaning of the text between `ESC _` and its end.
    static func application(_ text: [UInt8]) -> TerminalReply {
        guard text.first == UInt8(ascii: "G") else { return .other }
        return .kittyGraphics(String(decoding: text.dropFirst(), as: UTF8.self))
    }

    /// `rgb:hhhh/hhhh/hhhh` with one to four digits each, `rgba:` or `#rrggbb`.
    private static func channels(_ text: ArraySlice<UInt8>) -> [Double]? {
        var digits: [ArraySlice<UInt8>]
        if text.first == UInt8(ascii: "#") {
            let body = text.dropFirst()
            let width = body.count / 3
            guard width > 0, body.count == 3 * width else { return nil }
            digits = (0..<3).map { body.dropFirst($0 * width).prefix(width) }
        } else {
            let parts = text.split(separator: UInt8(ascii: ":"), maxSplits: 1)
            guard parts.count == 2,
                ["rgb", "rgba"].contains(String(decoding: parts[0], as: UTF8.self))
            else { return nil }
            digits = parts[1].split(separator: UInt8(ascii: "/"))
        }
        guard digits.count >= 3 else { return nil }
        let values = digits.prefix(3).compactMap(channel)
        return values.count == 3 ? values : nil
    }

    private static func channel(_ digits: ArraySlice<UInt8>) -> Double? {
        guard (1...4).contains(digits.count),
            let value = Int(String(decoding: digits, as: UTF8.self), radix: 16), value >= 0
        else { return nil }
        return Double(value) / Double((1 << (4 * digits.count)) - 1)
    }
}
