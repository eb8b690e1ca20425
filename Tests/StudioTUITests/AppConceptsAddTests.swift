import ConceptDB
import Foundation
import TerminalUI
import Testing

@testable import StudioTUI

/// Adding, with a real library.
@Suite struct AppConceptsAddTests {
    let folder: TemporaryFolder
    let robot: AppRobot

    init() throws {
        folder = try TemporaryFolder()
        robot = AppRobot(home: folder.url.appendingPathComponent("home"))
        try robot.wait(forText: "No concepts yet")
    }

    private func store() throws -> ConceptStore { try robot.core.context.library() }

    @Test func oneFileThroughTheForm() throws {
        let path = try folder.picture("red_mug.png")
        try robot.press("a")
        robot.type(path)
        try robot.press("enter")
        try robot.wait(forText: "Concepts (1)")
        let concept = try #require(try store().concepts().concepts.first)
        #expect(concept.name == "red mug")
        #expect(robot.screen.contains("added red mug with 1 picture"))
        try robot.press("u")
        try robot.wait(forText: "No concepts yet")
        try robot.press("ctrl-r")
        try robot.wait(forText: "Concepts (1)")
    }

    @Test func aPatternBecomesOneConceptEachAndOneStep() throws {
        for number in 1...9 { _ = try folder.picture("pic\(number).png", red: UInt8(number * 20)) }
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: folder.path("pic0.png")))
        try robot.press("a")
        robot.type(folder.path("*.png"))
        try robot.press("down", "down", "down")
        robot.type("batch")
        try robot.press("enter")
        try robot.wait(forText: "Concepts (9)")
        #expect(robot.screen.contains("1 picture was left out"))
        let concepts = try store().concepts().concepts
        #expect(concepts.map(\.name) == (1...9).map { "pic\($0)" })
        #expect(concepts.allSatisfy { $0.tags == ["batch"] })
        try robot.press("u")
        try robot.wait(forText: "No concepts yet")
        try robot.press("ctrl-r")
        try robot.wait(forText: "Concepts (9)")
    }

    @Test func addingAFolderAgainReportsDuplicates() throws {
        for number in 1...3 { _ = try folder.picture("pic\(number).png", red: UInt8(number * 20)) }
        _ = try folder.picture("same as 1.png", red: 20)
        try robot.press("a")
        robot.type(folder.path("*.png"))
        try robot.press("enter")
        try robot.wait(forText: "Concepts (3)")
        #expect(robot.core.state.concepts.importReport.count == 1)
        try robot.press("a")
        robot.type(folder.path("*.png"))
        try robot.press("enter")
        try robot.wait(forText: "is in the library already")
        #expect(try store().concepts().total == 3)
        #expect(robot.core.state.concepts.importReport.count == 4)
    }

    @Test func allOfOneConcept() throws {
        for number in 1...4 { _ = try folder.picture("pic\(number).png", red: UInt8(number * 20)) }
        try robot.press("a")
        robot.type(folder.path("*.png"))
        try robot.press("down")
        robot.type("Momo")
        try robot.press("down", "down", "down", "down", "right", "enter")
        try robot.wait(forText: "added Momo with 4 pictures")
        #expect(try store().concept(named: "Momo").images.count == 4)
    }

    @Test func pastedPathsAreOffered() throws {
        let first = try folder.picture("one.png", red: 10)
        let second = try folder.picture("two words.png", red: 90)
        robot.paste("file://\(first)\n\(second.replacingOccurrences(of: " ", with: "\\ "))\n")
        #expect(robot.screen.contains("Add 2 pasted paths"))
        try robot.press("enter")
        try robot.wait(forText: "Concepts (2)")
        #expect(try store().names() == ["one", "two words"])
        robot.paste("just some words")
        #expect(robot.screen.contains("paste paths of pictures here"))
    }

    @Test func whatFailsOpensTheFormAgainWithEverythingTyped() throws {
        try robot.press("a")
        robot.type(folder.path("nothing.png"))
        try robot.press("down")
        robot.type("Momo")
        try robot.press("enter")
        try robot.wait(forText: "there is no file")
        #expect(robot.screen.contains("Momo"))
        #expect(robot.screen.contains("Add concepts"))
    }

    /// What telephones send unless they are told otherwise, whatever the file is called.
    @Test(arguments: ["heic", "avif"])
    func aFormatThatIsNotReadSaysWhatToDo(_ brand: String) throws {
        let path = folder.path("photo.png")
        let header: [UInt8] = [0, 0, 0, 24] + Array("ftyp\(brand)".utf8) + [0, 0, 0, 0]
        try Data(header + Array("mif1\(brand)".utf8) + [UInt8](repeating: 0, count: 400))
            .write(to: URL(fileURLWithPath: path))
        func explains(_ robot: AppRobot) -> Bool {
            robot.screen.contains(brand.uppercased()) && robot.screen.contains("convert")
        }
        try robot.press("a")
        robot.type(path)
        try robot.press("enter")
        try robot.wait(for: "the reason in the form") { explains($0) }
        try robot.press("esc", "esc")
        robot.paste(path)
        try robot.press("enter")
        try robot.wait(for: "the reason after a paste") { explains($0) }
        try robot.press("esc", "esc", "2")
        #expect(!explains(robot))
        robot.paste(path)
        try robot.wait(for: "the reason in Ask") { explains($0) }
        #expect(try store().names().isEmpty)
    }

    @Test func aNameThatIsTakenIsSaid() throws {
        let path = try folder.picture("one.png", red: 10)
        let other = try folder.picture("other.png", red: 90)
        try robot.press("a")
        robot.type(path)
        try robot.press("enter")
        try robot.wait(forText: "Concepts (1)")
        try robot.press("a")
        robot.type(other)
        try robot.press("down")
        robot.type("ONE")
        try robot.press("enter")
        try robot.wait(forText: "is taken by the concept")
    }

    @Test func morePicturesOfAConceptAndTheirUndo() throws {
        let first = try folder.picture("one.png", red: 10)
        try robot.press("a")
        robot.type(first)
        try robot.press("enter")
        try robot.wait(forText: "Concepts (1)")
        let more = try folder.picture("more.png", red: 60)
        try robot.press("I")
        robot.type("\(first) \(more)")
        try robot.press("enter")
        try robot.wait(forText: "added 1 picture to one")
        #expect(robot.screen.contains("1 picture was left out"))
        #expect(try store().concept(named: "one").images.count == 2)
        try robot.press("u")
        try robot.wait(forText: "undone")
        #expect(try store().concept(named: "one").images.count == 1)
    }

    @Test func aCropBecomesTheCoverAndUndoBringsBothBack() throws {
        let path = try folder.picture("one.png", red: 10, size: 80)
        try robot.press("a")
        robot.type(path)
        try robot.press("enter")
        try robot.wait(forText: "Concepts (1)")
        let before = try store().concept(named: "one")
        try robot.press("enter", "x", "c", "enter")
        try robot.wait(forText: "added the crop as cover of one")
        let after = try store().concept(named: "one")
        #expect(after.images.count == 2)
        #expect(after.cover == after.images.last?.id)
        #expect(after.images.last?.width == 64)
        try robot.press("u")
        try robot.wait(forText: "undone")
        let undone = try store().concept(named: "one")
        #expect(undone.images == before.images && undone.cover == before.cover)
        try robot.press("ctrl-r")
        try robot.wait(for: "the crop again") { _ in
            (try? store().concept(named: "one").cover) == after.cover
        }
    }

    /// Half of a long import is kept, as one step.
    @Test func cancellingKeepsWhatIsDone() throws {
        let paths = try (0..<40).map { try folder.picture("pic\($0).png", red: UInt8($0 * 6)) }
        var work = try PictureImport(
            AddRequest(source: .paths(paths)), paths: paths, store: try store())
        var asked = 0
        work.run(isCancelled: {
            asked += 1
            return asked > 10
        })
        #expect(work.added.count == 10)
        let outcome = try #require(work.outcome)
        #expect(outcome.summary == "added 10 concepts; the rest was cancelled")
        #expect(outcome.inverse == .trash(work.added.map(\.id)))
    }

    @Test func manyShowAsATask() throws {
        for number in 1...6 { _ = try folder.picture("pic\(number).png", red: UInt8(number * 20)) }
        try robot.press("a")
        robot.type(folder.url.path)
        try robot.press("enter")
        try robot.wait(forText: "Concepts (6)")
        let task = try #require(robot.core.state.tasks.all.last)
        #expect(task.title == "adding 6 pictures")
        #expect(task.cancellation != nil)
    }
}

