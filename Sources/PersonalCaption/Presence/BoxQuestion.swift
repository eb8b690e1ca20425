public import ImageCodecs
public import VLMRuntime

/// Asks a model where a concept is in a picture.
public struct BoxQuestion: Sendable {
    private let prompt: CaptionPrompt
    private let units: BoxUnits

    /// The words of RePIC's localisation task.
    public static func wording(_ name: String) -> String {
        "Give \(PromptName.tag(name))'s bounding box in the image. "
            + "For bounding box coordinates, return the final answer in JSON format."
    }

    /// Prepares questions for a model with these habits.
    public init(profile: ModelProfile) {
        prompt = CaptionPrompt(profile: profile)
        units = profile.boxUnits
    }

    /// The box of one of the concepts.
    ///
    /// - Parameters:
    ///   - name: that of one of the concepts.
    ///   - concepts: one to four, as for a caption.
    ///   - query: the picture.
    /// - Returns: `[x1, y1, x2, y2]` in pixels of `query`; `nil` when the answer holds none.
    public func box(
        of name: String, among concepts: [CaptionConcept], in query: RGBImage,
        model: some CaptionModel, cancellation: CancellationFlag? = nil
    ) throws -> [Int]? {
        let messages = try prompt.messages(
            concepts: concepts, query: query, question: Self.wording(name))
        let answer = try model.generate(
            messages, options: SamplingOptions(maxNewTokens: 96), cancellation: cancellation
        ) { _ in }
        guard let geometry = answer.images.last else { return nil }
        return BoxAnswer.box(in: answer.text, geometry, units: units)
    }
}

/// Reads boxes out of answers, and compares them.
public enum BoxAnswer {
    /// The first box of an answer, mapped from what its numbers count to the picture's pixels.
    ///
    /// A box is four numbers in square brackets, as Qwen2.5-VL and Qwen3-VL write them, or two
    /// points in round ones, as Qwen2-VL does: `(x1,y1),(x2,y2)`.
    ///
    /// - Parameter units: what the model's numbers count.
    /// - Returns: `nil` when there is none, or when it has no area inside the picture.
    public static func box(
        in answer: String, _ geometry: ImageGeometry, units: BoxUnits = .pixels
    ) -> [Int]? {
        guard geometry.resizedWidth > 0, geometry.resizedHeight > 0,
            let numbers = numbers(in: answer)
        else { return nil }
        let box = PictureScale(geometry, units: units).placed(numbers).map { Int($0.rounded()) }
        let (width, height) = (geometry.originalWidth, geometry.originalHeight)
        let inside = [
            min(max(box[0], 0), width), min(max(box[1], 0), height), min(max(box[2], 0), width),
            min(max(box[3], 0), height),
        ]
        return inside[0] < inside[2] && inside[1] < inside[3] ? inside : nil
    }

    /// The four numbers of the first box, in whatever they count.
    private static func numbers(in answer: String) -> [Double]? {
        let number = #"\s*([0-9]{1,6}(?:\.[0-9]{1,9})?)\s*"#
        let pair = "\(number),\(number)"
        let pattern = #"\[\#(pair),\#(pair)\]|\(\#(pair)\)\s*,\s*\(\#(pair)\)"#
        guard let regex = try? Regex(pattern), let match = answer.firstMatch(of: regex) else {
            return nil
        }
        let numbers = match.output.dropFirst().compactMap { $0.substring.flatMap { Double($0) } }
        return numbers.count == 4 ? numbers : nil
    }

    /// Shared area over joined area; right and lower edges are not part of a box.
    public static func overlap(_ a: [Int], _ b: [Int]) -> Double {
        guard a.count == 4, b.count == 4 else { return 0 }
        let width = min(a[2], b[2]) - max(a[0], b[0])
        let height = min(a[3], b[3]) - max(a[1], b[1])
        guard width > 0, height > 0 else { return 0 }
        let shared = Double(width) * Double(height)
        func area(_ box: [Int]) -> Double { Double(box[2] - box[0]) * Double(box[3] - box[1]) }
        return shared / (area(a) + area(b) - shared)
    }
}
