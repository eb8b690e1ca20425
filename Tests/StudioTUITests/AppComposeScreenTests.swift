import ConceptDB
import Foundation
import ImageCodecs
import TerminalUI
import Testing

@testable import StudioTUI

/// The screen Compose with real effects and a real library.
@Suite struct AppComposeScreenTests {
    let fixture: ComposeFixture
    let robot: AppRobot

    init() throws {
        fixture = try ComposeFixture()
        robot = try fixture.robot()
        try robot.press("3")
    }

    private func place(_ name: String) throws {
        try robot.press("c")
        robot.type(name.lowercased())
        try robot.press("enter")
        try robot.wait(for: "\(name) in the preview") { robot in
            let compose = robot.core.state.compose
            guard let piece = compose.scene.pieces.first(where: { $0.name == name }) else {
                return false
            }
            return compose.preview?.boxes[piece.id] != nil && compose.rendering == nil
        }
    }

    private func document(_ file: URL) throws -> [String: Any] {
        let data = try Data(contentsOf: file)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func aSavedPictureHasItsBoxesBesideIt() throws {
        try place("Milo")
        try place("Bruna")
        try robot.press("l", "l", "+", "f", "s")
        try robot.wait(forText: "Save the picture")
        #expect(robot.screen.contains("milo-bruna.png"))
        try robot.press("enter")
        let file = fixture.home.queries.appendingPathComponent("milo-bruna.png")
        try robot.wait(for: "the file") { $0.core.state.compose.savedFile == file }
        let image = try ImageDecoder.decode(fileAt: file)
        #expect(image.width == 448 && image.height == 448)
        let boxes = try document(ComposeSaver.boxes(of: file))
        #expect(Set(boxes.keys) == ["image", "width", "height", "boxes"])
        #expect(boxes["image"] as? String == file.path)
        let places = try #require(boxes["boxes"] as? [[String: Any]])
        #expect(places.compactMap { $0["name"] as? String } == ["Milo", "Bruna"])
        try robot.wait(for: "the preview") { $0.core.state.compose.isPreviewCurrent }
        // The side pane shows the same numbers.
        let box = try #require(places.last?["box"] as? [Int])
        #expect(robot.screen.contains("\(box[0]),\(box[1]) – \(box[2]),\(box[3])"))
        #expect(robot.screen.contains("✓ milo-bruna.png"))
        try robot.press("h")
        #expect(robot.screen.contains("changed since it was saved"))
    }

    @Test func noFileIsReplacedWithoutAsking() throws {
        try place("Milo")
        let file = fixture.folder.url.appendingPathComponent("mine.png")
        try Data("mine".utf8).write(to: file)
        func save() throws {
            try robot.press("s")
            try robot.wait(forText: "Save the picture")
            try robot.press("ctrl-u", "ctrl-k")
            robot.type("mine.png")
            try robot.press("enter")
            try robot.wait(forText: "Replace the file?")
        }
        try save()
        try robot.press("enter")
        #expect(try Data(contentsOf: file) == Data("mine".utf8))
        #expect(robot.core.state.compose.saved == nil)
        try save()
        try robot.press("y")
        try robot.wait(for: "the file") { $0.core.state.compose.savedFile == file }
        #expect(try ImageDecoder.decode(fileAt: file).width == 448)
    }

    @Test func aFileOfBoxesIsNotReplacedEither() throws {
        try place("Milo")
        let boxes = fixture.folder.url.appendingPathComponent("mine.json")
        try Data("notes".utf8).write(to: boxes)
        try robot.press("s")
        try robot.wait(forText: "Save the picture")
        try robot.press("ctrl-u", "ctrl-k")
        robot.type("mine.png")
        try robot.press("enter")
        try robot.wait(forText: "Replace the file?")
        try robot.press("n")
        #expect(try Data(contentsOf: boxes) == Data("notes".utf8))
        #expect(
            !FileManager.default.fileExists(
                atPath: fixture.folder.url.appendingPathComponent("mine.png").path))
    }

    @Test func aFolderThatIsMissingIsToldAndNothingIsSaved() throws {
        try place("Milo")
        try robot.press("s")
        try robot.wait(forText: "Save the picture")
        try robot.press("ctrl-u", "ctrl-k")
        robot.type("nowhere/deep/mine.png")
        try robot.press("enter")
        try robot.wait(forText: "cannot be written")
        #expect(!robot.core.state.compose.isSaving)
        #expect(robot.core.state.compose.saved == nil)
    }

