import Foundation

extension Generator {
    /// Probabilities of some tokens as the first token of the answer to each of several chats.
    ///
    /// Chats that begin alike and differ in their last words are read together: the common
    /// beginning, pictures included, once, and all their endings in one pass. In float32 the last
    /// bits may differ from those of a chat that is read alone.
    ///
    /// - Parameter ids: token ids within the vocabulary.
    /// - Returns: for each chat one probability per id, of the full softmax.
    /// - Throws: what `generate` throws.
    public func nextTokenProbabilities(
        ofEach chats: [[ChatMessage]], of ids: [Int32], cancellation: CancellationFlag? = nil
    ) throws -> [[Float]] {
        guard chats.count > 1, caches != nil else {
            return try chats.map {
                try nextTokenProbabilities($0, of: ids, cancellation: cancellation)
            }
        }
        let prompts = try chats.map { try model.prepare($0, hasDigests: true) }
        guard let shared = Self.sharedTokens(prompts) else {
            return try chats.map {
                try nextTokenProbabilities($0, of: ids, cancellation: cancellation)
            }
        }
        let start = try read(
            prompts[0].beginning(shared), GenerationClock(), cancellation
        ) { _ in }
        var results: [[Float]] = []
        for first in stride(from: 0, to: prompts.count, by: Self.largestBatch) {
            if cancellation?.isCancelled == true { throw CancellationError() }
            let part = prompts[first..<min(first + Self.largestBatch, prompts.count)]
            let logits = endings(Array(part), from: shared, after: start.session.cache)
            results += (0..<part.count).map { row in
                let logits = logits.rows(row..<row + 1).values
                let total = Sampler.logSumExp(logits)
                return ids.map {
                    logits.indices.contains(Int($0)) ? exp(logits[Int($0)] - total) : 0
                }
            }
        }
        return results
    }

    /// Tokens with which all prompts begin; `nil` when that is not all of their pictures.
    private static func sharedTokens(_ prompts: [PreparedPrompt]) -> Int? {
        let keys = prompts.compactMap(\.key)
        guard let first = keys.first, keys.count == prompts.count else { return nil }
        var shared = first.count - 1
        for key in keys.dropFirst() {
            shared = min(shared, first.commonPrefix(with: key), key.count - 1)
        }
        let pictures = prompts.flatMap(\.images).map(\.tokens.upperBound).max() ?? 0
        return shared >= max(pictures, 1) ? shared : nil
    }

    /// Reads what is left of each prompt in one pass; the logits after each, a row for each.
    private func endings(_ prompts: [PreparedPrompt], from shared: Int, after cache: KVCache)
        -> Matrix
    {
        let counts = prompts.map { $0.ids.count - shared }
        let caches = counts.map { count in
            var copy = cache
            copy.extend(by: count)
            return copy
        }
        let ids = prompts.flatMap { $0.ids[shared...] }
        let positions = MultimodalPositions(
            joining: prompts.map { $0.positions.slice(shared..<$0.ids.count) })
        let x = model.language(
            InputRows(model.language.embed(ids)), at: positions,
            CachedSequences(caches, counts: counts)
        ) { _ in }
        var last: [Float] = []
        var end = 0
        for count in counts {
            end += count
            last += x.rows(end - 1..<end).values
        }
        return model.language.logits(
            Matrix(rows: prompts.count, columns: x.columns, values: last))
    }
}

extension PreparedPrompt {
    /// The first tokens of the prompt.
    ///
    /// - Precondition: no picture stands beyond them.
    func beginning(_ count: Int) -> PreparedPrompt {
        PreparedPrompt(
            ids: Array(ids[..<count]), images: images, positions: positions.slice(0..<count),
            imageTokenCount: imageTokenCount)
    }
}
