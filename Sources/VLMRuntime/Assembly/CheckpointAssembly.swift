public import Foundation

/// Joins a Qwen2.5 language model and the vision tower of a Qwen2.5-VL checkpoint into one
/// Qwen2.5-VL folder, as the models that CapRL starts from were made.
///
/// Tokenizer, chat template, image processor and sampling come from the Qwen2.5-VL side; both
/// tokenizers must give every id the same text. Source: `initiallize_vlm_3b.ipynb` of
/// Cooperx521/ScaleCap.
public struct CheckpointAssembly: Sendable {
    /// Folder of the language model, `model_type` qwen2.
    public let language: URL
    /// Folder of the Qwen2.5-VL checkpoint.
    public let vision: URL
    /// Seed of a fresh merger in place of the checkpoint's own; `nil` keeps that.
    public let newMergerSeed: UInt64?

    /// Largest weight file, in bytes; more is cut into several with an index.
    var shardLimit = 5_000_000_000

    /// What was made.
    public struct Outcome: Sendable, Equatable {
        /// Number of weights.
        public let parameters: Int
        /// Bytes of the weight files.
        public let bytes: Int
        /// Number of weight files.
        public let files: Int
        /// Features of a token.
        public let hiddenSize: Int
        /// Whether the merger is fresh and has to be trained.
        public let hasNewMerger: Bool
    }

    /// Takes the folders as they are; nothing is read before `write`.
    public init(language: URL, vision: URL, newMergerSeed: UInt64? = nil) {
        self.language = language
        self.vision = vision
        self.newMergerSeed = newMergerSeed
    }

    /// Writes the joined folder, a piece of a tensor at a time.
    ///
    /// It appears under its name when it is complete, on disk, and has been opened as a model.
    ///
    /// - Parameters:
    ///   - destination: a folder that does not exist yet or is empty.
    ///   - cancellation: checked between pieces.
    ///   - progress: part done, 0…1.
    /// - Throws: `CheckpointError` or `TokenizerError` for what does not fit, `AssemblyError` when
    ///   the disk fails, or `CancellationError`.
    @discardableResult
    public func write(
        to destination: URL, cancellation: CancellationFlag? = nil,
        progress: (Double) -> Void = { _ in }
    ) throws -> Outcome {
        let destination = destination.standardizedFileURL
        let existing = try? FileManager.default.contentsOfDirectory(atPath: destination.path)
        guard existing?.isEmpty ?? !FileManager.default.fileExists(atPath: destination.path) else {
            throw CheckpointError.refused(
                file: destination.path, problem: "something is there already",
                advice: "name a folder that does not exist yet")
        }
        let parts = try AssemblyParts(self)
        try checkTokenizers(parts)
        let tensors = try parts.tensors(newMergerSeed: newMergerSeed)
        let folder = try AssemblyFolder(for: destination)
        defer { folder.discard() }
        try folder.checkSpace(tensors.reduce(16 << 20) { $0 + $1.byteCount })
        let files = try folder.write(
            tensors, shardLimit: shardLimit, cancellation: cancellation, progress: progress)
        try folder.write(parts.configurationText(), named: "config.json")
        try folder.copySettings(from: vision)
        // The same look at every tensor that the folder will get as a model.
        let model = try VisionLanguageModel.load(folder: folder.url)
        let outcome = Outcome(
            parameters: model.parameterCount,
            bytes: tensors.reduce(0) { $0 + $1.byteCount }, files: files,
            hiddenSize: parts.hiddenSize, hasNewMerger: newMergerSeed != nil)
        try folder.finish()
        return outcome
    }

    /// The embedding is the language model's, the texts of its ids the other side's.
    private func checkTokenizers(_ parts: AssemblyParts) throws {
        let own = try Tokenizer(directory: language)
        let other = try Tokenizer(directory: vision)
        for id in 0..<Int32(max(own.vocabularySize, other.vocabularySize)) {
            // What only one side has is an added token that the other does not know.
            let (text, wanted) = (own.bytes(of: id), other.bytes(of: id))
            if text == wanted || text.isEmpty { continue }
            throw CheckpointError.refused(
                file: language.path,
                problem: "token \(id) is \(TokenizerError.quoted(text)), but "
                    + "\(TokenizerError.quoted(wanted)) in \(vision.path)",
                advice: "join models with the same vocabulary")
        }
        guard other.vocabularySize <= parts.vocabularySize else {
            throw CheckpointError.refused(
                file: language.path,
                problem: "its embedding has \(parts.vocabularySize) rows, and the tokenizer of "
                    + "\(vision.path) \(other.vocabularySize) tokens",
                advice: "join models with the same vocabulary")
        }
    }
}

/// Why a joined folder could not be written.
public enum AssemblyError: Error, Equatable, CustomStringConvertible {
    case noSpace(path: String, needed: Int, free: Int)
    case unwritable(path: String, reason: String)

    /// One sentence: file, what went wrong, what to try.
    public var description: String {
        switch self {
        case .noSpace(let path, let needed, let free):
            "\(path): \(needed >> 20) MiB are needed, \(free >> 20) MiB are free there; make room "
                + "or name a folder on another disk."
        case .unwritable(let path, let reason):
            "\(path): cannot be written (\(reason)); nothing was left behind."
        }
    }
}
