import TerminalUI

/// The value of one setting.
enum SettingValue: Sendable, Hashable {
    case text(String)
    case flag(Bool)
    case integer(Int)
    case number(Double)
    /// A word that stands for a number, such as `random`.
    case word(String)

    /// As it is written in the file.
    var text: String {
        switch self {
        case .text(let text), .word(let text): text
        case .flag(let flag): flag ? "on" : "off"
        case .integer(let number): String(number)
        case .number(let number):
            number == number.rounded() && abs(number) < 1e15
                ? String(Int(number)) : String(number)
        }
    }
}

/// One thing the user can set.
struct SettingOption: Sendable, Equatable, Identifiable {
    enum Kind: Sendable, Equatable {
        case choice([String])
        case flag
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        /// A number, or a word that leaves it to somebody else.
        case integerOr(String, ClosedRange<Int>)
        case numberOr(String, ClosedRange<Double>)
        /// One line of at most so many characters; may be empty.
        case text(Int)
    }

    /// Its name in the file, such as `ui.theme`.
    let key: String
    let kind: Kind
    let standard: SettingValue
    /// One sentence for people who see the option for the first time.
    let explanation: String

    var id: String { key }

    /// The part of the key before the dot.
    var section: String { String(key.prefix { $0 != "." }) }

    /// What may be written, in words.
    var allowed: String {
        switch kind {
        case .choice(let words): words.joined(separator: ", ")
        case .flag: "on, off"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .number(let range): Self.words(range)
        case .integerOr(let word, let range):
            "\(word), or \(range.lowerBound) to \(range.upperBound)"
        case .numberOr(let word, let range): "\(word), or \(Self.words(range))"
        case .text(let length): "one line of at most \(length) characters"
        }
    }

    private static func words(_ range: ClosedRange<Double>) -> String {
        "\(SettingValue.number(range.lowerBound).text) to "
            + SettingValue.number(range.upperBound).text
    }

    /// Reads a value as people write it.
    ///
    /// - Throws: `SettingMistake`, which says what may be written.
    func value(of text: String) throws(SettingMistake) -> SettingValue {
        let word = text.lowercased()
        switch kind {
        case .choice(let words):
            if let found = words.first(where: { $0 == word }) { return .text(found) }
            // YAML and people have many words for on and off.
            if let flag = Self.flags[word],
                let found = words.first(where: { Self.flags[$0] == flag })
            {
                return .text(found)
            }
        case .flag:
            if let flag = Self.flags[word] { return .flag(flag) }
        case .integer(let range):
            if let number = Int(text), range.contains(number) { return .integer(number) }
        case .number(let range):
            if let number = Double(text), range.contains(number) { return .number(number) }
        case .integerOr(let other, let range):
            if word == other { return .word(other) }
            if let number = Int(text), range.contains(number) { return .integer(number) }
        case .numberOr(let other, let range):
            if word == other { return .word(other) }
            if let number = Double(text), range.contains(number) { return .number(number) }
        case .text(let length):
            if text.utf8.count <= length * 16, text.count <= length,
                TerminalText.typeable(text) == text
            {
                return .text(text)
            }
        }
        let shown = TerminalText.truncated(TerminalText.sanitized(text), to: 40)
        throw SettingMistake("'\(key)' cannot be '\(shown)'; it takes \(allowed)")
    }

    private static let flags: [String: Bool] = [
        "on": true, "true": true, "yes": true, "off": false, "false": false, "no": false,
    ]
}

/// Why a value cannot be set, as a sentence without a dot.
struct SettingMistake: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
