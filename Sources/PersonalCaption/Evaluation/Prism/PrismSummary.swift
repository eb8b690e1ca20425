/// The totals of a run of `eval prism`, in percent.
public struct PrismSummary: Sendable, Codable, Equatable {
    /// A figure with its confidence, resampled by picture.
    public struct Figure: Sendable, Codable, Equatable {
        /// Percent.
        public var value: Double
        /// 95 % interval; `nil` for fewer than two pictures.
        public var interval: ConfidenceInterval?

        /// Names both parts.
        public init(value: Double, interval: ConfidenceInterval?) {
            self.value = value
            self.interval = interval
        }
    }

    /// What was run.
    public var manifest: PrismManifest
    /// Pictures with captions.
    public var pictures: Int
    /// Questions asked.
    public var questions: Int
    /// Whether every picture was tried.
    public var isComplete: Bool
    /// Mean share of right answers over captions: what CapRL's tables report.
    public var mean: Figure
    /// Share of right answers from the best of a picture's captions for each question.
    public var bestOfAll: Figure
    /// Share of declined answers.
    public var declined: Figure
    /// Share of right answers without any caption.
    public var blind: Figure
    /// What choosing at random among the options, the declining one included, would give.
    public var chance: Double
    /// Mean share of right answers by the benchmark's own groups, and the number of questions.
    public var categories: [String: Category]
    /// Mean number of characters of a caption.
    public var characters: Double
    /// Pictures that failed, and why.
    public var failures: [FormatProblem]

    /// A group of questions.
    public struct Category: Sendable, Codable, Equatable {
        /// Percent of right answers.
        public var mean: Double
        /// Number of questions.
        public var questions: Int
    }

    /// Adds up records.
    public init(
        _ manifest: PrismManifest, _ records: [PrismRecord], bootstrap: Bootstrap = Bootstrap()
    ) {
        self.manifest = manifest
        let good = records.filter { $0.failure == nil && !$0.questions.isEmpty }
        pictures = good.count
        let all = good.flatMap(\.questions)
        questions = all.count
        isComplete = records.count >= manifest.items
        func figure(_ value: (PrismRecord.Question) -> Double) -> Figure {
            let items = good.map { record in
                [record.questions.reduce(0) { $0 + value($1) }, Double(record.questions.count)]
            }
            let statistic: ([Double]) -> Double = { $0[1] > 0 ? 100 * $0[0] / $0[1] : 0 }
            let sums = items.reduce([0, 0]) { [$0[0] + $1[0], $0[1] + $1[1]] }
            return Figure(
                value: statistic(sums),
                interval: bootstrap.interval(of: items, statistic: statistic))
        }
        func average(_ values: [Double]) -> Double {
            values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        }
        mean = figure { average($0.answers.map(\.right)) }
        bestOfAll = figure { $0.answers.map(\.right).max() ?? 0 }
        declined = figure { average($0.answers.map(\.declined)) }
        blind = figure(\.blind.right)
        chance = 100 * average(all.map { PrismReader.chance($0.question) })
        categories = Dictionary(grouping: all.filter { !$0.category.isEmpty }, by: \.category)
            .mapValues { group in
                Category(
                    mean: 100 * average(group.map { average($0.answers.map(\.right)) }),
                    questions: group.count)
            }
        characters = average(good.flatMap(\.captions).map { Double($0.unicodeScalars.count) })
        failures = records.compactMap { record in
            record.failure.map { FormatProblem(item: record.key, reason: $0) }
        }
    }
}
