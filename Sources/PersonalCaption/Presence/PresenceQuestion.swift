public import ImageCodecs
public import VLMRuntime

/// Asks a model whether a concept is in a picture, and how sure it is.
public struct PresenceQuestion: Sendable {
    private let prompt: CaptionPrompt

    /// The words of RePIC's consistency task; oyt9306/RePIC, `grpo_multitask_multi_img_no_format.py`.
    public static func wording(_ name: String) -> String {
        "Is \(PromptName.tag(name)) visible in this picture? "
            + "The final answer must be either 'yes' or 'no' with no additional output."
    }

    /// Prepares questions for a model with these habits.
    public init(profile: ModelProfile) { prompt = CaptionPrompt(profile: profile) }

    /// The probability that one of the concepts is in the picture.
    ///
    /// Yes against no, in either case of their first letter; what the model would say else does
    /// not count.
    ///
    /// - Parameters:
    ///   - name: that of one of the concepts.
    ///   - concepts: one to four, as for a caption.
    ///   - query: the picture.
    /// - Returns: 0…1; one half when the model thinks of neither word.
    public func probability(
        of name: String, among concepts: [CaptionConcept], in query: RGBImage,
        model: some PresenceModel, cancellation: CancellationFlag? = nil
    ) throws -> Double {
        try probabilities(
            of: [name], among: concepts, in: query, model: model, cancellation: cancellation)[0]
    }

    /// The probability of each of some concepts to be in the picture, in the order of `names`.
    ///
    /// The references and the picture are read once for all of them.
    public func probabilities(
        of names: [String], among concepts: [CaptionConcept], in query: RGBImage,
        model: some PresenceModel, cancellation: CancellationFlag? = nil
    ) throws -> [Double] {
        let chats = try names.map { name in
            try prompt.messages(concepts: concepts, query: query, question: Self.wording(name))
        }
        let found = try model.firstWordProbabilities(
            ofEach: chats, of: ["yes", "Yes", "no", "No"], cancellation: cancellation)
        return found.map { found in
            let (yes, no) = (Double(found[0] + found[1]), Double(found[2] + found[3]))
            return yes + no > 0 ? yes / (yes + no) : 0.5
        }
    }
}
