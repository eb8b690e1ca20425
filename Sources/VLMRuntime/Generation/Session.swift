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

    /// What one of several conversations reads in a pass over the weights.
    struct Reading {
        /// The conversation's place.
        let session: Int
        /// Rows of the tokens that come next.
        let input: InputRows
        let positions: MultimodalPositions
        /// Where the text after these tokens goes on.
        let nextPosition: Int32
    }

    /// Reads one token in each of several conversations with one model.
    ///
    /// - Precondition: at most `fewRows` conversations.
    /// - Returns: the logits of each, `[sessions, vocabularySize]`.
    static func step(_ sessions: inout [Session], at indices: [Int], _ ids: [Int32]) -> Matrix {
        precondition(indices.count == ids.count)
        return read(
            &sessions, zip(indices, ids).map { sessions[$0].reading($1, at: $0) })
    }

    /// The next token of a conversation.
    func reading(_ id: Int32, at place: Int) -> Reading {
        let positions = MultimodalPositions(textTokens: 1, after: nextPosition)
        return Reading(
            session: place, input: InputRows(model.language.embed([id])), positions: positions,
            nextPosition: positions.next)
    }

    /// Reads the next tokens of several conversations with one model, in one pass over its weights.
    ///
    /// - Precondition: each conversation once, at most `fewRows`; more than `fewRows` tokens only
    ///   with independent rows.
    /// - Returns: the logits after the last token of each, `[readings, vocabularySize]`.
    static func read(_ sessions: inout [Session], _ readings: [Reading]) -> Matrix {
        precondition(!readings.isEmpty && readings.count <= fewRows)
        for reading in readings {
            sessions[reading.session].cache.extend(by: reading.input.count)
            sessions[reading.session].nextPosition = reading.nextPosition
        }
        let model = sessions[readings[0].session].model
        let counts = readings.map(\.input.count)
        let sequences = CachedSequences(
            readings.map { sessions[$0.session].cache }, counts: counts)
        let x = model.language(
            InputRows(joining: readings.map(\.input)),
            at: MultimodalPositions(joining: readings.map(\.positions)), sequences
        ) { _ in }
        var end = 0
        return model.language.logits(
            Matrix(
                joining: counts.map { count in
                    end += count
                    return x.rows(end - 1..<end)
                }))
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
