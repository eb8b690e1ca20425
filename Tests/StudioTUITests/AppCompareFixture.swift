import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import Testing

@testable import StudioTUI

/// A home whose history has captions.
struct CompareFixture {
    let folder: TemporaryFolder
    let store: ConceptStore

    var home: StudioHome { StudioHome(directory: folder.url) }

    init() throws {
        folder = try TemporaryFolder()
        let home = StudioHome(directory: folder.url)
        store = try ConceptStore(directory: home.library, thumbnails: home.thumbnails)
    }

    /// Adds a caption; pictures differ by their red.
    @discardableResult
    func add(
        _ caption: String, red: UInt8 = 200, model: String = "mini", adapter: String? = nil,
        concepts: [String] = ["Milo", "Bruna"], question: String = "What is this?",
        temperature: Double = 0, seed: UInt64 = 0
    ) throws -> ConceptDB.CaptionRecord {
        let picture = try folder.picture("query-\(red).png", red: red)
        let names = concepts.filter { caption.contains($0) }
        return try store.addCaption(
            NewCaption(
                image: .file(URL(fileURLWithPath: picture)),
                concepts: concepts.map { CaptionConcept(id: nil, name: $0) }, question: question,
                caption: caption, model: model, modelPath: "/models/\(model)", adapter: adapter,
                options: .object(["temperature": .number(temperature), "topK": .integer(40)]),
                seed: seed, finishReason: "stop",
                usage: .object(["generatedTokens": .integer(12)]),
                timings: .object(["tokensPerSecond": .number(51.5), "firstToken": .number(0.42)]),
                named: names, unnamed: concepts.filter { !names.contains($0) }, absent: []))
    }

    func loaded(_ record: ConceptDB.CaptionRecord) -> CompareCaption {
        let check = NameCheck(supplied: record.concepts.map(\.name), library: ["Otto"])
        return CompareCaption(
            record: record, names: check.report(on: record.caption),
            picture: store.url(of: record.image))
    }

    func state(size: Size = Size(columns: 80, rows: 24)) -> AppState {
        let places = AppPlaces(
            home: home, samples: nil, workingFolder: folder.url.path, environment: [:])
        var state = AppState(places: places, now: .now)
        state.terminal.size = size
        state.library.phase = .ready
        state.screen = .compare
        return state
    }

    /// A state with two captions in it.
    func state(
        _ left: ConceptDB.CaptionRecord, _ right: ConceptDB.CaptionRecord,
        size: Size = Size(columns: 80, rows: 24)
    ) -> AppState {
        var state = state(size: size)
        state.compare[.left] = .ready(loaded(left))
        state.compare[.right] = .ready(loaded(right))
        return state
    }

    func robot(size: Size = Size(columns: 120, rows: 36)) throws -> AppRobot {
        let robot = AppRobot(home: folder.url, size: size)
        try robot.wait(for: "the library") { $0.core.state.library.phase == .ready }
        return robot
    }
}
