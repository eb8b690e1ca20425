extension Generator {
    /// Most answers that are written together; more are written in several batches.
    public static let largestBatch = Session.fewRows

    /// Writes several answers to one chat, decoding them as one batch.
    ///
    /// The chat is read once. Each answer is the one `generate` gives with the same options, token
    /// for token; its `timings` are those of its batch.
    ///
    /// - Parameters:
    ///   - options: one for each answer; seeds usually differ.
    ///   - onEvent: called on the calling thread with the number of the answer; progress of the
    ///     prompt comes as that of answer 0.
    /// - Returns: as many results as options, in their order.
    /// - Throws: what `generate` throws.
    public func generateGroup(
        _ messages: [ChatMessage], options: [SamplingOptions],
        cancellation: CancellationFlag? = nil,
        onEvent: (Int, GenerationEvent) -> Void = { _, _ in }
    ) throws -> [GenerationResult] {
        guard !options.isEmpty else { return [] }
        let clock = GenerationClock()
        let tokens = options.reduce(0) { $0 + $1.maxNewTokens }
        let start = try read(messages, answerTokens: tokens, clock, cancellation) {
            onEvent(0, $0)
        }
        var results: [GenerationResult] = []
        for first in stride(from: 0, to: options.count, by: Self.largestBatch) {
            let part = options[first..<min(first + Self.largestBatch, options.count)]
            var batch = AnswerBatch(start, options: Array(part))
            try batch.run(after: start.logits, cancellation) { index, event in
                clock.markToken()
                onEvent(first + index, event)
            }
            results += batch.results(start, clock) { onEvent(first + $0, $1) }
        }
        return results
    }
}

/// Answers that grow together, one token each a step.
private struct AnswerBatch {
    private var sessions: [Session]
    private var writers: [AnswerWriter]

    init(_ start: Generator.Start, options: [SamplingOptions]) {
        sessions = options.map { _ in start.session }
        writers = options.map {
            AnswerWriter($0, prompt: start.prompt.ids, model: start.session.model)
        }
    }

    mutating func run(
        after logits: [Float], _ cancellation: CancellationFlag?,
        _ onEvent: (Int, GenerationEvent) -> Void
    ) throws {
        var rows = Matrix(rows: 1, columns: logits.count, values: logits)
        var active = Array(writers.indices)
        var rowOf = [Int](repeating: 0, count: writers.count)
        while !active.isEmpty {
            var going: [Int] = []
            var ids: [Int32] = []
            for index in active {
                guard
                    let id = try writers[index].write(
                        rows.row(rowOf[index]), { onEvent(index, $0) })
                else { continue }
                if cancellation?.isCancelled == true {
                    writers[index].finishReason = .cancelled
                } else if writers[index].room == 0 {
                    writers[index].finishReason = .length
                } else {
                    rowOf[index] = going.count
                    going.append(index)
                    ids.append(id)
                }
            }
            active = going
            if !active.isEmpty { rows = Session.step(&sessions, at: active, ids) }
        }
    }

    mutating func results(
        _ start: Generator.Start, _ clock: GenerationClock,
        _ onEvent: (Int, GenerationEvent) -> Void
    ) -> [GenerationResult] {
        writers.indices.map { index in
            let timings = clock.finish(generated: writers[index].ids.count)
            return writers[index].result(start.prompt, timings: timings, cache: start.use) {
                onEvent(index, $0)
            }
        }
    }
}
