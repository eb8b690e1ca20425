import ConceptDB
import Foundation
import PersonalCaption
import Synchronization
import VLMRuntime

/// `studio --plain`: everything a person needs, in questions and answers of one line.
final class PlainStudio: Sendable {
    let dialogue: PlainDialogue
    let places: AppPlaces
    let models: CaptionService
    let settingsFile: SettingsFile
    private let context: EffectContext
    /// What can be taken back, the latest last.
    private let undoable = Mutex<[UndoStep]>([])
    /// What ctrl-c stops, while something runs.
    private let running = Mutex<CancellationFlag?>(nil)

    init(places: AppPlaces, dialogue: PlainDialogue) {
        self.places = places
        self.dialogue = dialogue
        // Nobody looks into this mailbox: what happens is said where it happens.
        context = EffectContext(places: places, mailbox: Mailbox(wake: {}))
        models = CaptionService(context: context)
        settingsFile = SettingsFile(places.home)
    }

    /// Talks until the user leaves.
    static func run(in context: StudioContext, home option: String?) {
        let environment = context.environment
        let places = AppPlaces(
            home: StudioHome.resolve(option: option, environment: environment),
            samples: Samples.find(environment: environment, executable: context.executable),
            workingFolder: FileManager.default.currentDirectoryPath, environment: environment)
        let dialogue = PlainDialogue(console: context.console, input: context.input)
        let studio = PlainStudio(places: places, dialogue: dialogue)
        context.interrupts.onInterrupt { studio.interrupt() }
        defer { context.interrupts.onInterrupt(nil) }
        studio.talk()
    }

    private func talk() {
        dialogue.say(
            "studio \(Studio.version), plain mode. ? explains a question, an empty line goes back, "
                + "ctrl-d leaves.")
        do throws(PlainLeave) {
            sayWhatThereIs()
            try mainMenu(isListed: true)
            while true { try mainMenu(isListed: false) }
        } catch {
            dialogue.say("Goodbye.")
        }
    }

    private func sayWhatThereIs() {
        do {
            let counts = try store().counts()
            let model = try? ModelChoice.resolve(nil, store: store(), samples: places.samples)
            let use = model.map { "Captions are made with \($0.name)." } ?? "There is no model yet."
            dialogue.say(
                "\(TextForm.count(counts.concepts, "concept")), "
                    + "\(TextForm.count(counts.captions, "caption")). \(use)")
        } catch {
            dialogue.say(PlainDialogue.sentence(error))
        }
    }

    private func mainMenu(isListed: Bool) throws(PlainLeave) {
        let undo = undoable.withLock { $0.last }
        var choices = [
            ("Concepts", "list, search, change and remove what captions may name"),
            ("Add a concept", "give a name and pictures"),
            ("Ask about a picture", "make a caption with up to four concepts"),
            ("History", "read, search and remove captions"),
            ("Export", "write captions or concepts to a file"),
            ("Models", "choose the model that writes captions, or add one"),
            ("Settings", "hear and change every option"),
            ("Doctor", "what the studio found on this computer"),
            ("Help", "how this works"), ("Quit", "leave, as ctrl-d does"),
        ]
        if let undo { choices.append(("Undo", "take back: \(undo.title)")) }
        dialogue.say()
        let menu = choices.map { (word: $0.0, help: $0.1) }
        switch try dialogue.choose("Main menu", menu, isListed: isListed) {
        case 0: try PlainConcepts(studio: self).run()
        case 1: try PlainConcepts(studio: self).add()
        case 2: try PlainAsk(studio: self).run()
        case 3: try PlainHistory(studio: self).run()
        case 4: try PlainExport(studio: self).run()
        case 5: try PlainModels(studio: self).run()
        case 6: try PlainSettings(studio: self).run()
        case 7: doctor()
        case 8: help()
        case 9: throw PlainLeave()
        case 10: try takeBack()
        default: dialogue.say("This is the main menu; ctrl-d or Quit leaves.")
        }
    }

    // MARK: - What the parts share

