/// One conversation with a model: its cache and where it stands.
struct Session {
    let model: VisionLanguageModel
    let cancellation: CancellationFlag?
    private(set) var cache: KVCache
    private(set) var nextPosition: Int32 = 0

    /// Rows up to which products take the same code as for one row, in every arithmetic.
    static let fewRows = 16

    /// - Parameter cache: the state of the beginning of the prompt; `nil` starts empty.
    init(
        model: VisionLanguageModel, cache: KVCache? = nil, cancellation: CancellationFlag? = nil
    ) {
        self.model = model
        self.cancellation = cancellation
        self.cache = cache ?? KVCache(model.configuration.text, storage: model.keyValueStorage)
    }

    /// Reads the part of a prompt that is not in the cache yet; returns the logits after its last
    /// token.
    ///
    /// - Parameter input: rows of the tokens that are missing.
    mutating func prefill(
        _ input: InputRows, _ prompt: PreparedPrompt, _ onEvent: (GenerationEvent) -> Void
    ) throws -> [Float] {
        let layers = Double(model.language.layers.count)
        let (first, total) = (cache.count, input.count)
        var last = Matrix(rows: 0, columns: input.embeddings.columns)
        var start = 0
        while start < total {
            // Pieces end at fixed places of the prompt, whatever was in the cache.
            let room = model.prefillChunk - (first + start) % model.prefillChunk
            let range = start..<min(start + room, total)
            let share = Double(range.count) / Double(total)
            let done = Double(start) / Double(total)
            let cancellation = cancellation
            let x = try model.language(
                input.rows(range),
                at: prompt.positions.slice(first + range.lowerBound..<first + range.upperBound),
                cache: &cache
            ) { layer in
                if cancellation?.isCancelled == true { throw CancellationError() }
                onEvent(.progress(.prefill, fraction: done + share * Double(layer) / layers))
            }
            last = x.rows(x.rows - 1..<x.rows)
            start = range.upperBound
        }
        nextPosition = prompt.positions.next
        return model.language.logits(last).values
    }

    /// Reads one token; returns the logits after it.
    mutating func step(_ id: Int32) throws -> [Float] { read([id]).values }

    /// Reads up to `fewRows` tokens; returns the logits after each.
    mutating func read(_ ids: [Int32]) -> Matrix {
        precondition(ids.count <= Self.fewRows)
        let positions = MultimodalPositions(textTokens: ids.count, after: nextPosition)
        nextPosition = positions.next
        let x = model.language(model.language.embed(ids), at: positions, cache: &cache) { _ in }
        return model.language.logits(x)
    }

    /// Forgets the last tokens, which are text.
    mutating func forget(_ count: Int) {
        guard count > 0 else { return }
        cache.truncate(to: cache.count - count)
        nextPosition -= Int32(count)
    }

    /// Reads one token in each of several conversations with one model.
    ///
    /// - Precondition: at most `fewRows` conversations.
    /// - Returns: the logits of each, `[sessions, vocabularySize]`.
    static func step(_ sessions: inout [Session], at indices: [Int], _ ids: [Int32]) -> Matrix {
        precondition(indices.count == ids.count && !ids.isEmpty && ids.count <= fewRows)
        var positions: [MultimodalPositions] = []
        for index in indices {
            positions.append(
                MultimodalPositions(textTokens: 1, after: sessions[index].nextPosition))
            sessions[index].nextPosition += 1
            sessions[index].cache.extend(by: 1)
        }
        let model = sessions[indices[0]].model
        let sequences = CachedSequences(
            indices.map { sessions[$0].cache }, counts: indices.map { _ in 1 })
        let x = model.language(
            InputRows(model.language.embed(ids)), at: MultimodalPositions(joining: positions),
            sequences
        ) { _ in }
        return model.language.logits(x)
    }
}

extension VisionLanguageModel {
    /// Whether a row of a product never depends on how many rows are computed with it.
    ///
    /// Not so in float32, where OpenBLAS takes over when there are many rows and adds in another
    /// order.
    var hasIndependentRows: Bool { arithmetic != .float32 }

    /// Tokens read at once in prefill: enough rows to keep the products busy, few enough that
    /// scratch memory stays bounded for any prompt.
    ///
    /// Where rows are not independent, reusing the beginning of a prompt gives the same bits only
    /// if the rest is computed in the same pieces as without reuse. So pieces are small there, and
    /// reuse ends where a piece ends.
    var prefillChunk: Int { hasIndependentRows ? 512 : 64 }

    /// Reuse of a prompt's beginning ends at a multiple of this.
    var reuseGranularity: Int { hasIndependentRows ? 1 : prefillChunk }
}
