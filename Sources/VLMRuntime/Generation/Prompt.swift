import Foundation
import ImageCodecs

/// A picture of a prompt, not yet preprocessed.
struct PromptImage: Sendable {
    let input: ImageInput
    let geometry: ImageGeometry
    let grid: PatchGrid
    /// The tokens that stand for it.
    let tokens: Range<Int>
    /// `nil` when nothing is to be remembered.
    let digest: ContentDigest?
}

/// A chat as ids and pictures, before the vision tower has run.
struct PreparedPrompt: Sendable {
    let ids: [Int32]
    let images: [PromptImage]
    let positions: MultimodalPositions
    let imageTokenCount: Int

    /// What its states can be found under; `nil` without digests.
    var key: PromptKey? {
        var pictures: [PromptKey.Picture] = []
        for image in images {
            guard let digest = image.digest else { return nil }
            pictures.append(PromptKey.Picture(tokens: image.tokens, digest: digest))
        }
        return PromptKey(ids: ids, positions: positions, pictures: pictures)
    }
}

extension VisionLanguageModel {
    /// Tokenizes a chat and finds out how large its pictures will be.
    ///
    /// - Parameter hasDigests: whether pictures get what caches know them by.
    /// - Throws: `ImagePreprocessingError`, `ChatTemplateError`, or `GenerationError` when the
    ///   chat is empty or longer than the context.
    func prepare(_ messages: [ChatMessage], hasDigests: Bool = false) throws -> PreparedPrompt {
        let inputs = messages.flatMap(\.parts).compactMap { part -> ImageInput? in
            if case .image(let input) = part { input } else { nil }
        }
        let sizes = try inputs.map { try promptImage($0, at: 0, hasDigest: false) }
        let counts = sizes.map(\.tokens.count)
        let template = ChatTemplate(
            tokenizer: tokenizer, imageTokenID: configuration.imageTokenID,
            visionStartTokenID: configuration.visionStartTokenID,
            visionEndTokenID: configuration.visionEndTokenID,
            defaultSystemPrompt: configuration.family.defaultSystemPrompt)
        guard !messages.isEmpty else { throw GenerationError.emptyPrompt }
        let ids = try template.promptTokens(messages, imageTokenCounts: counts)
        guard ids.count < configuration.text.contextLength else {
            throw GenerationError.promptTooLong(
                tokens: ids.count, limit: configuration.text.contextLength)
        }
        let positions = MultimodalPositions(
            ids: ids, imageToken: configuration.imageTokenID, grids: sizes.map(\.grid),
            mergeSize: configuration.vision.mergeSize)
        var images: [PromptImage] = []
        var index = 0
        for (input, count) in zip(inputs, counts) {
            while ids[index] != configuration.imageTokenID { index += 1 }
            images.append(try promptImage(input, at: index, hasDigest: hasDigests))
            index += count
        }
        return PreparedPrompt(
            ids: ids, images: images, positions: positions, imageTokenCount: counts.reduce(0, +))
    }

    /// A picture whose first token stands at `start`.
    func promptImage(
        _ input: ImageInput, at start: Int, hasDigest: Bool
    ) throws(ImagePreprocessingError) -> PromptImage {
        let geometry = try ImagePreprocessor(imageConfiguration).geometry(
            width: input.pixels.width, height: input.pixels.height, pixelBudget: input.pixelBudget)
        let patch = imageConfiguration.patchSize
        let grid = PatchGrid(
            height: geometry.resizedHeight / patch, width: geometry.resizedWidth / patch)
        let count = grid.tokenCount(mergeSize: configuration.vision.mergeSize)
        let digest =
            hasDigest
            ? ContentDigest(picture: input.pixels, as: geometry, by: imageConfiguration) : nil
        return PromptImage(
            input: input, geometry: geometry, grid: grid, tokens: start..<start + count,
            digest: digest)
    }

    /// The patches of a picture.
    func preprocess(_ image: PromptImage) throws(ImagePreprocessingError) -> PreprocessedImage {
        try ImagePreprocessor(imageConfiguration)(
            image.input.pixels, pixelBudget: image.input.pixelBudget)
    }

    /// Rows of a prompt's tokens from `first` on, with each picture's rows in place of its image
    /// tokens.
    ///
    /// - Parameter pictures: one for each picture; those that end before `first` may be `nil`.
    func embed(_ prompt: PreparedPrompt, pictures: [Matrix?], from first: Int = 0) -> InputRows {
        var input = InputRows(language.embed(Array(prompt.ids[first...])))
        for (image, rows) in zip(prompt.images, pictures) where image.tokens.upperBound > first {
            if let rows { input.place(rows, at: image.tokens.lowerBound - first) }
        }
        return input
    }
}