    @Test func enterTakesThePictureToAsk() throws {
        try place("Bruna")
        try place("Pico")
        try robot.press("enter")
        try robot.wait(for: "the screen Ask") { $0.core.state.screen == .ask }
        let first = fixture.home.queries.appendingPathComponent("bruna-pico.png")
        #expect(FileManager.default.fileExists(atPath: first.path))
        // Other contents get another name.
        try robot.press("3", "l", "a")
        try robot.wait(for: "the screen Ask") { $0.core.state.screen == .ask }
        let second = fixture.home.queries.appendingPathComponent("bruna-pico-2.png")
        #expect(FileManager.default.fileExists(atPath: second.path))
    }

    @Test func aPastedPathBecomesTheBackground() throws {
        let path = try fixture.folder.picture("beach day.png", red: 10, size: 64)
        try place("Milo")
        robot.paste("'\(path)'")
        try robot.wait(forText: "on beach day.png")
        #expect(robot.core.state.compose.scene.canvas == PixelArea(width: 64, height: 64))
        robot.paste(fixture.folder.path("nothing.png"))
        // A long path is broken over lines on the screen, so the message itself is looked at.
        try robot.wait(for: "a word about the missing file") {
            $0.core.state.toasts.shown.contains { $0.text.contains("nothing.png") }
        }
        #expect(robot.core.state.compose.scene.background.title == "beach day.png")
    }

    @Test func backgroundsAreChosenFromTheList() throws {
        try robot.press("b")
        robot.type("grass")
        try robot.press("enter")
        #expect(robot.core.state.compose.scene.background == .plain("grass"))
        try robot.press("b")
        robot.type("another colour")
        try robot.press("enter")
        robot.type("#12")
        try robot.press("enter")
        #expect(robot.screen.contains("six hexadecimal digits"))
        robot.type("3456")
        try robot.press("enter")
        #expect(robot.core.state.compose.scene.background == .plain("#123456"))
        try robot.press("m")
        robot.type("640")
        try robot.press("enter")
        #expect(
            robot.core.state.compose.scene.canvas.width != 448 || robot.screen.contains("448×640"))
    }

    @Test func theMouseSelectsDragsAndScales() throws {
        try place("Milo")
        try place("Bruna")
        let before = try #require(robot.core.state.compose.scene.piece(1))
        // The frame of the first piece carries its number and name; the side pane comes after it.
        let rows = robot.rows
        let row = try #require(rows.firstIndex { $0.contains("1 Milo") && $0.contains("│1 Milo") })
        let start = try #require(rows[row].range(of: "1 Milo")).lowerBound
        let column = TerminalText.width(String(rows[row][..<start]))
        robot.core.mouse(MouseEvent(.press(.left), at: Point(x: column, y: row)))
        #expect(robot.core.state.compose.selected == before.id)
        robot.core.mouse(MouseEvent(.drag(.left), at: Point(x: column + 6, y: row - 2)))
        _ = robot.screen
        robot.core.mouse(MouseEvent(.drag(.left), at: Point(x: column + 10, y: row - 4)))
        robot.core.mouse(MouseEvent(.release(.left), at: Point(x: column + 10, y: row - 4)))
        let after = try #require(robot.core.state.compose.scene.piece(before.id))
        #expect(after.x > before.x && after.y < before.y)
        _ = robot.screen
        robot.core.mouse(MouseEvent(.scroll(-1), at: Point(x: column, y: row)))
        #expect(
            try #require(robot.core.state.compose.scene.piece(before.id)).width > after.width)
        try robot.press("u", "u")
        #expect(robot.core.state.compose.scene.piece(before.id) == before)
    }

    @Test func aMissingPictureIsToldWhereItMatters() throws {
        let image = try #require(fixture.concepts[0].coverImage)
        try FileManager.default.removeItem(at: fixture.store.url(of: image))
        try robot.press("c")
        robot.type("milo")
        try robot.press("enter")
        try robot.wait(for: "the problem") { robot in
            robot.core.state.compose.scene.pieces.first.flatMap {
                robot.core.state.compose.problem(of: $0)
            } != nil
        }
        #expect(robot.screen.contains("✗"))
        try robot.press("s")
        try robot.wait(forText: "Save: Milo:")
    }
}
