import Foundation

/// A chat as ids and preprocessed pictures, before the vision tower has run.
struct PreparedPrompt: Sendable {
    let ids: [Int32]
    let images: [PreprocessedImage]
    let positions: MultimodalPositions
    let imageTokenCount: Int
}

extension VisionLanguageModel {
    /// Tokenizes a chat and preprocesses its pictures.
    ///
    /// - Throws: `ImagePreprocessingError`, `ChatTemplateError`, or `GenerationError` when the
    ///   chat is empty or longer than the context.
    func prepare(_ messages: [ChatMessage]) throws -> PreparedPrompt {
        let preprocessor = ImagePreprocessor(imageConfiguration)
        var images: [PreprocessedImage] = []
        for case .image(let input) in messages.flatMap(\.parts) {
            images.append(try preprocessor(input.pixels, pixelBudget: input.pixelBudget))
        }
        let mergeSize = configuration.vision.mergeSize
        let counts = images.map { $0.grid.tokenCount(mergeSize: mergeSize) }
        let template = ChatTemplate(
            tokenizer: tokenizer, imageTokenID: configuration.imageTokenID,
            visionStartTokenID: configuration.visionStartTokenID,
            visionEndTokenID: configuration.visionEndTokenID)
        guard !messages.isEmpty else { throw GenerationError.emptyPrompt }
        let ids = try template.promptTokens(messages, imageTokenCounts: counts)
        guard ids.count < configuration.text.contextLength else {
            throw GenerationError.promptTooLong(
                tokens: ids.count, limit: configuration.text.contextLength)
        }
        let positions = MultimodalPositions(
            ids: ids, imageToken: configuration.imageTokenID, grids: images.map(\.grid),
            mergeSize: mergeSize)
        return PreparedPrompt(
            ids: ids, images: images, positions: positions, imageTokenCount: counts.reduce(0, +))
    }

    /// Embedding rows of a prompt with each picture's rows in place of its image tokens.
    func embed(_ prompt: PreparedPrompt, pictures: [Matrix]) -> Matrix {
        var embeddings = language.embed(prompt.ids)
        let width = embeddings.columns
        let target = embeddings.mutable
        let places = prompt.ids.indices.filter { prompt.ids[$0] == configuration.imageTokenID }
        var used = 0
        for picture in pictures {
            for row in 0..<picture.rows {
                let place = target + places[used + row] * width
                place.update(from: picture.pointer + row * width, count: width)
            }
            used += picture.rows
        }
        return embeddings
    }
}
