import ArgumentParser
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI
import VLMRuntime

/// `studio eval compare A B`.
struct EvalCompare: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two runs of 'eval personal' picture by picture.",
        discussion: """
            Differences come with a paired bootstrap interval, a permutation test and a sign test \
            over the pictures both runs have. With --judge a model is asked which caption it \
            prefers, in both orders; what changes with the order is a tie.
            """)

    @Argument(help: "The folder of the first run.", completion: .directory)
    var first: String

    @Argument(help: "The folder of the second run.", completion: .directory)
    var second: String

    @Option(help: "Write a report with pictures.", completion: .file())
    var html: String?

    @Option(help: "Ask this model (a registered one or a checkpoint folder) for its preference.")
    var judge: String?

    @Option(help: "With --judge: ask about at most so many pictures.")
    var limit = 100

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit takes 1 or more.") }
    }

    /// The JSON of `eval compare`.
    struct Document: Encodable {
        let first, second: String
        let items, unpaired: Int
        let figures: [PersonalComparison.Row]
        let preference: PreferenceScore?
    }

    func run(_ session: Session) throws {
        let runs = (try StoredRun(first), try StoredRun(second))
        guard let comparison = PersonalComparison(runs.0.records, runs.1.records) else {
            throw StudioFailure(
                .badInput,
                "'\(first)' and '\(second)' have no picture in common, so there is nothing to "
                    + "compare")
        }
        let preference = try judge.map { try self.preference($0, runs.0, runs.1, session) }
        if let html {
            let report = ComparisonReport(
                comparison, names: names(runs), records: (runs.0.records, runs.1.records),
                folders: (runs.0.folder, runs.1.folder))
            try Self.write(report.html(), to: html)
        }
        if common.json {
            return try session.printJSON(
                Document(
                    first: first, second: second, items: comparison.items,
                    unpaired: comparison.unpaired, figures: comparison.rows,
                    preference: preference))
        }
        print(comparison, session)
        if let preference { print(preference, session) }
        if let html { session.note("wrote \(TerminalText.sanitized(html))") }
    }

    /// What the runs are called: their folders, as the user gave them.
    private func names(_ runs: (StoredRun, StoredRun)) -> (String, String) {
        let names = (runs.0.folder.lastPathComponent, runs.1.folder.lastPathComponent)
        return names.0 == names.1 ? (first, second) : names
    }

    private static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw StudioFailure(
                .failed, "\(path) cannot be written: \(FileReason.text(error)); choose another file"
            )
        }
    }

    private func print(_ comparison: PersonalComparison, _ session: Session) {
        session.print("pictures  \(comparison.items)")
        let width = comparison.rows.map(\.figure.title.count).max() ?? 0
        for row in comparison.rows {
            let (result, unit) = (row.result, row.figure.unit)
            let title = row.figure.title.padding(toLength: width + 2, withPad: " ", startingAt: 0)
            let values = [result.first, result.second].map { PersonalOutput.text($0, unit) }
            let sign = result.difference > 0 ? "+" : ""
            let change =
                sign
                + PersonalOutput.text(result.difference, unit)
                .trimmingCharacters(in: .whitespaces)
            let chance = String(format: "p %.3f", result.permutationP)
            let isSure = result.permutationP < 0.05
            let gains = row.figure.moreIsBetter.map { ($0 ? 1.0 : -1) * result.difference > 0 }
            let role: TextRole = isSure ? gains.map { $0 ? .good : .bad } ?? .plain : .plain
            let interval = result.interval.map {
                "  95 %: \(PersonalOutput.text($0.low, unit)) to \(PersonalOutput.text($0.high, unit))"
            }
            session.print(
                "\(title)\(values[0]) → \(values[1])  \(session.style(change, role))  "
                    + session.style("\(chance)\(interval ?? "")", .faint))
        }
    }

    private func print(_ preference: PreferenceScore, _ session: Session) {
        session.print(
            "preferred: first \(preference.first), second \(preference.second), tie "
                + "\(preference.ties)" + String(format: "  (sign test p %.3f", preference.sign.p)
                + String(format: "; option A chosen in %.0f %%", preference.choseA * 100)
                + (preference.unreadable > 0
                    ? "; \(preference.unreadable) answers unreadable)" : ")"))
    }

    /// Both captions of each picture, shown to a model.
    private func preference(
        _ wish: String, _ one: StoredRun, _ two: StoredRun, _ session: Session
    ) throws -> PreferenceScore {
        let choice = try ModelChoice.resolve(
            wish, store: session.store(), samples: session.samples)
        let loaded = try LoadedModel(choice, session: session)
        let profile = loaded.captioner.profile
        let cancellation = session.cancellation
        let judge = PreferenceJudge { messages in
            try loaded.generator.generate(
                messages, options: SamplingOptions(maxNewTokens: 8), cancellation: cancellation
            ).text
        }
        let others = Dictionary(two.records.map { ($0.key, $0) }) { _, last in last }
        let pairs = one.records.compactMap { record in others[record.key].map { (record, $0) } }
            .filter { $0.0.failure == nil && $0.1.failure == nil }.prefix(limit)
        var verdicts: [PreferenceVerdict] = []
        for (done, pair) in pairs.enumerated() {
            session.progress.update(
                "asking \(choice.name)", fraction: Double(done) / Double(pairs.count))
            try session.checkCancellation()
            let query = ImageInput(
                try one.picture(pair.0.thumbnail), pixelBudget: profile.queryBudget)
            let concepts = try pair.0.given.map { concept in
                CaptionConcept(
                    name: concept.name, info: concept.info,
                    image: try one.picture(concept.thumbnail))
            }
            verdicts.append(
                try judge.verdict(
                    concepts: concepts, query: query, first: pair.0.caption,
                    second: pair.1.caption))
        }
        session.progress.clear()
        return PreferenceScore(verdicts)
    }
}

/// A run of `eval personal` as it lies in its folder.
struct StoredRun {
    let folder: URL
    let manifest: PersonalManifest
    let records: [EvaluationRecord]

    init(_ path: String) throws {
        folder = URL(fileURLWithPath: path, isDirectory: true)
        manifest = try EvaluationFolder.manifest(PersonalManifest.self, in: folder)
        records = PersonalRun.storedRecords(try EvaluationFolder.items(in: folder))
    }

    /// A small copy of a picture.
    func picture(_ path: String?) throws -> RGBImage {
        guard let path, !path.contains("..") else {
            throw StudioFailure(.notFound, "'\(folder.path)' lacks the picture of a caption")
        }
        return try ImageDecoder.decode(fileAt: folder.appending(path: path)).flattened()
    }
}
