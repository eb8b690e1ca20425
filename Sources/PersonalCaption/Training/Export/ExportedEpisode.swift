import ImageCodecs
import VLMRuntime

/// An episode as files state it: pictures at the size the model sees them, boxes in their pixels.
///
/// A picture that already has the model's size is not resized again by any trainer's processor, so
/// that boxes mean the same everywhere.
struct ExportedEpisode {
    enum Part: Equatable {
        case text(String)
        /// A picture by its place in `pictures`.
        case picture(Int)
    }

    struct Picture {
        var image: RGBImage
        /// Whether it will come again and again.
        var isReference: Bool
    }

    /// RePIC's loader enlarges pictures with a longer side.
    static let longestSide = 504
    private static let factor = 28

    let turns: [(role: ChatMessage.Role, parts: [Part])]
    let pictures: [Picture]
    let goal: EpisodeGoal
    let question: String
    let answer: String
    let expression: String?

    /// - Throws: `ImagePreprocessingError` for a picture without pixels or far too long.
    init(_ episode: Episode) throws {
        var pictures: [Picture] = []
        var seen = PictureScale.same
        turns = try episode.messages.map { message in
            let parts = try message.parts.map { part -> Part in
                switch part {
                case .text(let text): return .text(ExportText.cleaned(text))
                case .image(let input):
                    let image = try Self.resized(input)
                    seen = PictureScale(
                        across: Double(input.pixels.width) / Double(image.width),
                        down: Double(input.pixels.height) / Double(image.height))
                    pictures.append(Picture(image: image, isReference: input.isReference))
                    return .picture(pictures.count - 1)
                }
            }
            return (message.role, parts)
        }
        self.pictures = pictures
        question = ExportText.cleaned(episode.question)
        answer = ExportText.cleaned(episode.answer(seen: seen))
        expression = episode.expression.map(ExportText.cleaned)
        if case .box(let box, let name) = episode.goal {
            goal = .box(Self.scaled(box, by: seen, in: pictures.last?.image), name: name)
        } else {
            goal = episode.goal
        }
    }

    /// The words of the last turn without the pictures.
    var words: [String] {
        (turns.last?.parts ?? []).compactMap { part in
            if case .text(let text) = part { text } else { nil }
        }
    }

    /// The text before everything, if any.
    var system: String? {
        guard let first = turns.first, first.role == .system,
            case .text(let text)? = first.parts.first
        else { return nil }
        return text
    }

    private static func resized(_ input: ImageInput) throws(ImagePreprocessingError) -> RGBImage {
        let image = input.pixels
        let budget = input.pixelBudget ?? 3_136...1_003_520
        var size = try SmartResize.size(
            height: image.height, width: image.width, factor: factor,
            minPixels: budget.lowerBound, maxPixels: budget.upperBound)
        let side = max(size.width, size.height)
        if side > longestSide {
            size.width = max(factor, size.width * longestSide / side / factor * factor)
            size.height = max(factor, size.height * longestSide / side / factor * factor)
        }
        guard size.width != image.width || size.height != image.height else { return image }
        return Resampler.bicubic(image, width: size.width, height: size.height)
    }

    private static func scaled(_ box: [Int], by seen: PictureScale, in image: RGBImage?) -> [Int] {
        guard box.count == 4, let image else { return box }
        let scales = [seen.across, seen.down, seen.across, seen.down]
        let ends = [image.width, image.height, image.width, image.height]
        return zip(zip(box, scales), ends).map { pair, end in
            min(end, max(0, Int((Double(pair.0) / pair.1).rounded())))
        }
    }
}

/// Text that other programs will not take for their own marks.
enum ExportText {
    /// Placeholders of pictures become `‹image›`, and tokens such as `<|im_end|>` lose their
    /// bracket: elsewhere users' words would be read as control tokens.
    static func cleaned(_ text: String) -> String {
        var cleaned = text
        for word in ["image", "video", "audio"] {
            cleaned = cleaned.replacing("<\(word)>", with: "‹\(word)›")
        }
        return cleaned.replacing("<|", with: "‹|")
    }

    /// A name as prompts write it.
    static func tag(_ name: String) -> String { cleaned(PromptName.tag(name)) }
}
