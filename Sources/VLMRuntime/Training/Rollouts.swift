import CKernels
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
    private var caches: [KVCache]
    private var samplers: [Sampler]
    private var ids: [[Int32]]
    private var ended: [Bool]
    private var nextPosition: Int32
    /// Logits for each answer that is still being written, in order.
    private var logits: Matrix

    init(
        model: VisionLanguageModel, prompt: ReadyPrompt, count: Int, options: SamplingOptions,
        cancellation: CancellationFlag?
    ) throws {
        self.model = model
        self.cancellation = cancellation
        var cache = KVCache(model.configuration.text)
        var last = Matrix(rows: 0, columns: prompt.rows.columns)
        for start in stride(from: 0, to: prompt.rows.rows, by: Session.chunk) {
            let range = start..<min(start + Session.chunk, prompt.rows.rows)
            let x = try model.language(
                prompt.rows.rows(range), at: prompt.positions.slice(range), cache: &cache
            ) { _ in
                if cancellation?.isCancelled == true { throw CancellationError() }
            }
            last = x.rows(x.rows - 1..<x.rows)
        }
        let first = model.language.logits(last).values
        logits = Matrix(
            rows: count, columns: first.count, values: (0..<count).flatMap { _ in first })
        caches = Array(repeating: cache, count: count)
        var seeds = RandomSource(seed: options.seed)
        samplers = (0..<count).map { _ in
            var own = options
            own.seed = seeds.next()
            return Sampler(
                own, prompt: prompt.ids, endOfTurn: model.generationDefaults.endOfTurnTokens)
        }
        ids = Array(repeating: [], count: count)
        ended = Array(repeating: false, count: count)
        nextPosition = prompt.positions.next
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
            let id = samplers[answer].next(scores).id
            ids[answer].append(id)
            if model.generationDefaults.endOfTurnTokens.contains(id) {
                ended[answer] = true
            } else {
                chosen.append((answer, id))
            }
        }
        guard !chosen.isEmpty else { return }
        var positions = MultimodalPositions(textTokens: 0, after: nextPosition)
        for axis in [\MultimodalPositions.time, \.height, \.width] {
            positions[keyPath: axis] = chosen.map { _ in nextPosition }
        }
        nextPosition += 1
        let x = model.language.step(
            model.language.embed(chosen.map(\.id)), at: positions, caches: &caches,
            owners: chosen.map(\.answer))
        logits = model.language.logits(x)
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

extension LanguageModel {
    /// Reads one token for each of several conversations at once.
    ///
    /// - Parameters:
    ///   - x: `[owners.count, hiddenSize]`.
    ///   - owners: which cache a row belongs to, ascending.
    fileprivate func step(
        _ x: Matrix, at positions: MultimodalPositions, caches: inout [KVCache], owners: [Int]
    ) -> Matrix {
        var x = x
        let text = configuration
        let (d, narrow) = (text.headDimension, text.keyValueHeadCount * text.headDimension)
        let rope = positions.rotaryTable(text)
        for (index, layer) in layers.enumerated() {
            let normed = layer.attentionNorm(x)
            var q = layer.attention.query(normed)
            var k = layer.attention.key(normed)
            let v = layer.attention.value(normed)
            rope.turn(&q, heads: text.headCount, headDimension: d)
            rope.turn(&k, heads: text.keyValueHeadCount, headDimension: d)
            for (row, owner) in owners.enumerated() {
                caches[owner].layers[index].append(
                    keys: k.rows(row..<row + 1), values: v.rows(row..<row + 1))
            }
            var attended = Matrix(uninitializedRows: q.rows, columns: q.columns)
            let target = attended.mutable
            let problems = owners.enumerated().map { row, owner in
                let cache = caches[owner].layers[index]
                return ck_attention_problem(
                    q: q.pointer + row * q.columns, k: cache.keys.pointer,
                    v: cache.values.pointer, out: target + row * q.columns, queries: 1,
                    keys: cache.count, heads: text.headCount, kv_heads: text.keyValueHeadCount,
                    d: d, q_stride: q.columns, kv_stride: narrow, out_stride: q.columns,
                    causal: true)
            }
            ck_attention_batch(problems, problems.count)
            withExtendedLifetime((q, caches)) {}
            x += layer.attention.output(attended)
            x += layer.mlp(layer.mlpNorm(x))
        }
        return x
    }
}
