import ArgumentParser
import Foundation
import PersonalCaption
import TerminalUI

extension NameRule: ExpressibleByArgument {}

/// `studio eval names FILE --rule compat|strict`.
struct EvalNames: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "names",
        abstract: "Score the names in a result file [[image, tags, caption, question], ...].",
        discussion: """
            compat: the rule of RePIC's published scripts, token by token; its script for two \
            concepts compares with --case-sensitive, the others without. It never finds names of \
            several words. strict: names as word sequences, as sets; a name that should not be \
            there costs precision. Intervals are bootstrapped over the records.
            """)

    @Argument(help: "The result file.", completion: .file())
    var file: String

    @Option(help: "compat or strict.")
    var rule: NameRule

    @Flag(help: "Tell upper from lower case; for compat.")
    var caseSensitive = false

    @Flag(help: "Say what was found in each record, too.")
    var details = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if caseSensitive, rule == .strict {
            throw ValidationError("--case-sensitive belongs to --rule compat; strict ignores case.")
        }
    }

    func run(_ session: Session) throws {
        let rows = try ResultList.read(URL(fileURLWithPath: file))
        guard !rows.isEmpty else {
            throw StudioFailure(.badInput, "\(file) holds no results, so there is nothing to score")
        }
        let evaluation = NameEvaluation(rows, rule: rule, isCaseSensitive: caseSensitive)
        let document = NameScoreDocument(
            file: file, evaluation, rows: details ? rows : nil)
        if common.json { return try session.printJSON(document) }
        if details { printRows(rows, evaluation, session) }
        printTotals(document, session)
        noteLimits(evaluation, session)
    }

    private func printTotals(_ document: NameScoreDocument, _ session: Session) {
        session.print("records    \(document.records)")
        let rows: [(String, Double, NameFigure)] = [
            ("precision", document.precision, .precision), ("recall", document.recall, .recall),
            ("F1", document.f1, .f1), ("all named", document.allNamed, .allNamed),
            ("exact set", document.exact, .exact),
        ]
        for (title, value, figure) in rows {
            let label = title.padding(toLength: 11, withPad: " ", startingAt: 0)
            let interval = document.intervals[figure.rawValue].map {
                String(format: "  95 %%: %.1f to %.1f", $0.low, $0.high)
            }
            session.print(
                label + session.style(String(format: "%5.1f %%", value), .strong)
                    + session.style(interval ?? "", .faint))
        }
    }

    private func printRows(
        _ rows: [ResultRow], _ evaluation: NameEvaluation, _ session: Session
    ) {
        for (row, outcome) in zip(rows, evaluation.outcomes) {
            let parts = [
                ("right", outcome.right), ("missed", outcome.missed), ("wrong", outcome.wrong),
                ("invented", outcome.invented),
            ]
            let found = parts.filter { !$0.1.isEmpty }
                .map { "\($0.0): \($0.1.joined(separator: ", "))" }.joined(separator: " · ")
            session.print(TerminalText.sanitized("\(row.image)\t\(found)"))
        }
    }

    /// What the published rule cannot see.
    private func noteLimits(_ evaluation: NameEvaluation, _ session: Session) {
        let (tags, uses) = evaluation.unreachable
        guard tags > 0 else { return }
        session.note(
            session.noteStyle(
                "\(tags) of the names have several words, so this rule can never find them: "
                    + "\(uses) of \(evaluation.score.wanted) wanted names are lost; --rule strict "
                    + "finds them", .warning))
    }
}

/// The JSON of `eval names`; figures in percent.
struct NameScoreDocument: Encodable {
    struct Row: Encodable {
        let image: String
        let tags, right, missed, wrong, invented: [String]
    }

    struct Lengths: Encodable {
        let mean: Double
        let under100: Double
    }

    let file: String
    let rule: NameRule
    let caseSensitive: Bool
    let records: Int
    let precision, recall, f1, allNamed, exact: Double
    let hits, judged, wanted, invented: Int
    /// Characters of the captions: their mean, and the percentage of captions below 100.
    let characters: Lengths
    /// 95 % intervals in percent, by figure.
    let intervals: [String: ConfidenceInterval]
    let rows: [Row]?

    init(file: String, _ evaluation: NameEvaluation, rows: [ResultRow]?) {
        let score = evaluation.score
        self.file = file
        rule = evaluation.rule
        caseSensitive = evaluation.isCaseSensitive
        records = score.records
        precision = Percent.of(score.value(.precision))
        recall = Percent.of(score.value(.recall))
        f1 = Percent.of(score.value(.f1))
        allNamed = Percent.of(score.value(.allNamed))
        exact = Percent.of(score.value(.exact))
        hits = score.hits
        judged = score.judged
        wanted = score.wanted
        invented = score.invented
        let lengths = evaluation.lengths
        let count = Double(max(1, lengths.count))
        characters = Lengths(
            mean: Percent.rounded(Double(lengths.reduce(0, +)) / count),
            under100: Percent.of(Double(lengths.count { $0 < 100 }) / count))
        var intervals: [String: ConfidenceInterval] = [:]
        for figure in NameFigure.allCases {
            intervals[figure.rawValue] = evaluation.interval(figure).map(Percent.of)
        }
        self.intervals = intervals
        self.rows = rows.map { rows in
            zip(rows, evaluation.outcomes).map { row, outcome in
                Row(
                    image: row.image, tags: row.tags, right: outcome.right,
                    missed: outcome.missed, wrong: outcome.wrong, invented: outcome.invented)
            }
        }
    }
}

/// Shares as percentages with four decimals, so that JSON shows no noise of binary fractions.
enum Percent {
    static func of(_ share: Double) -> Double { rounded(share * 100) }

    static func of(_ interval: ConfidenceInterval) -> ConfidenceInterval {
        ConfidenceInterval(low: of(interval.low), high: of(interval.high))
    }

    static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
