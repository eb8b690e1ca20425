import Foundation
import ImageCodecs
import PersonalCaption
import VLMRuntime

/// Turns a checked request into the chat that the model reads; pictures are decoded here.
struct ChatBuilder: Sendable {
    let model: ServedModel
    let limits: ServerLimits

    /// Checks that a request with `concepts` is one picture and at most one question.
    ///
    /// - Throws: `APIError`.
    static func check(_ request: CheckedRequest) throws(APIError) {
        guard !request.concepts.isEmpty else { return }
        guard request.messages.count == 1, pictures(request).count == 1 else {
            throw .bad(
                "concepts",
                "With 'concepts' a request is one user message with one picture and, maybe, a "
                    + "question.")
        }
        do throws(CaptionPromptError) {
            try CaptionPrompt.check(request.concepts)
        } catch {
            throw APIError.describing(error)
        }
    }

    /// The chat of a request.
    ///
    /// - Throws: `APIError`, `ImageReadError` or `CaptionPromptError`.
    func chat(_ request: CheckedRequest) throws -> [ChatMessage] {
        guard request.concepts.isEmpty else { return try caption(request) }
        return try request.messages.map { message in
            ChatMessage(
                message.role,
                try message.parts.map { part in
                    switch part {
                    case .text(let text): .text(text)
                    case .picture(let data, let name, let isSmall):
                        .image(
                            ImageInput(
                                try decoded(data, name),
                                pixelBudget: budget(request, isSmall: isSmall)))
                    }
                })
        }
    }

    /// The prompt of `studio caption`: references and info lines of the library, then the picture.
    private func caption(_ request: CheckedRequest) throws -> [ChatMessage] {
        let concepts = try request.concepts.map(model.concept)
        guard let (data, name) = Self.pictures(request).first else {
            throw APIError.bad("messages", "There is no picture.")
        }
        let texts = request.messages.flatMap(\.parts).compactMap { part -> String? in
            if case .text(let text) = part { text } else { nil }
        }
        return try CaptionPrompt(profile: model.profile).messages(
            concepts: concepts, query: try decoded(data, name),
            question: texts.isEmpty ? nil : texts.joined(separator: " "))
    }

    /// Who of the concepts a caption names.
    func names(_ request: CheckedRequest, _ text: String) -> NamesDocument? {
        guard !request.concepts.isEmpty else { return nil }
        let library = (try? model.libraryNames()) ?? []
        let report = NameCheck(supplied: request.concepts, library: library).report(on: text)
        return NamesDocument(named: report.named, unnamed: report.unnamed, absent: report.wrong)
    }

    /// At which size a picture is seen: what the request says, else what suits the model.
    func budget(_ request: CheckedRequest, isSmall: Bool) -> ClosedRange<Int> {
        let usual = isSmall ? model.profile.referenceBudget : model.profile.queryBudget
        let most = request.mostPixels ?? max(usual.upperBound, request.leastPixels ?? 0)
        return min(request.leastPixels ?? usual.lowerBound, most)...most
    }

    private func decoded(_ data: Data, _ name: String) throws(ImageReadError) -> RGBImage {
        try ImageDecoder.decode(data, name: name, limits: limits.picture).flattened()
    }

    private static func pictures(_ request: CheckedRequest) -> [(Data, String)] {
        request.messages.flatMap(\.parts).compactMap { part in
            if case .picture(let data, let name, _) = part { (data, name) } else { nil }
        }
    }
}
