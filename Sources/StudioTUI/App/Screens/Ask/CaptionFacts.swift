import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// What is known of a caption once it is written, fresh or from the history.
struct CaptionFacts: Sendable, Equatable {
    var caption: String
    /// Names of the supplied concepts, in the order of their slots.
    var concepts: [String]
    var named: [String]
    var unnamed: [String]
    /// Names it uses of nobody supplied.
    var wrong: [String]
    var question: String
    var model: String
    var adapter: String?
    var seed: UInt64
    var sampling: CaptionSampling?
    var isCancelled: Bool
    var usage: TokenUsage?
    var timings: GenerationTimings?

    init(_ record: PersonalCaption.CaptionRecord) {
        caption = record.caption
        concepts = record.concepts
        named = record.named
        unnamed = record.unnamed
        wrong = record.absent
        question = record.question
        model = record.model
        adapter = record.adapter
        seed = record.seed
        sampling = record.sampling
        isCancelled = record.finishReason == .cancelled
        usage = record.usage
        timings = record.timings
    }

    init(_ record: ConceptDB.CaptionRecord) {
        caption = record.caption
        concepts = record.concepts.map(\.name)
        named = record.named
        unnamed = record.unnamed
        wrong = record.absent
        question = record.question
        model = record.model
        adapter = record.adapter
        seed = record.seed
        sampling = try? record.options.decoded(as: CaptionSampling.self)
        isCancelled = record.finishReason == FinishReason.cancelled.rawValue
        usage = try? record.usage.decoded(as: TokenUsage.self)
        timings = try? record.timings.decoded(as: GenerationTimings.self)
    }

    /// The caption with every name marked: supplied ones by their slot, wrong ones as mistakes.
    var tagged: [TaggedText] {
        let report = NameCheck(supplied: concepts, library: wrong).report(on: caption)
        var pieces: [TaggedText] = []
        func add(_ range: Range<String.Index>, _ role: TextRole) {
            guard !range.isEmpty else { return }
            let text = TerminalText.sanitized(String(caption[range]), lines: true)
            pieces.append(TaggedText(text, role))
        }
        var end = caption.startIndex
        for mention in report.mentions {
            let range = withBrackets(mention)
            guard range.lowerBound >= end else { continue }
            add(end..<range.lowerBound, .plain)
            add(range, role(of: mention))
            end = range.upperBound
        }
        add(end..<caption.endIndex, .plain)
        return pieces
    }

    private func role(of mention: NameMention) -> TextRole {
        guard mention.kind == .supplied, let slot = concepts.firstIndex(of: mention.name) else {
            return .bad
        }
        return .concept(slot)
    }

    /// A name and the brackets directly around it.
    private func withBrackets(_ mention: NameMention) -> Range<String.Index> {
        let range = mention.range
        guard mention.isBracketed, range.lowerBound > caption.startIndex,
            range.upperBound < caption.endIndex
        else { return range }
        let before = caption.index(before: range.lowerBound)
        guard caption[before] == "<", caption[range.upperBound] == ">" else { return range }
        return before..<caption.index(after: range.upperBound)
    }

    /// "mini" or "mini + milo-1".
    var writer: String { [model, adapter].compactMap(\.self).joined(separator: " + ") }

    /// "212 + 31 tokens, first after 0.42 s, 85.1 tokens/s".
    var speed: String {
        var parts: [String] = []
        if let usage { parts.append("\(usage.promptTokens) + \(usage.generatedTokens) tokens") }
        if let timings { parts += Self.speed(timings) }
        return parts.joined(separator: ", ")
    }

    /// What belongs in a title: "first 0.42 s", "85.1 tokens/s".
    static func speed(_ timings: GenerationTimings) -> [String] {
        [
            "first \(figure(timings.firstToken, 2)) s",
            "\(figure(timings.tokensPerSecond, 1)) tokens/s",
        ]
    }

    static func figure(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    /// "greedy, up to 160 tokens" or "temperature 0.7, top-p 0.9, seed 12, up to 160 tokens".
    var settings: String {
        guard let sampling else { return "seed \(seed)" }
        var parts: [String] = []
        if sampling.temperature < 1e-4 {
            parts.append("greedy")
        } else {
            parts.append("temperature \(sampling.temperature)")
            if sampling.topP < 1 { parts.append("top-p \(sampling.topP)") }
            if sampling.topK > 0 { parts.append("top-k \(sampling.topK)") }
            parts.append("seed \(seed)")
        }
        if sampling.repetitionPenalty != 1 {
            parts.append("repetition penalty \(sampling.repetitionPenalty)")
        }
        parts.append("up to \(sampling.maxTokens) tokens")
        return parts.joined(separator: ", ")
    }

    /// Who was named, who was not and who should not have been: a sign and a word for each.
    func marks(_ symbols: Symbols) -> [TaggedText] {
        let supplied = concepts.enumerated().map { slot, name in
            named.contains(name)
                ? TaggedText("\(symbols.check) \(name)", .concept(slot))
                : TaggedText("\(symbols.unselected) \(name) not named", .warning)
        }
        return supplied
            + wrong.map { TaggedText("\(symbols.cross) \($0) does not belong here", .bad) }
    }
}

/// Marks beside each other, as many in a row as fit.
enum CaptionMarks {
    static func rows(_ marks: [TaggedText], columns: Int) -> [CaptionFlow.Line] {
        var rows: [CaptionFlow.Line] = []
        var row = CaptionFlow.Line()
        for mark in marks {
            let text = TerminalText.truncated(TerminalText.sanitized(mark.text), to: columns)
            let width = TerminalText.width(text)
            if !row.isEmpty, row.width + 2 + width > columns {
                rows.append(row)
                row = CaptionFlow.Line()
            }
            if !row.isEmpty { row.append("  ", .plain, width: 2) }
            row.append(text, mark.role, width: width)
        }
        return row.isEmpty ? rows : rows + [row]
    }
}
