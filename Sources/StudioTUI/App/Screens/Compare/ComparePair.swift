import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI

/// Two captions and what differs between them.
struct ComparePair: Sendable {
    let left: CompareCaption
    let right: CompareCaption
    let diff: WordDiff
    let facts: [CompareFact]
    /// All names that either was given, in one order, so that a name has one colour.
    let names: [String]

    init?(left: CompareCaption?, right: CompareCaption?) {
        guard let left, let right else { return nil }
        self.left = left
        self.right = right
        diff = WordDiff(left.record.caption, right.record.caption)
        facts = CompareFact.all(left.record, right.record)
        names = Self.names([left, right])
    }

    subscript(side: CompareSide) -> CompareCaption { side == .left ? left : right }

    /// Why the comparison may not be a fair one, if so.
    var warning: String? {
        if !isSamePicture { return "these captions are of different pictures" }
        if Set(left.record.concepts.map(\.name)) != Set(right.record.concepts.map(\.name)) {
            return "these captions were made with different concepts"
        }
        if left.record.question != right.record.question {
            return "these captions answer different questions"
        }
        return nil
    }

    var isSamePicture: Bool {
        guard let hash = left.record.image.sha256, let other = right.record.image.sha256 else {
            return left.record.image.originalPath == right.record.image.originalPath
        }
        return hash == other
    }

    static func names(_ captions: [CompareCaption]) -> [String] {
        var names: [String] = []
        for name in captions.flatMap(\.record.concepts).map(\.name) where !names.contains(name) {
            names.append(name)
        }
        return names
    }
}

/// One line of figures about two captions.
struct CompareFact: Sendable, Equatable {
    let label: String
    let left: String
    let right: String
    /// Whether it tells which model wrote what.
    var isTelling = true

    var differs: Bool { left != right }

    subscript(side: CompareSide) -> String { side == .left ? left : right }

    /// What is said about any two captions, and whatever else differs.
    static func all(
        _ left: ConceptDB.CaptionRecord, _ right: ConceptDB.CaptionRecord
    ) -> [CompareFact] {
        func fact(
            _ label: String, isTelling: Bool = true, _ value: (ConceptDB.CaptionRecord) -> String
        ) -> CompareFact {
            CompareFact(
                label: label, left: value(left), right: value(right), isTelling: isTelling)
        }
        let names = [
            fact("named", isTelling: false) { list($0.named) },
            fact("unnamed", isTelling: false) { list($0.unnamed) },
            fact("absent", isTelling: false) { list($0.absent) },
        ]
        let model = [
            fact("model") { $0.model }, fact("adapter") { $0.adapter ?? "none" },
            fact("seed") { String($0.seed) },
            fact("speed") { figure($0.timings["tokensPerSecond"], "tokens/s", digits: 1) },
            fact("first token") { figure($0.timings["firstToken"], "s", digits: 2) },
            fact("tokens") { figure($0.usage["generatedTokens"], "") },
            fact("ended by") { $0.finishReason },
        ]
        let rest =
            settings(left, right)
            + [
                fact("question") { $0.question },
                fact("concepts") { list($0.concepts.map(\.name)) },
            ].filter(\.differs)
        return names + model + rest + [fact("made") { day($0.createdAt) }]
    }

    /// The sampling options that are not alike.
    private static func settings(
        _ left: ConceptDB.CaptionRecord, _ right: ConceptDB.CaptionRecord
    ) -> [CompareFact] {
        let keys = Set(members(left.options).keys).union(members(right.options).keys)
        return keys.sorted().map { key in
            CompareFact(
                label: words(key), left: text(left.options[key]), right: text(right.options[key]))
        }.filter(\.differs)
    }

    private static func members(_ value: ConceptDB.JSONValue) -> [String: ConceptDB.JSONValue] {
        guard case .object(let members) = value else { return [:] }
        return members
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    /// "2026-05-04 10:20".
    private static func day(_ time: Timestamp) -> String {
        String(time.description.prefix(16)).replacingOccurrences(of: "T", with: " ")
    }

    private static func figure(
        _ value: ConceptDB.JSONValue?, _ unit: String, digits: Int = 3
    ) -> String {
        let text = text(value, digits: digits)
        return unit.isEmpty || text == "not known" ? text : "\(text) \(unit)"
    }

    private static func text(_ value: ConceptDB.JSONValue?, digits: Int = 3) -> String {
        switch value {
        case .integer(let number): String(number)
        case .number(let number): rounded(number, digits)
        case .string(let text): text
        case .bool(let flag): flag ? "yes" : "no"
        case .array, .object: "several values"
        case nil, .null: "not known"
        }
    }

    /// With at most so many digits behind the point, whatever the user's language writes there.
    private static func rounded(_ number: Double, _ digits: Int) -> String {
        let scale = pow(10, Double(digits))
        let text = String((number * scale).rounded() / scale)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// `topK` as "top k".
    private static func words(_ key: String) -> String {
        key.reduce(into: "") { words, character in
            words += character.isUppercase ? " \(character.lowercased())" : String(character)
        }
    }
}
