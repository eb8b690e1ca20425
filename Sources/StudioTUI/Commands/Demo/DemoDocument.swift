import PersonalCaption

/// The JSON of `demo`.
struct DemoDocument: Encodable {
    struct Query: Encodable {
        let image: String
        /// Names of the concepts in the picture.
        let truth: [String]
        /// Names of the concepts given to the model.
        let given: [String]
        let caption: String
        let right, missed, wrong: [String]
        let seconds: Double
        /// Whether the studio composed the picture itself; such a picture is not in the totals.
        let composed: Bool
    }

    struct Totals: Encodable {
        let right, missed, wrong, queries, exact: Int
        let precision, recall, f1: Double

        init(_ score: DemoScore) {
            right = score.right
            missed = score.missed
            wrong = score.wrong
            queries = score.scenes
            exact = score.exact
            precision = score.precision
            recall = score.recall
            f1 = score.f1
        }
    }

    let model: String
    let queries: [Query]
    let totals: Totals
}
