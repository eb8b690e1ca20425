public import Foundation
import ImageCodecs
public import VLMRuntime

/// Captions the pictures of a folder, several at a time, each line on the disk when it is made.
public struct FolderRun: Sendable {
    /// What was done in one run.
    public struct Tally: Sendable, Equatable, Codable {
        /// Pictures captioned.
        public var captioned = 0
        /// Pictures that could not be captioned.
        public var failed = 0
        /// Tokens written.
        public var tokens = 0

        /// Nothing yet.
        public init() {}
    }

    private let folder: URL
    private let pictures: [String]
    private let log: CaptionLog
    private let prompt: CaptionPrompt
    private let concepts: [CaptionConcept]
    private let asked: String
    private let question: String?
    private let options: SamplingOptions
    private let modelName: String

    /// Prepares a run over what is not in the log yet.
    ///
    /// - Parameters:
    ///   - pictures: paths relative to the folder.
    ///   - question: `nil` for the profile's own.
    ///   - modelName: what lines call the model.
    /// - Throws: `CaptionPromptError`.
    public init(
        folder: URL, pictures: [String], log: CaptionLog, profile: ModelProfile,
        concepts: [CaptionConcept] = [], question: String? = nil, options: CaptionOptions,
        modelName: String
    ) throws {
        self.folder = folder
        self.pictures = pictures.filter { !log.done.contains($0) }
        self.log = log
        prompt = CaptionPrompt(profile: profile)
        self.concepts = concepts
        self.question = question
        self.options = options.resolved(for: profile)
        self.modelName = modelName
        asked = try prompt.question(question, names: concepts.map(\.name))
    }

    /// Pictures still to be captioned.
    public var left: Int { pictures.count }

    /// Captions with a model in this process, on the calling thread; pictures share each pass of
    /// the weights.
    ///
    /// - Parameters:
    ///   - batch: captions at a time, at most 16.
    ///   - cancellation: ends the run; what is finished is kept, what is begun is not.
    /// - Throws: what keeps lines from being written, or the model from answering at all.
    public func perform(
        _ generator: Generator, batch size: Int, cancellation: CancellationFlag?,
        progress: (Tally) -> Void
    ) throws -> Tally {
        let batch = ContinuousBatch(generator)
        let size = min(max(1, size), ContinuousBatch.capacity)
        var tally = Tally()
        var names: [ContinuousBatch.Member: String] = [:]
        var failure: (any Error)?
        var next = 0
        while failure == nil, cancellation?.isCancelled != true,
            next < pictures.count || batch.count > 0
        {
            if next < pictures.count, batch.count < size {
                let name = pictures[next]
                next += 1
                do {
                    let member = try batch.join(
                        try chat(name), options: options, cancellation: cancellation)
                    names[member] = name
                } catch is CancellationError {
                    break
                } catch let error where Self.concernsPicture(error) {
                    try log.append(line(name, failure: error))
                    tally.failed += 1
                }
                // The first pictures are read together, later ones take the places of finished.
                if next < pictures.count, batch.count < size { continue }
            }
            batch.step { member, ending in
                do {
                    guard let name = names.removeValue(forKey: member) else { return }
                    guard case .finished(let result) = ending else {
                        if case .failed(let error) = ending, !(error is CancellationError) {
                            failure = error
                        }
                        return
                    }
                    guard result.finishReason != .cancelled else { return }
                    try log.append(line(name, result))
                    tally.captioned += 1
                    tally.tokens += result.usage.generatedTokens
                } catch {
                    failure = error
                }
            }
            progress(tally)
        }
        if let failure { throw failure }
        return tally
    }

    /// Captions through engines, as many at a time as they take.
    ///
    /// - Throws: `CancellationError` when the task was cancelled, or what keeps lines from being
    ///   written or engines from answering; what is finished is kept.
    public func perform(
        _ model: EngineModel, progress: @escaping @Sendable (Tally) -> Void
    ) async throws -> Tally {
        try await withThrowingTaskGroup(of: FolderCaption.self) { group in
            var tally = Tally()
            var next = pictures.makeIterator()
            func begin() -> Bool {
                guard let name = next.next() else { return false }
                group.addTask { try await caption(name, model) }
                return true
            }
            for _ in 0..<model.pool.capacity where !begin() { break }
            while let line = try await group.next() {
                if line.error == nil { tally.captioned += 1 } else { tally.failed += 1 }
                tally.tokens += line.tokens ?? 0
                progress(tally)
                _ = begin()
            }
            return tally
        }
    }

    private func caption(_ name: String, _ model: EngineModel) async throws -> FolderCaption {
        let made: FolderCaption
        do {
            made = line(name, try await model.answer(try chat(name), options: options))
        } catch let error where Self.concernsPicture(error) {
            made = line(name, failure: error)
        }
        try log.append(made)
        return made
    }

    private func chat(_ name: String) throws -> [ChatMessage] {
        let picture = try ImageDecoder.decode(fileAt: folder.appending(path: name)).flattened()
        return try prompt.messages(concepts: concepts, query: picture, question: question)
    }

    private func line(_ name: String, _ result: GenerationResult) -> FolderCaption {
        var line = FolderCaption(
            image: name, caption: result.text, model: modelName, question: asked,
            finishReason: result.finishReason.rawValue, tokens: result.usage.generatedTokens)
        if !concepts.isEmpty {
            line.concepts = concepts.map(\.name)
            line.named =
                NameCheck(supplied: concepts.map(\.name)).report(on: result.text).named
        }
        return line
    }

    private func line(_ name: String, failure: any Error) -> FolderCaption {
        FolderCaption(
            image: name, error: "\(failure)", model: modelName, question: asked,
            concepts: concepts.isEmpty ? nil : concepts.map(\.name))
    }

    /// Whether the picture is to blame, so that the others can go on.
    private static func concernsPicture(_ error: any Error) -> Bool {
        if let error = error as? EngineError { return error.concernsRequest }
        if case .promptTooLong? = error as? GenerationError { return true }
        return error is ImageReadError || error is ImagePreprocessingError
    }
}
