import Foundation
import TerminalUI

/// Options of `studio train` as one line of a form: `steps=40 rank=8`.
enum TrainOptions {
    private struct Option: Sendable {
        let name: String
        let range: ClosedRange<Double>
        let isWhole: Bool
        let set: @Sendable (inout TrainingWish, Double) -> Void

        init(
            _ name: String, _ range: ClosedRange<Double>, isWhole: Bool = true,
            _ set: @escaping @Sendable (inout TrainingWish, Double) -> Void
        ) {
            self.name = name
            self.range = range
            self.isWhole = isWhole
            self.set = set
        }
    }

    private static let all = [
        Option("steps", 1...1_000_000) { $0.steps = Int($1) },
        Option("answers", 2...64) { $0.answers = Int($1) },
        Option("prompts", 1...64) { $0.prompts = Int($1) },
        Option("retries", 0...64) { $0.retries = Int($1) },
        Option("max-tokens", 1...4096) { $0.maximumTokens = Int($1) },
        Option("rank", 1...256) { $0.rank = Int($1) },
        Option("held-out", 0...1000) { $0.heldOut = Int($1) },
        Option("checkpoint-every", 1...1_000_000) { $0.checkpointEvery = Int($1) },
        Option("seed", 0...9_007_199_254_740_991) { $0.seed = UInt64($1) },
        Option("learning-rate", 1e-9...1, isWhole: false) { $0.learningRate = $1 },
        Option("temperature", 1e-3...2, isWhole: false) { $0.temperature = Float($1) },
    ]

    static let names = all.map(\.name).joined(separator: ", ")

    /// Puts the options of a line into a wish.
    ///
    /// - Returns: what is wrong with the line, if anything.
    static func apply(_ line: String, to wish: inout TrainingWish) -> String? {
        for word in line.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: "=", maxSplits: 1)
            let shown = TerminalText.sanitized(String(word.prefix(40)))
            guard parts.count == 2, let option = all.first(where: { $0.name == parts[0] }) else {
                return "'\(shown)' is no option; write NAME=VALUE with one of \(names)"
            }
            guard let value = Double(parts[1]), option.range.contains(value),
                !option.isWhole || value == value.rounded()
            else {
                let least = option.isWhole ? "\(Int(option.range.lowerBound))" : "more than 0"
                let most = Int(option.range.upperBound)
                return "\(option.name) takes \(least) to \(most), not "
                    + TerminalText.sanitized(String(parts[1].prefix(40)))
            }
            option.set(&wish, value)
        }
        return nil
    }
}
