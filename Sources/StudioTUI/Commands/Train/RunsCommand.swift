import ArgumentParser
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

extension StudioHome {
    /// One folder for each fine-tuning.
    var runs: URL { data.appendingPathComponent("runs", isDirectory: true) }
    /// One PEFT folder for each adapter.
    var adapters: URL { data.appendingPathComponent("adapters", isDirectory: true) }
}

/// `studio runs …`: fine-tunings, running and past.
struct RunsCommand: StudioCommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List, watch, stop, export and delete fine-tunings.",
        subcommands: [
            RunsList.self, RunsShow.self, RunsStop.self, RunsExport.self, RunsDelete.self,
        ])
}

/// A run in short.
struct RunDocument: Encodable {
    let name: String
    let model: String
    let recipe: String
    let concepts: [String]
    @Present var dataFile: String?
    let step: Int
    let steps: Int
    /// `done`, `stopped`, or the sentence of a failure; null while it runs or after a crash.
    @Present var outcome: String?
    @Present var before: EvaluationReport?
    @Present var best: EvaluationReport?
    let bestStep: Int
    let path: String

    init(_ folder: RunFolder) throws {
        let settings = try folder.settings()
        let events = folder.events()
        let judged = events.filter { $0.evaluation != nil }
        let winner = judged.max { a, b in
            (a.evaluation?.score ?? 0, -a.step) < (b.evaluation?.score ?? 0, -b.step)
        }
        name = settings.name
        model = settings.model
        recipe = settings.recipe.rawValue
        concepts = settings.concepts
        dataFile = settings.dataFile
        step = events.last?.step ?? 0
        steps = settings.steps
        outcome = events.last?.type == .end ? events.last?.reason : nil
        before = judged.first { $0.step == 0 }?.evaluation
        best = winner?.evaluation
        bestStep = winner?.step ?? 0
        path = folder.url.path
    }

    var line: String {
        func score(_ report: EvaluationReport?) -> String {
            report.map { RunText.number(Float($0.f1)) } ?? "-"
        }
        let what = concepts.isEmpty ? (dataFile ?? "") : concepts.joined(separator: ", ")
        return TerminalText.sanitized(
            "\(name)  \(recipe)  \(model)  \(step)/\(steps)  names F1 \(score(before)) → "
                + "\(score(best))  \(outcome ?? "unfinished")  \(what)")
    }
}

/// `studio runs list`.
struct RunsList: StudioCommand {
    struct Document: Encodable { let runs: [RunDocument] }

    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all runs.")

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let runs = try RunFolder.all(in: session.home.runs).map(RunDocument.init)
        if common.json { return try session.printJSON(Document(runs: runs)) }
        if runs.isEmpty { session.note("no runs; begin one with 'studio train --concepts NAME'") }
        for run in runs { session.print(run.line) }
    }
}

/// `studio runs show NAME`.
struct RunsShow: StudioCommand {
    struct Document: Encodable {
        let run: RunDocument
        let settings: RunSettings
        let events: [RunEvent]
    }

    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the course of a run.")

    @Argument(help: "The run's name.")
    var name: String

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let folder = try RunFolder(name: name, in: session.home.runs)
        let document = Document(
            run: try RunDocument(folder), settings: try folder.settings(), events: folder.events())
        if common.json { return try session.printJSON(document) }
        session.print(document.run.line)
        for event in document.events { session.print(RunText.line(event)) }
    }
}

/// `studio runs stop NAME`.
struct RunsStop: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Ask a running fine-tuning to write a checkpoint and end, or to pause.")

    @Argument(help: "The run's name.")
    var name: String

    @Flag(help: "Only wait, until --go.")
    var pause = false

    @Flag(help: "Go on after --pause.")
    var go = false

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let folder = try RunFolder(name: name, in: session.home.runs)
        _ = try folder.settings()
        try folder.ask(go ? nil : pause ? .pause : .stop)
        session.note(go ? "it goes on" : "it will after the update it is at")
    }
}

/// `studio runs export NAME DIR`.
struct RunsExport: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a run's best adapter as a PEFT folder.")

    @Argument(help: "The run's name.")
    var name: String

    @Argument(help: "A folder that does not exist yet.", completion: .directory)
    var folder: String

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let run = try RunFolder(name: name, in: session.home.runs)
        _ = try run.settings()
        try AdapterShelf.copy(run.best, to: URL(fileURLWithPath: folder, isDirectory: true))
        session.note("wrote \(TerminalText.sanitized(folder))")
    }
}

/// `studio runs delete NAME`.
struct RunsDelete: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a run; the adapter kept from it stays.")

    @Argument(help: "The run's name.")
    var name: String

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let folder = try RunFolder(name: name, in: session.home.runs)
        guard folder.exists else { throw RunError.notFound(name: name) }
        let lock = try TrainingLock(runs: session.home.runs)
        defer { withExtendedLifetime(lock) {} }
        try folder.delete()
        session.note("deleted run \(TerminalText.sanitized(name))")
    }
}