    func store() throws -> ConceptStore { try context.library() }

    /// The settings as the file has them now.
    var settings: Settings { settingsFile.load().settings }

    /// How many changes of the library can be taken back: grows with every one.
    var changes: Int { undoable.withLock { $0.count } }

    /// Changes the library, says what was done, and remembers how to take it back.
    func edit(_ edit: LibraryEdit) throws(PlainLeave) {
        let outcome = try dialogue.attempt { try LibraryEditor.perform(edit, in: store()) }
        guard let outcome else { return }
        dialogue.say("Done: \(outcome.summary).")
        if let note = outcome.note { dialogue.say("\(note).") }
        guard let inverse = outcome.inverse else { return }
        undoable.withLock { $0.append(UndoStep(title: outcome.summary, inverse: inverse)) }
        dialogue.say("Undo in the main menu takes it back.")
    }

    private func takeBack() throws(PlainLeave) {
        guard let step = undoable.withLock({ $0.popLast() }) else { return }
        let outcome = try dialogue.attempt { try LibraryEditor.perform(step.inverse, in: store()) }
        if outcome != nil { dialogue.say("Taken back: \(step.title).") }
    }

    /// Runs something that ctrl-c stops.
    func interruptible<Result>(
        _ work: (CancellationFlag) throws -> Result
    ) throws(PlainLeave) -> Result? {
        let flag = CancellationFlag()
        running.withLock { $0 = flag }
        defer { running.withLock { $0 = nil } }
        return try dialogue.attempt { try work(flag) }
    }

    /// Ctrl-c: stops what runs; returns whether there was anything.
    private func interrupt() -> Bool {
        guard let flag = running.withLock({ $0 }), !flag.isCancelled else {
            dialogue.console.print()
            return false
        }
        flag.cancel()
        return true
    }

    /// Reads a path as it was typed, pasted or dropped: with quotes, backslashes, `~`, or bare.
    func file(_ typed: String) -> URL {
        let asTyped = places.paths.absolute(typed, hasTilde: typed == "~" || typed.hasPrefix("~/"))
        if FileManager.default.fileExists(atPath: asTyped) { return URL(fileURLWithPath: asTyped) }
        if let paths = PastedPaths.recognise(typed, in: places.paths), paths.count == 1 {
            return URL(fileURLWithPath: paths[0])
        }
        let words = ShellWords.split(typed)
        guard words.count == 1, let word = words.first else {
            return URL(fileURLWithPath: asTyped)
        }
        return URL(fileURLWithPath: places.paths.absolute(word))
    }

    // MARK: - Short parts

    private func doctor() {
        let size = TerminalMeasure.columns()
        let environment = places.environment
        let terminal = DoctorReport.Terminal(
            term: environment["TERM"] ?? "", isTerminal: dialogue.console.outputIsTerminal,
            columns: size, rows: 0, cellWidth: 0, cellHeight: 0, cellSource: "plain mode",
            colours: "none", coloursWhy: "plain mode", imageProtocol: "none",
            imageProtocolWhy: "plain mode", advice: nil)
        let report = DoctorReport(
            home: places.home, samples: places.samples, terminal: terminal, open: store)
        for section in report.sections where section.title != "terminal" {
            dialogue.say("\(section.title):")
            for (name, value) in section.facts { dialogue.say("\(name): \(value)") }
        }
        dialogue.say(
            report.problems.isEmpty
                ? "Nothing is wrong."
                : "What needs attention: \(report.problems.joined(separator: "; ")).")
    }

    private func help() {
        dialogue.say(
            """
            A concept is a name with pictures: somebody or something you know. Add concepts first, \
            then ask about a picture and say which concepts may be in it; up to four. The caption \
            calls them by their names, and is kept in the history.
            Every question is one line. Choices have numbers; the beginning of a word does too. ? \
            explains a question, an empty line goes back, ctrl-c stops what runs, ctrl-d leaves.
            Nothing is lost by removing: it goes to the trash, and Undo brings it back.
            """)
    }
}
