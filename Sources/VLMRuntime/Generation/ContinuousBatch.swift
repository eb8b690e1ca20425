import ImageCodecs

/// Answers to different chats that are written side by side; each joins and leaves between two
/// tokens of the others.
///
/// One pass over the weights writes a token of every answer. Each answer is the one
/// `Generator.generate` gives alone, token for token: products of so few rows and attention do not
/// depend on what else is computed with them. Beginnings that prompts share lie in memory once,
/// through the generator's caches, and are attended to together.
///
/// Belongs to one thread.
public final class ContinuousBatch {
    /// An answer of the batch.
    public struct Member: Hashable, Sendable {
        fileprivate let number: Int
    }

    /// How an answer ended.
    public enum Ending: Sendable {
        /// With everything that was written.
        case finished(GenerationResult)
        /// Without an answer.
        case failed(any Error)
    }

    /// Most answers at a time.
    public static let capacity = Generator.largestBatch

    private struct Entry {
        let member: Member
        let prompt: PreparedPrompt
        let use: CacheUse
        let clock: GenerationClock
        let cancellation: CancellationFlag?
        let onText: (String) -> Bool
        var writer: AnswerWriter
        /// Those after the last token that was read.
        var logits: [Float]
    }

    /// What computes.
    public let generator: Generator
    private var entries: [Entry] = []
    /// One for each entry.
    private var sessions: [Session] = []
    private var joined = 0

    /// An empty batch of answers of one model.
    public init(_ generator: Generator) { self.generator = generator }

    /// Answers that are being written.
    public var count: Int { entries.count }

    /// Whether another answer may join.
    public var hasRoom: Bool { count < Self.capacity }

    /// Reads a chat, so that the next step writes the first token of its answer.
    ///
    /// - Parameters:
    ///   - cancellation: ends the reading or the answer at its next safe point.
    ///   - between: called again and again between layers while the chat is read; may call `step`,
    ///     so that the others need not wait.
    ///   - onText: called with text as it becomes certain; returning false ends the answer as
    ///     cancelled.
    /// - Precondition: there is room.
    /// - Throws: what `Generator.generate` throws; the batch is as before.
    @discardableResult public func join(
        _ messages: [ChatMessage], options: SamplingOptions,
        cancellation: CancellationFlag? = nil, between: () -> Void = {},
        onText: @escaping (String) -> Bool = { _ in true }
    ) throws -> Member {
        precondition(hasRoom, "the batch is full")
        let clock = GenerationClock()
        let start = try generator.read(
            messages, answerTokens: options.maxNewTokens, clock, cancellation
        ) { _ in between() }
        joined += 1
        let member = Member(number: joined)
        entries.append(
            Entry(
                member: member, prompt: start.prompt.withoutPixels, use: start.use, clock: clock,
                cancellation: cancellation, onText: onText,
                writer: AnswerWriter(options, prompt: start.prompt.ids, model: generator.model),
                logits: start.logits))
        sessions.append(start.session)
        return member
    }

    /// Writes one token of every answer.
    ///
    /// - Parameter onEnd: called for each answer that ended, which has left then; must not call
    ///   `join` or `step`.
    public func step(onEnd: (Member, Ending) -> Void) {
        var endings: [(index: Int, ending: Ending)] = []
        var going: [Int] = []
        var ids: [Int32] = []
        for index in entries.indices {
            do {
                if let id = try nextToken(index) {
                    going.append(index)
                    ids.append(id)
                } else {
                    endings.append((index, .finished(result(index))))
                }
            } catch {
                endings.append((index, .failed(error)))
            }
        }
        if !going.isEmpty {
            let rows = Session.step(&sessions, at: going, ids)
            for (row, index) in going.enumerated() { entries[index].logits = rows.row(row) }
        }
        let members = endings.map { entries[$0.index].member }
        for (index, _) in endings.reversed() {
            entries.remove(at: index)
            sessions.remove(at: index)
        }
        for (member, (_, ending)) in zip(members, endings) { onEnd(member, ending) }
    }

    /// The token an answer goes on with; `nil` when it has ended.
    private func nextToken(_ index: Int) throws -> Int32? {
        if entries[index].cancellation?.isCancelled == true {
            entries[index].writer.finishReason = .cancelled
            return nil
        }
        var wanted = true
        let onText = entries[index].onText
        let logits = entries[index].logits
        let id = try entries[index].writer.write(logits) { event in
            if case .token(_, let text) = event, !text.isEmpty { wanted = onText(text) }
        }
        guard let id else { return nil }
        entries[index].clock.markToken()
        if !wanted {
            entries[index].writer.finishReason = .cancelled
            return nil
        }
        // The last token that fits is never read.
        guard entries[index].writer.room > 0 else {
            entries[index].writer.finishReason = .length
            return nil
        }
        return id
    }

    private func result(_ index: Int) -> GenerationResult {
        let entry = entries[index]
        generator.keep(sessions[index].cache, entry.prompt, answer: entry.writer.ids)
        var writer = entry.writer
        return writer.result(
            entry.prompt, timings: entry.clock.finish(generated: writer.ids.count),
            cache: entry.use
        ) { event in
            if case .token(_, let text) = event { _ = entry.onText(text) }
        }
    }
}

extension PreparedPrompt {
    /// The prompt without the pictures' pixels, which nobody needs once it has been read.
    var withoutPixels: PreparedPrompt {
        let empty = ImageInput(RGBImage(width: 0, height: 0, pixels: []))
        return PreparedPrompt(
            ids: ids,
            images: images.map {
                PromptImage(
                    input: empty, geometry: $0.geometry, grid: $0.grid, tokens: $0.tokens,
                    digest: $0.digest)
            }, positions: positions, imageTokenCount: imageTokenCount)
    }
}
