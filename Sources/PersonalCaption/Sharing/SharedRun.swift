/// A fine-tuning as a page shows it: what it was, its curves, and captions before and after.
public struct SharedRun: Sendable {
    /// What it is called.
    public let name: String
    /// Answers to scenes that were kept back, before and after; those that changed most first.
    public var pairs: [SharedPair] = []
    private let settings: RunSettings
    private let events: [RunEvent]

    /// Describes a run.
    public init(_ settings: RunSettings, events: [RunEvent]) {
        name = settings.name
        self.settings = settings
        self.events = events
    }

    /// The judgement before the first update, and the best one after it.
    public var judgements: (before: EvaluationReport?, best: EvaluationReport?, bestStep: Int) {
        let judged = events.filter { $0.evaluation != nil }
        let before = judged.first { $0.step == 0 }?.evaluation
        let best = judged.filter { $0.step > 0 }.max { a, b in
            (a.evaluation?.score ?? 0, -a.step) < (b.evaluation?.score ?? 0, -b.step)
        }
        return (before, best?.evaluation, best?.step ?? 0)
    }

    /// The scenes to show, by number: those whose outcome differs, then others.
    ///
    /// - Parameter most: how many at most.
    public func scenes(_ most: Int) -> [Int] {
        let (before, best, _) = judgements
        guard let old = before?.details, let new = best?.details else { return [] }
        let numbers = Array(0..<min(old.count, new.count))
        func change(_ number: Int) -> Float { abs(new[number].reward - old[number].reward) }
        return numbers.sorted { a, b in
            change(a) == change(b) ? a < b : change(a) > change(b)
        }.prefix(most).map(\.self)
    }

    var html: HTML {
        let file = settings.dataFile?.split(separator: "/").last.map(String.init) ?? ""
        let taught =
            settings.concepts.isEmpty ? file : settings.concepts.joined(separator: ", ")
        let steps = events.last?.step ?? 0
        let done: String =
            steps < settings.steps ? "\(steps) of \(settings.steps)" : "\(settings.steps)"
        return """
            <p class="soft">\(taught); \(settings.recipe.rawValue), \(done) updates of \
            \(settings.model), rank \(settings.rank).</p>\(table)
            <figure>\(RewardCurves.svg(events, steps: settings.steps))<figcaption>Thin line: mean \
            reward of each update; thick: of ten; dashed with dots: score of scenes kept back.\
            </figcaption></figure>
            """
    }

    private var table: HTML {
        let (before, best, step) = judgements
        guard let before, let best else { return "" }
        func percent(_ value: Double) -> String {
            "\(FigureText.plain(value * 100, decimals: 1)) %"
        }
        var rows: [(String, Double, Double)] = [
            ("score", Double(before.score), Double(best.score)), ("names F1", before.f1, best.f1),
            ("precision", before.precision, best.precision),
            ("recall", before.recall, best.recall),
            ("exactly right", before.exact, best.exact),
        ]
        if let old = before.abstention, let new = best.abstention {
            rows.append(("silent where nobody is", old, new))
        }
        let lines = rows.map { title, old, new -> HTML in
            """
            <tr><td>\(title)</td><td class="n">\(percent(old))</td><td class="n"><b>\(percent(new))\
            </b></td></tr>

            """
        }
        return """
            <table class="facts"><tr><th>\(before.scenes) scenes kept back</th><th>before</th>\
            <th>after \(step)</th></tr>
            \(lines)</table>
            """
    }
}

/// Rewards and scores of a run over its updates.
enum RewardCurves {
    private static let (left, top, width, height) = (44.0, 12.0, 580.0, 220.0)
    /// Updates over which the thick line is a mean.
    private static let window = 10

    static func svg(_ events: [RunEvent], steps: Int) -> HTML {
        let last = Double(max(1, max(steps, events.last?.step ?? 0)))
        func x(_ step: Int) -> Double { left + width * Double(step) / last }
        func y(_ value: Double) -> Double { top + height * (1 - min(max(value, 0), 1)) }
        func points(_ values: [(step: Int, value: Double)]) -> [HTML] {
            values.map { "\(x($0.step)),\(y($0.value)) " }
        }
        let rewards = events.compactMap { event in
            event.report.map { (step: event.step, value: Double($0.reward)) }
        }
        let means = rewards.indices.map { index in
            let part = rewards[max(0, index - window + 1)...index].map(\.value)
            return (step: rewards[index].step, value: part.reduce(0, +) / Double(part.count))
        }
        let held = events.compactMap { event in
            event.evaluation.map { (step: event.step, value: Double($0.score)) }
        }
        let marks = held.map { mark -> HTML in
            """
            <circle class="mark" cx="\(x(mark.step))" cy="\(y(mark.value))" r="4"><title>after \
            \(mark.step): \(FigureText.plain(mark.value * 100, decimals: 1)) %</title></circle>
            """
        }
        return """
            <svg class="chart curves" viewBox="0 0 640 280" role="img" \
            aria-label="Rewards over the updates">\(axes(last))\
            <polyline class="each" points="\(points(rewards))"/>\
            <polyline class="mean" points="\(points(means))"/>\
            <polyline class="held" points="\(points(held))"/>\(marks)</svg>
            """
    }

    private static func axes(_ last: Double) -> HTML {
        let across = (0...4).map { part -> HTML in
            let place = left + width * Double(part) / 4
            let label = FigureText.plain(last * Double(part) / 4, decimals: 0)
            return """
                <text x="\(place)" y="\(top + height + 18)" text-anchor="middle">\(label)</text>
                """
        }
        let up = (0...4).map { part -> HTML in
            let place = top + height * (1 - Double(part) / 4)
            let label = FigureText.plain(Double(part) / 4, decimals: 2)
            return """
                <path class="tick" d="M\(left - 4) \(place)H\(left)"/>\
                <text x="\(left - 8)" y="\(place + 4)" text-anchor="end">\(label)</text>
                """
        }
        return """
            <path class="axis" d="M\(left) \(top)V\(top + height)H\(left + width)"/>\(across)\(up)\
            <text x="\(left + width / 2)" y="\(top + height + 38)" text-anchor="middle">updates</text>
            """
    }
}
