import ImageCodecs
import Synchronization

@testable import PersonalCaption
@testable import VLMRuntime

/// A model whose cells are the colours of the picture, and that answers by rule.
struct ColourModel: PictureModel {
    let rules: RuleModel

    /// - Parameter probability: that of yes, by the question.
    init(
        probability: @escaping @Sendable (String) -> Float = { _ in 0.5 },
        _ rule: @escaping RuleModel.Rule = { _, _ in "" }
    ) {
        rules = RuleModel(probability: probability, rule)
    }

    func generate(
        _ messages: [ChatMessage], options: SamplingOptions, cancellation: CancellationFlag?,
        onEvent: (GenerationEvent) -> Void
    ) throws -> GenerationResult {
        try rules.generate(messages, options: options, cancellation: cancellation, onEvent: onEvent)
    }

    func firstWordProbabilities(
        _ messages: [ChatMessage], of words: [String], cancellation: CancellationFlag?
    ) throws -> [Float] {
        try rules.firstWordProbabilities(messages, of: words, cancellation: cancellation)
    }

    /// Cells of 4×4 pixels; eight features, by which eight colours differ.
    func pictureRows(
        _ picture: ImageInput, cancellation: CancellationFlag?
    ) throws -> PictureRows {
        let pixels = picture.pixels
        let (height, width) = (pixels.height / 4, pixels.width / 4)
        var values: [Float] = []
        for cell in 0..<height * width {
            let place = (cell / width * 4 * pixels.width + cell % width * 4) * 3
            var features = [Float](repeating: 0.1, count: 8)
            features[Int(pixels.pixels[place]) % 8] = 1
            values += features
        }
        return PictureRows(
            rows: Matrix(rows: height * width, columns: 8, values: values), height: height,
            width: width,
            geometry: ImageGeometry(
                originalWidth: pixels.width, originalHeight: pixels.height,
                resizedWidth: pixels.width, resizedHeight: pixels.height))
    }
}

enum SearchFixtures {
    /// Names of concepts, each of one colour.
    static let names = ["ann", "bo", "cy", "di", "ed", "flo"]

    /// The reference of a concept.
    static func reference(_ place: Int) -> RGBImage {
        Fixtures.picture(16, 16, [UInt8(place), 0, 0])
    }

    /// A picture of colour 7 with squares of 8×8 pixels in the colours of concepts, left to right.
    static func scene(_ places: [Int]) -> RGBImage {
        var picture = Fixtures.picture(64, 16, [7, 0, 0])
        for (number, place) in places.enumerated() {
            for y in 4..<12 {
                for x in 0..<8 { picture.pixels[(y * 64 + number * 16 + x) * 3] = UInt8(place) }
            }
        }
        return picture
    }

    static func recognizer(
        _ model: ColourModel, _ options: RecognitionOptions = RecognitionOptions()
    ) throws -> ConceptRecognizer {
        let references = try names.indices.map {
            (
                concept: $0,
                picture: try model.pictureRows(ImageInput(reference($0)), cancellation: nil)
            )
        }
        return ConceptRecognizer(
            index: ConceptIndex(references), profile: .mini, model: model, options: options
        ) { CaptionConcept(name: names[$0], image: reference($0)) }
    }
}
