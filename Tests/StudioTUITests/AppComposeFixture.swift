import ConceptDB
import Foundation
import ImageCodecs
import TerminalUI
import Testing

@testable import StudioTUI

/// A home whose library has concepts with pictures of one colour.
struct ComposeFixture {
    let folder: TemporaryFolder
    let store: ConceptStore
    let concepts: [Concept]

    var home: StudioHome { StudioHome(directory: folder.url) }

    static let names = ["Milo", "Bruna", "Pico", "Wanda", "Otto"]

    init(names: [String] = Self.names) throws {
        folder = try TemporaryFolder()
        let home = StudioHome(directory: folder.url)
        store = try ConceptStore(directory: home.library, thumbnails: home.thumbnails)
        var concepts: [Concept] = []
        for (index, name) in names.enumerated() {
            let data = try ImageEncoder.png(
                Self.cutOut(width: 40, height: 40, red: UInt8(20 + 40 * index)))
            concepts.append(
                try store.add(NewConcept(name: name), images: [.data(data, name: "\(name).png")]))
        }
        self.concepts = concepts
    }

    /// A filled square; everything around the inner part is transparent.
    static func cutOut(width: Int, height: Int, red: UInt8) -> RGBAImage {
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let isEdge = x < 2 || y < 2 || x >= width - 2 || y >= height - 2
                pixels += [red, 90, 60, isEdge ? 0 : 255]
            }
        }
        return RGBAImage(width: width, height: height, pixels: pixels)
    }

    func robot(size: Size = Size(columns: 120, rows: 36)) throws -> AppRobot {
        let robot = AppRobot(home: folder.url, size: size)
        try robot.wait(for: "the library") { $0.core.state.library.phase == .ready }
        return robot
    }

    /// A state with the library in it, without effects being carried out.
    func state(size: Size = Size(columns: 80, rows: 24)) -> AppState {
        let places = AppPlaces(
            home: home, samples: nil, workingFolder: folder.url.path, environment: [:])
        var state = AppState(places: places, now: .now)
        state.terminal.size = size
        state.library.replace(
            with: LibrarySnapshot(
                concepts: concepts, trash: [], tags: [], categories: [], models: []))
        state.screen = .compose
        return state
    }
}

extension AppState {
    /// Reduces an action of the screen and returns what is to be done.
    mutating func compose(_ action: ComposeAction) -> [Effect] {
        Reducer.reduce(&self, .compose(action))
    }

    /// The rows of the screen as text.
    var rows: [String] {
        let scene = AppView.draw(self, pictures: NoPictures())
        return (0..<scene.frame.size.rows).map { scene.frame.text(row: $0) }
    }

    var text: String { rows.joined(separator: "\n") }
}
