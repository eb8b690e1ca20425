import Foundation

/// One answer a policy gave to a prompt.
public struct Rollout: Sendable, Equatable {
    /// Generated ids, the end of the turn included when the model ended it.
    public var ids: [Int32]
    /// The answer without control tokens.
    public var text: String
    /// Why it ended.
    public var finishReason: FinishReason

    /// Takes the values as they are.
    public init(ids: [Int32], text: String, finishReason: FinishReason) {
        self.ids = ids
        self.text = text
        self.finishReason = finishReason
    }
}

extension VisionLanguageModel {
    /// Answers one prompt several times, decoding all answers together.
    ///
    /// The prompt is read once. Each answer has random numbers of its own, so that it does not
    /// depend on how many others are made or when they end.
    ///
    /// - Parameter options: its seed decides all answers.
    /// - Throws: `GenerationError`, or `CancellationError`.
    public func rollouts(
        after prompt: ReadyPrompt, count: Int, options: SamplingOptions,
        cancellation: CancellationFlag? = nil
    ) throws -> [Rollout] {
        let room = configuration.text.contextLength - prompt.ids.count
        let limit = min(options.maxNewTokens, room)
        guard limit > 0 else {
            throw GenerationError.promptTooLong(
                tokens: prompt.ids.count, limit: configuration.text.contextLength)
        }
        var batch = try RolloutBatch(
            model: self, prompt: prompt, count: count, options: options,
            cancellation: cancellation)
        for _ in 0..<limit where !batch.isDone { try batch.step() }
        return batch.rollouts()
    }
}

/// Answers being written side by side behind one prompt.
private struct RolloutBatch {
    private let model: VisionLanguageModel
    private let cancellation: CancellationFlag?
    private var sessions: [Session]
    private var samplers: [Sampler]
    private var ids: [[Int32]]
    private var ended: [Bool]
    /// Logits for each answer that is still being written, in order.
    private var logits: Matrix

    init(
        model: VisionLanguageModel, prompt: ReadyPrompt, count: Int, options: SamplingOptions,
        cancellation: CancellationFlag?
    ) throws {
        self.model = model
        self.cancellation = cancellation
        var session = Session(model: model, cancellation: cancellation)
        let read = PreparedPrompt(
            ids: prompt.ids, images: [], positions: prompt.positions, imageTokenCount: 0)
        let first = try session.prefill(prompt.rows, read) { _ in }
        logits = Matrix(
            rows: count, columns: first.count, values: (0..<count).flatMap { _ in first })
        sessions = Array(repeating: session, count: count)
        var seeds = RandomSource(seed: options.seed)
        samplers = (0..<count).map { _ in
            var own = options
            own.seed = seeds.next()
            return Sampler(
                own, prompt: prompt.ids, endOfTurn: model.generationDefaults.endOfTurnTokens)
        }
        ids = Array(repeating: [], count: count)
        ended = Array(repeating: false, count: count)
    }

    var isDone: Bool { ended.allSatisfy(\.self) }

    /// Writes one token of every answer that has not ended.
    mutating func step() throws {
        if cancellation?.isCancelled == true { throw CancellationError() }
        // The logits belong to those who had not ended when they were computed.
        let width = logits.columns
        let all = logits.values
        var chosen: [(answer: Int, id: Int32)] = []
        for (row, answer) in ended.indices.filter({ !ended[$0] }).enumerated() {
            let scores = Array(all[row * width..<(row + 1) * width])
            guard scores.allSatisfy({ !$0.isNaN }) else {
                throw GenerationError.notANumber(folder: model.folder.path)
            }
            let id = samplers[answer].choose(scores)
            ids[answer].append(id)
            if model.generationDefaults.endOfTurnTokens.contains(id) {
                ended[answer] = true
            } else {
                chosen.append((answer, id))
            }
        }
        guard !chosen.isEmpty else { return }
        var values: [Float] = []
        for first in stride(from: 0, to: chosen.count, by: Session.fewRows) {
            let part = chosen[first..<min(first + Session.fewRows, chosen.count)]
            values += Session.step(&sessions, at: part.map(\.answer), part.map(\.id)).values
        }
        logits = Matrix(rows: chosen.count, columns: width, values: values)
    }

    func rollouts() -> [Rollout] {
        ids.indices.map { answer in
            let end = ended[answer]
            var detokenizer = StreamingDetokenizer(model.tokenizer)
            let written = end ? ids[answer].dropLast() : ids[answer][...]
            var text = written.reduce(into: "") { $0 += detokenizer.append($1) }
            text += detokenizer.finish()
            return Rollout(ids: ids[answer], text: text, finishReason: end ? .stop : .length)
        }
    }
}
