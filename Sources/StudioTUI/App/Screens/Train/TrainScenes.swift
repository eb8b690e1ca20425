import PersonalCaption

/// The held-out scenes before training and at the best checkpoint.
struct TrainScenes: Sendable {
    let before: EvaluationReport?
    /// The best judging after the first update; the latest when none was better.
    let after: RunCourse.Judging?

    init(_ course: RunCourse) {
        before = course.before
        let best = course.best
        after = (best?.step ?? 0) > 0 ? best : course.judgings.last { $0.step > 0 }
    }

    var count: Int { before?.answers.count ?? after?.report.answers.count ?? 0 }

    /// Answer and outcome of a scene, where they are known.
    static func scene(
        _ index: Int, of report: EvaluationReport?
    ) -> (answer: String, detail: SceneDetail?)? {
        guard let report, report.answers.indices.contains(index) else { return nil }
        let details = report.details ?? []
        return (
            report.answers[index], details.indices.contains(index) ? details[index] : nil
        )
    }

    /// The figures of both, by name.
    var figures: [(name: String, before: Double?, after: Double?, digits: Int)] {
        func row(
            _ name: String, _ digits: Int = 2, value: (EvaluationReport) -> Double?
        ) -> (name: String, before: Double?, after: Double?, digits: Int) {
            (name, before.flatMap(value), after.flatMap { value($0.report) }, digits)
        }
        return [
            row("names F1", value: \.f1), row("precision", value: \.precision),
            row("recall", value: \.recall), row("all names right", value: \.exact),
            row("silent when nobody is there", value: \.abstention),
            row("reward") { Double($0.score) }, row("length", 0, value: { Double($0.length) }),
        ].filter { $0.before != nil || $0.after != nil }
    }
}
