import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI

/// `studio report OUT.html`: a page to show to somebody.
struct ReportCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write a web page of captions, concepts, trainings and scores, in one file.",
        discussion: """
            The page holds everything it shows, asks nothing of any network and runs no program; \
            pictures in it are small, encoded anew, and say nothing about place, time or camera. \
            Every concept has a number, a colour and a kind of underline, the same in its picture \
            and wherever a caption names it. Without options it shows the newest twelve captions \
            of the history with their concepts.
            """)

    @Argument(help: "The file to write.", completion: .file(extensions: ["html"]))
    var output: String

    @OptionGroup var selection: CaptionSelection

    @Option(
        help: ArgumentHelp(
            "Show these concepts too, or 'all' of the library, or 'none'; default: those of the "
                + "captions.", valueName: "A,B"))
    var concepts: String?

    @Option(
        name: .customLong("pair"),
        help: ArgumentHelp(
            "Two captions of the history side by side: before and after.", valueName: "3,7"))
    var pairs: [CaptionNumbers] = []

    @Option(
        name: .customLong("run"),
        help: "A fine-tuning: its curves, and captions before and after it.")
    var runs: [String] = []

    @Option(
        name: .customLong("eval"),
        help: ArgumentHelp(
            "The scores in a folder of 'eval personal' or 'eval prism'.", valueName: "dir"),
        completion: .directory)
    var evaluations: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where things are in the pictures: what 'compose --json' prints, one or a list, or a "
                + "line for each picture.", valueName: "file"),
        completion: .file())
    var boxes: String?

    @Option(help: "The heading.")
    var title = "Captions"

    @Option(help: "A sentence below the heading.")
    var introduction = ""

    @Option(help: "A text at the end, such as where the pictures come from.")
    var note = ""

    @Option(help: "Show at most so many scenes of each fine-tuning.")
    var scenes = 6

    @Option(help: "The longer side of the pictures in the page, 64 to 2048 pixels.")
    var pictureSize = 720

    @Flag(inversion: .prefixedNo, help: "Say what was asked, which model answered, and when.")
    var facts = true

    @Flag(help: "Replace a file that exists.")
    var force = false

    @OptionGroup var common: CommonOptions

    static let usualCaptions = 12
    private static let mostCaptions = 500

    func validate() throws {
        if pairs.contains(where: { $0.ids.count != 2 }) {
            throw ValidationError("--pair takes the numbers of two captions, such as 3,7.")
        }
        if !(64...2048).contains(pictureSize) {
            throw ValidationError("--picture-size takes 64 to 2048.")
        }
        if !(0...100).contains(scenes) { throw ValidationError("--scenes takes 0 to 100.") }
    }

    private struct Document: Encodable {
        let file: String
        let bytes, captions, concepts, pairs, runs, evaluations: Int
        let problems: [String]
    }

    func run(_ session: Session) throws {
        let file = URL(fileURLWithPath: output)
        let shown = TerminalText.sanitized(output)
        if let facts = FileFacts(file.path), !force || facts.kind != .file {
            throw StudioFailure(
                .badInput,
                facts.kind == .file
                    ? "\(shown) exists already; choose another file, or --force to replace it"
                    : "\(shown) is no file; choose another one")
        }
        let collector = ReportCollector(
            store: try session.store(), side: pictureSize, saysFacts: facts,
            boxes: try boxes.map(ReportBoxes.init(file:)) ?? ReportBoxes(), session: session)
        let hasOthers = !pairs.isEmpty || !runs.isEmpty || !evaluations.isEmpty
        let chosen =
            selection.isGiven || !hasOthers
            ? try selection.read(session, usual: Self.usualCaptions) : []
        guard chosen.count <= Self.mostCaptions else {
            throw StudioFailure(
                .badInput,
                "\(chosen.count) captions are too many for one page; --last \(Self.mostCaptions) "
                    + "or fewer")
        }
        guard !chosen.isEmpty || hasOthers else {
            throw StudioFailure(
                .badInput, "there is no caption to show yet; make one with 'studio caption'")
        }
        var page = SharedPage(title: title)
        page.introduction = introduction
        page.note = note
        page.captions = try chosen.map { try collector.caption($0) }
        page.pairs = try pairs.map { try collector.pair($0.ids) }
        page.runs = try runs.map { try collector.run($0, scenes: scenes) }
        page.evaluations = try evaluations.map {
            try SharedEvaluation(URL(fileURLWithPath: $0, isDirectory: true))
        }
        try collector.add(concepts: concepts)
        page.concepts = collector.concepts
        page.showsConcepts = concepts != "none"
        session.progress.clear()
        let html = Data(page.html().utf8)
        try session.checkCancellation()
        try HistoryText.write(html, to: file, shownName: output)
        if common.json {
            return try session.printJSON(
                Document(
                    file: output, bytes: html.count, captions: page.captions.count,
                    concepts: page.concepts.count, pairs: page.pairs.count, runs: page.runs.count,
                    evaluations: page.evaluations.count, problems: collector.problems))
        }
        for problem in collector.problems { session.note(TerminalText.sanitized(problem)) }
        session.note(
            "wrote \(shown): \(TextForm.count(page.captions.count, "caption")), "
                + "\(TextForm.count(page.concepts.count, "concept")), \((html.count + 1023) / 1024) KiB"
        )
    }
}
