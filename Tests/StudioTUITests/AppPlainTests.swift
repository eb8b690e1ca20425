import ConceptDB
import Foundation
import Testing

@testable import StudioTUI

/// The plain mode as a scripted dialogue over pipes.
@Suite struct AppPlainTests {
    let studio: TestStudio
    init() throws { studio = try TestStudio() }

    /// Types lines and returns the transcript.
    private func talk(_ lines: String...) throws -> String { try talk(lines) }

    private func talk(_ lines: [String]) throws -> String {
        let outcome = try studio.runPlain(lines)
        #expect(outcome.exit == .done)
        #expect(outcome.error.isEmpty)
        // Nothing but text and line ends ever reaches the terminal.
        #expect(!outcome.output.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        return outcome.output
    }

    private func store() throws -> ConceptStore {
        let home = StudioHome(directory: URL(fileURLWithPath: studio.folder.path("home")))
        return try ConceptStore(directory: home.library, thumbnails: home.thumbnails)
    }

    @Test func endOfInputLeavesPolitely() throws {
        let text = try talk([])
        #expect(text.contains("plain mode"))
        #expect(text.hasSuffix("Goodbye.\n"))
    }

    @Test func theMenuIsSaidOnceAndExplainedWhenAsked() throws {
        let text = try talk("help", "?", "99", "nonsense")
        #expect(text.components(separatedBy: "3. Ask about a picture\n").count == 2)
        #expect(text.contains("3, Ask about a picture: make a caption with up to four concepts"))
        #expect(text.contains("There is no 99 here. Type a number from 1 to 10, or ?."))
        #expect(text.contains("There is no nonsense here."))
    }

    @Test func conceptsAreAddedChangedTrashedAndBroughtBack() throws {
        let first = try studio.picture("a b.png")
        let second = try studio.picture("second.png", red: 10)
        var text = try talk(
            "2", "Mochi", studio.folder.path("none.png"), first, second, "-", "dog", "-",
            "1", "Mochi", "1", "2", "likes snow", "1", "Momo", "", "")
        #expect(text.contains("There is no file"))
        #expect(text.contains("Done: added Mochi with 2 pictures."))
        #expect(text.contains("1 concept found for Mochi:"))
        var concept = try #require(try store().concepts().concepts.first)
        #expect(concept.name == "Momo")
        #expect(concept.category == "dog")
        #expect(concept.info == "likes snow")
        text = try talk("concepts", "1", "trash", "", "undo")
        #expect(text.contains("Done: moved Momo to the trash."))
        #expect(text.contains("Taken back: moved Momo to the trash."))
        concept = try #require(try store().concepts().concepts.first)
        #expect(concept.name == "Momo")
    }

    @Test func pathsMayComeQuotedOrEscaped() throws {
        _ = try studio.picture("a b.png")
        let folder = studio.folder.url.path
        for path in ["'\(folder)/a b.png'", "\(folder)/a\\ b.png", "\(folder)/a b.png"] {
            let text = try talk("2", "Name", path, "", "")
            #expect(text.contains("a b.png, 32 by 32 pixels."), "\(path)")
        }
    }

    @Test func anEmptyLineGoesBackWithoutAddingAnything() throws {
        let picture = try studio.picture("a.png")
        _ = try talk("2", "", "2", "Mochi", "", "2", "Mochi", picture, "-", "")
        #expect(try store().concepts().total == 0)
    }

    /// With the embedded model, from the samples to the history and out again.
    @Test func aPictureIsAskedAboutAndTheCaptionKept() throws {
        let concepts = TestStudio.samples + "/concepts"
        let file = studio.folder.path("history.md")
        let text = try talk(
            "2", "Milo", "\(concepts)/milo.png", "-", "-", "-",
            "2", "Bruna", "\(concepts)/bruna.png", "-", "-", "-",
            "ask", "s", "1", "5", "2, Nobody", "2, bruna", "-", "",
            "history", "1", "", "nothing like that", "",
            "export", "markdown", file, "", "export", "1", file, "n", "", "")
        #expect(text.contains("There is no concept Nobody."))
        #expect(text.contains("There is no concept 5."))
        #expect(text.contains("Loading the model mini."))
        #expect(text.contains("Caption:\n"))
        #expect(text.contains("It is caption 1 of the history."))
        #expect(text.contains("Nothing found for nothing like that."))
        #expect(text.contains("Wrote 1 caption to"))
        #expect(text.contains("exists. Replace it? y or n: n"))
        let record = try store().caption(id: 1)
        #expect(record.concepts.map(\.name) == ["Milo", "Bruna"])
        #expect(record.named == ["Milo"])
        let spoken = text.replacing("\n", with: " ")
        #expect(spoken.contains(record.caption))
        #expect(try String(contentsOfFile: file, encoding: .utf8).contains("**Milo**"))
    }