/// Several edits as one step.
@Suite struct LibrarySeriesTests {
    @Test func whatWasDoneBeforeAFailureIsTakenBack() throws {
        let folder = try TemporaryFolder()
        let store = try ConceptStore(directory: folder.url.appendingPathComponent("library"))
        let ant = try store.add(NewConcept(name: "Ant"))
        let series = LibraryEdit.series(
            [.rename(id: ant.id, name: "Anton"), .rename(id: 99, name: "nobody")], title: "both")
        #expect(throws: ConceptStoreError.noSuchConceptID(99)) {
            try LibraryEditor.perform(series, in: store)
        }
        #expect(try store.names() == ["Ant"])
    }

    @Test func theInverseRunsBackwards() throws {
        let folder = try TemporaryFolder()
        let store = try ConceptStore(directory: folder.url.appendingPathComponent("library"))
        let ant = try store.add(NewConcept(name: "Ant"))
        let series = LibraryEdit.series(
            [
                .rename(id: ant.id, name: "Bee"),
                .edit([ConceptPatch(id: ant.id, edit: ConceptEdit(info: "x"))]),
                .rename(id: ant.id, name: "Cat"),
            ], title: "three")
        let done = try LibraryEditor.perform(series, in: store)
        #expect(done.summary == "three")
        #expect(try store.names() == ["Cat"])
        let undone = try LibraryEditor.perform(try #require(done.inverse), in: store)
        #expect(try store.concept(id: ant.id).name == "Ant")
        #expect(try store.concept(id: ant.id).info == "")
        _ = try LibraryEditor.perform(try #require(undone.inverse), in: store)
        #expect(try store.names() == ["Cat"])
    }
}
