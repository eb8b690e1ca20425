import ImageCodecs

/// Answers to different chats that are written side by side; each joins and leaves between two
/// tokens of the others.
///
/// One pass over the weights writes a token of every answer, and reads on in the prompts of those
/// that have joined. Each answer is the one `Generator.generate` gives alone, token for token:
/// products of so few rows and attention do not depend on what else is computed with them; where
/// products of many rows do, prompts are read alone. Beginnings that prompts share lie in memory
/// once, through the generator's caches, and are attended to together.
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
        /// Without an answer; a `CancellationError` when it was given up before its first token.
        case failed(any Error)
    }

    /// Most answers at a time.
    public static let capacity = Generator.largestBatch

    private struct Entry {
        let member: Member
        let prompt: PreparedPrompt
        let clock: GenerationClock
        let cancellation: CancellationFlag?
        let onText: (String) -> Bool
        var use: CacheUse
        var writer: AnswerWriter
        var stage: Stage
    }

    private enum Stage {
        case reading(PromptReading)
        /// The logits after the last token that was read.
        case writing([Float])
    }

    /// What computes.
    public let generator: Generator
    private let policy: PromptReadingPolicy
    private var entries: [Entry] = []
    /// One for each entry.
    private var sessions: [Session] = []
    private var joined = 0

    /// An empty batch of answers of one model.
    public convenience init(_ generator: Generator) {
        self.init(generator, policy: PromptReadingPolicy())
    }

    init(_ generator: Generator, policy: PromptReadingPolicy) {
        self.generator = generator
        self.policy = policy
    }

    /// Answers that are being written, or whose prompts are being read.
    public var count: Int { entries.count }

    /// Whether another answer may join.
    public var hasRoom: Bool { count < Self.capacity }

    /// Takes a chat in and looks at its pictures; the next steps read its text, and write its answer.
    ///
    /// - Parameters:
    ///   - cancellation: ends the reading or the answer at its next safe point.
    ///   - between: called again and again between layers while the chat is looked at; may call
    ///     `step`, so that the others need not wait.
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
        let prompt = try generator.model.prepare(
            messages, hasDigests: generator.caches != nil)
        let session: Session
        let use: CacheUse
        let stage: Stage
        if generator.model.hasIndependentRows {
            if cancellation?.isCancelled == true { throw CancellationError() }
            let opening = try generator.open(
                prompt, answerTokens: options.maxNewTokens, clock, cancellation
            ) { _ in between() }
            (session, use) = (opening.session, opening.use)
            stage = .reading(
                PromptReading(
                    input: opening.input, waitsFor: first(sharing: prompt, with: session)))
        } else {
            let start = try generator.read(
                prompt, answerTokens: options.maxNewTokens, clock, cancellation
            ) { _ in between() }
            (session, use, stage) = (start.session, start.use, .writing(start.logits))
        }
        joined += 1
        let member = Member(number: joined)
        entries.append(
            Entry(
                member: member, prompt: prompt.withoutPixels, clock: clock,
                cancellation: cancellation, onText: onText, use: use,
                writer: AnswerWriter(options, prompt: prompt.ids, model: generator.model),
                stage: stage))
        sessions.append(session)
        return member
    }

    /// The first of those being read whose prompt has a long beginning in common that is not known
    /// yet; it is read once.
    private func first(sharing prompt: PreparedPrompt, with session: Session) -> Member? {
        guard generator.caches != nil, let key = prompt.key else { return nil }
        return entries.first { entry in
            guard case .reading = entry.stage, let other = entry.prompt.key else { return false }
            return policy.isWorthWaiting(
                shared: key.commonPrefix(with: other), known: session.cache.count)
        }?.member
    }

    /// Writes one token of every answer, and reads on in the prompts.
    ///
    /// - Parameter onEnd: called for each answer that ended, which has left then; must not call
    ///   `join` or `step`.
    public func step(onEnd: (Member, Ending) -> Void) {
        var endings: [(index: Int, ending: Ending)] = []
        var readings: [Session.Reading] = []
        for index in entries.indices {
            do {
                guard let logits = try writingLogits(index) else { continue }
                if let id = try nextToken(index, logits) {
                    readings.append(sessions[index].reading(id, at: index))
                } else {
                    endings.append((index, .finished(result(index))))
                }
            } catch {
                endings.append((index, .failed(error)))
            }
        }
        readings += promptReadings(besides: readings.count)
        if !readings.isEmpty {
            let logits = Session.read(&sessions, readings)
            for (row, reading) in readings.enumerated() { advance(reading, logits.row(row)) }
        }
        let members = endings.map { entries[$0.index].member }
        for (index, _) in endings.reversed() {
            entries.remove(at: index)
            sessions.remove(at: index)
        }
        for (member, (_, ending)) in zip(members, endings) { onEnd(member, ending) }
    }

    /// The logits an answer goes on from; `nil` while its prompt is being read.
    private func writingLogits(_ index: Int) throws -> [Float]? {
        switch entries[index].stage {
        case .writing(let logits): return logits
        case .reading:
            if entries[index].cancellation?.isCancelled == true { throw CancellationError() }
            return nil
        }
    }

    /// The next pieces of the prompts.
    private func promptReadings(besides writing: Int) -> [Session.Reading] {
        let unread = Set(
            entries.filter { if case .reading = $0.stage { true } else { false } }.map(\.member))
        guard !unread.isEmpty else { return [] }
        var room = policy.rows(besides: writing)
        var readings: [Session.Reading] = []
        for index in entries.indices {
            guard room > 0, case .reading(var reading) = entries[index].stage,
                entries[index].cancellation?.isCancelled != true
            else { continue }
            if let other = reading.waitsFor {
                if unread.contains(other) { continue }
                reading.waitsFor = nil
                take(index, &reading)
            }
            let count = min(room, reading.left)
            room -= count
            let first = sessions[index].cache.count
            let positions = entries[index].prompt.positions
            readings.append(
                Session.Reading(
                    session: index, input: reading.input.rows(reading.done..<reading.done + count),
                    positions: positions.slice(first..<first + count),
                    nextPosition: positions.next))
            reading.done += count
            entries[index].stage = .reading(reading)
        }
        return readings
    }

    /// Takes over what another prompt has left in the caches.
    private func take(_ index: Int, _ reading: inout PromptReading) {
        let had = sessions[index].cache.count
        guard let known = generator.known(of: entries[index].prompt), known.count > had else {
            return
        }
        reading.done += known.count - had
        sessions[index] = Session(
            model: generator.model, cache: known, cancellation: entries[index].cancellation)
        entries[index].use.promptTokensReused = known.count
    }

    /// Keeps the logits after what was read, unless more of a prompt is to come.
    private func advance(_ reading: Session.Reading, _ logits: [Float]) {
        let index = reading.session
        if case .reading(let prompt) = entries[index].stage {
            guard prompt.left == 0 else { return }
            entries[index].clock.mark(\.prefill)
            generator.keep(sessions[index].cache, entries[index].prompt, answer: [])
        }
        entries[index].stage = .writing(logits)
    }

    /// The token an answer goes on with; `nil` when it has ended.
    private func nextToken(_ index: Int, _ logits: [Float]) throws -> Int32? {
        if entries[index].cancellation?.isCancelled == true {
            entries[index].writer.finishReason = .cancelled
            return nil
        }
        var wanted = true
        let onText = entries[index].onText
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
