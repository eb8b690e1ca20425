/// The questions RePIC's evaluation rotates through, and the filling of `{name}`.
///
/// Wording: oyt9306/RePIC, `caption_eval_single.py` and `caption_eval_multi_*.py`.
public enum CaptionQuestions {
    /// Questions for pictures with one known concept.
    public static let single = [
        "Give a personalized caption of this image.",
        "Give a caption of the image.",
        "Can you provide a personalized caption of this photo?",
        "Provide a caption of the given image.",
    ]

    /// Questions for pictures with two or more known concepts.
    public static let multiple = [
        "Give a personalized caption of this image.",
        "Give a personal caption of the image.",
        "Provide a personalized caption of the given image.",
    ]

    /// The question of picture `index` in a rotation, as the published scripts choose it.
    ///
    /// - Parameters:
    ///   - index: position of the picture in its set; any integer.
    ///   - conceptCount: how many concepts are supplied.
    public static func rotating(_ index: Int, conceptCount: Int) -> String {
        let pool = conceptCount > 1 ? multiple : single
        let position = index % pool.count
        return pool[position < 0 ? position + pool.count : position]
    }

    /// The question with every `{name}` replaced by the tags of the names, joined by " and ".
    ///
    /// Names are not searched for `{name}` again.
    public static func filling(_ question: String, names: [String]) -> String {
        let joined = names.map(PromptName.tag).joined(separator: " and ")
        return question.split(separator: "{name}", omittingEmptySubsequences: false).joined(
            separator: joined)
    }
}