    @Test func aFifthConceptIsRefused() throws {
        for index in 1...5 {
            let picture = try studio.picture("\(index).png", red: UInt8(index * 20))
            _ = studio.run("concept", "add", "c\(index)", picture)
        }
        let query = try studio.picture("q.png")
        let text = try talk("ask", query, "1,2,3,4,5", "", "")
        #expect(text.contains("These are 5; at most 4 go along with a picture."))
    }

    @Test func optionsAreHeardAndChanged() throws {
        let text = try talk(
            "settings", "ui.thme", "ui.theme", "purple", "light", "2", "ask", "1", "d", "")
        #expect(text.contains("There is no option ui.thme. Did you mean ui.theme?"))
        #expect(text.contains("'ui.theme' cannot be 'purple'; it takes auto, dark, light, mono."))
        #expect(text.contains("ui.theme is light from now on."))
        #expect(text.contains("ui.theme is auto from now on."))
        let home = StudioHome(directory: URL(fileURLWithPath: studio.folder.path("home")))
        let settings = SettingsFile(home).load().settings
        #expect(settings.startScreen == .ask)
        #expect(settings.theme == .automatic)
    }

    @Test func modelsAreListedAndABadFolderRefused() throws {
        let text = try talk("models", "a", studio.folder.url.path, "-", "7", "1", "", "doctor")
        #expect(text.contains("1. mini, in use, comes with the studio"))
        #expect(text.contains("That did not work."))
        #expect(text.contains("There is no number 7 in this list."))
        #expect(text.contains("Captions are made with mini from now on."))
        #expect(text.contains("Nothing is wrong."))
    }

    @Test func concernsOfTheOutsideWorldStayHarmless() throws {
        let text = try talk("2", "\u{1B}[31mred", try studio.picture("a.png"), "-", "-", "-")
        #expect(text.contains("That did not work."))
        #expect(try store().concepts().total == 0)
    }

    @Test func streamedTextComesInWholeSentences() throws {
        let caught = Caught()
        let console = Console(
            outputIsTerminal: false, errorIsTerminal: false, output: { caught.add($0) },
            error: { _ in nil })
        var stream = PlainDialogue(console: console, input: LineInput(descriptor: -1)).stream()
        for piece in ["A d", "og.", " It", " runs", ".\nFast", " 3.5 km"] { stream.append(piece) }
        #expect(caught.text == "A dog.\nIt runs.\n")
        stream.finish()
        #expect(caught.text == "A dog.\nIt runs.\nFast 3.5 km\n")
    }

    @Test(arguments: [
        ("--home X concept list", "concept list --home X"),
        ("--json --home=X model list", "model list --json --home=X"),
        ("--quiet concept add -- -x", "concept add --quiet -- -x"),
        ("--home X", "--home X"), ("--plain --home X", "--plain --home X"),
        ("concept list --home X", "concept list --home X"),
    ])
    func leadingOptionsGoToTheSubcommand(_ before: String, _ after: String) {
        let words = before.split(separator: " ").map(String.init)
        #expect(LeadingOptions.moved(words).joined(separator: " ") == after)
    }

    @Test func theHomeOptionWorksBeforeACommandAndForThePlainMode() throws {
        let other = studio.folder.path("other")
        let picture = try studio.picture("a.png")
        #expect(studio.run("--home", other, "concept", "add", "Rex", picture).exit == .done)
        #expect(studio.run("concept", "list", "--home", other).output.contains("Rex"))
        let outcome = try studio.runPlain(["1", ""], arguments: ["--plain", "--home", other])
        #expect(outcome.output.contains("1. Rex, 1 picture"))
    }

    @Test func whereTheAppCannotRunThePlainModeIsNamed() {
        let outcome = studio.run([])
        #expect(outcome.exit == .usage)
        #expect(outcome.error.contains("studio --plain"))
    }
}

extension TestStudio {
    /// Runs the plain mode with lines on a pipe.
    func runPlain(_ lines: [String], arguments: [String] = ["--plain"]) throws -> Outcome {
        let pipe = Pipe()
        let text = lines.map { $0 + "\n" }.joined()
        try pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try pipe.fileHandleForWriting.close()
        var copy = self
        copy.input = LineInput(descriptor: pipe.fileHandleForReading.fileDescriptor)
        return withExtendedLifetime(pipe) { copy.run(arguments) }
    }
}
