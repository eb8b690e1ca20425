public import Foundation

/// What one loaded model need not compute again: rows of pictures, states of prompts.
///
/// A result is the same with and without it, to the last bit. Safe to use from several threads.
public final class GenerationCaches: Sendable {
    /// Most bytes that may be held.
    public struct Limits: Sendable, Equatable {
        /// States of prompts, in memory.
        public var prefixes: Int
        /// Rows of pictures, in memory.
        public var pictures: Int
        /// Rows of reference pictures, on disk.
        public var disk: Int

        /// Sizes that suit a machine with 8 GB.
        public init(
            prefixes: Int = 512 << 20, pictures: Int = 128 << 20, disk: Int = 512 << 20
        ) {
            self.prefixes = prefixes
            self.pictures = pictures
            self.disk = disk
        }
    }

    let prefixes: PrefixStore
    let pictures: PictureStore

    /// Empty caches for a model.
    ///
    /// - Parameters:
    ///   - folder: where rows of reference pictures stay between runs; `nil` keeps nothing on disk.
    public init(for model: VisionLanguageModel, folder: URL?, limits: Limits = Limits()) {
        prefixes = PrefixStore(budget: limits.prefixes)
        let place = folder.map { PictureFolder(url: $0, budget: limits.disk) }
        pictures = PictureStore(
            budget: limits.pictures, folder: place,
            maker: place.flatMap { _ in try? ContentDigest.model(model) })
    }

    /// Forgets what is in memory; files stay.
    public func clear() {
        prefixes.clear()
        pictures.clear()
    }
}

/// What did not have to be computed again.
public struct CacheUse: Sendable, Codable, Equatable {
    /// Pictures that went through the vision tower.
    public var imagesEncoded: Int
    /// Pictures whose encoding, or the state behind it, was at hand.
    public var imagesReused: Int
    /// Prompt tokens whose state was at hand.
    public var promptTokensReused: Int

    /// Counts pictures and prompt tokens.
    public init(imagesEncoded: Int = 0, imagesReused: Int = 0, promptTokensReused: Int = 0) {
        self.imagesEncoded = imagesEncoded
        self.imagesReused = imagesReused
        self.promptTokensReused = promptTokensReused
    }
}
