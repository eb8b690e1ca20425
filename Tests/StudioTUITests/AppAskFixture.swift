import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

@testable import StudioTUI

/// States and captions for the tests of Ask and History, without a library or a model.
enum AskFixture {
    static let now = ContinuousClock.now

    static func places(_ folder: URL? = nil) -> AppPlaces {
        let folder = folder ?? URL(fileURLWithPath: "/nowhere", isDirectory: true)
        return AppPlaces(
            home: StudioHome(directory: folder),
            samples: Samples(directory: URL(fileURLWithPath: TestStudio.samples)),
            workingFolder: folder.path, environment: ["HOME": "/nowhere"])
    }

    /// The screen Ask with a library of these names; one whose name starts with "Bare" has no
    /// picture.
    static func state(
        _ names: [String] = ["Milo", "Blue Mug", "Luna", "Otto", "Hugo"],
        size: Size = Size(columns: 120, rows: 36)
    ) -> AppState {
        var state = AppState(places: places(), now: now)
        state.terminal.size = size
        state.screen = .ask
        state.library.replace(with: snapshot(names))
        state.ask.model = AskModel(name: "mini", profile: .mini)
        return state
    }

    static func snapshot(_ names: [String]) -> LibrarySnapshot {
        let concepts = names.enumerated().map { concept(Int64($0 + 1), $1) }
        return LibrarySnapshot(
            concepts: concepts, trash: [], tags: [], categories: [], models: [])
    }

    static func concept(_ id: Int64, _ name: String) -> Concept {
        let hasPicture = !name.hasPrefix("Bare")
        let image = ReferenceImage(
            id: id * 10, path: "images/\(id).png", width: 8, height: 8, sha256: "\(id)")
        return Concept(
            id: id, name: name, info: "the \(name)", images: hasPicture ? [image] : [],
            cover: hasPicture ? image.id : nil, createdAt: Timestamp(milliseconds: 0),
            updatedAt: Timestamp(milliseconds: 0))
    }

    static func picture(_ name: String = "query.png") -> AskPicture {
        AskPicture(
            file: URL(fileURLWithPath: "/nowhere/\(name)"), name: "/nowhere/\(name)", width: 640,
            height: 480, kind: "PNG, 12 kB",
            source: .file(URL(fileURLWithPath: "/nowhere/\(name)"), modified: 1, bytes: 2))
    }

    /// A query of one picture and so many concepts.
    static func ready(_ count: Int = 2, size: Size = Size(columns: 120, rows: 36)) -> AppState {
        var state = state(size: size)
        _ = Reducer.reduce(&state, .ask(.pictureRead(picture(), concepts: nil)))
        _ = Reducer.reduce(&state, .ask(.addConcepts((0..<count).map { Int64($0 + 1) })))
        return state
    }

    static func record(
        _ caption: String, concepts: [String], library: [String] = [], seed: UInt64 = 0,
        isCancelled: Bool = false
    ) -> PersonalCaption.CaptionRecord {
        let report = NameCheck(supplied: concepts, library: library).report(on: caption)
        var timings = GenerationTimings()
        timings.firstToken = 0.42
        timings.tokensPerSecond = 85.06
        return PersonalCaption.CaptionRecord(
            caption: caption, concepts: concepts, named: report.named, unnamed: report.unnamed,
            absent: report.wrong, question: "Describe this image in detail.", model: "mini",
            seed: seed, sampling: CaptionSampling(SamplingOptions(maxNewTokens: 160)),
            finishReason: isCancelled ? .cancelled : .stop,
            usage: TokenUsage(promptTokens: 212, imageTokens: 100, generatedTokens: 31),
            timings: timings)
    }

    static func answer(_ record: PersonalCaption.CaptionRecord) throws -> CaptionAnswer {
        let draft = try NewCaption(
            record, image: .file(URL(fileURLWithPath: "/nowhere/query.png")), concepts: [],
            modelFolder: URL(fileURLWithPath: "/nowhere/mini"))
        return CaptionAnswer(record: record, draft: draft, saved: nil)
    }

    /// The rows of the screen as text.
    static func rows(_ state: AppState) -> [String] {
        let scene = AppView.draw(state, pictures: NoPictures())
        return (0..<scene.frame.size.rows).map { scene.frame.text(row: $0) }
    }

    static func screen(_ state: AppState) -> String { rows(state).joined(separator: "\n") }

    /// The look of the first cell of a text on the screen.
    static func style(of text: String, _ state: AppState) -> Style? {
        let scene = AppView.draw(state, pictures: NoPictures())
        for y in 0..<scene.frame.size.rows {
            let row = scene.frame.text(row: y)
            guard let found = row.range(of: text) else { continue }
            return scene.frame[TerminalText.width(String(row[..<found.lowerBound])), y].style
        }
        return nil
    }
}

extension [Effect] {
    /// The captions that are asked for.
    var jobs: [CaptionJob] {
        compactMap { effect in
            if case .ask(.caption(let job, _, _)) = effect { return job }
            return nil
        }
    }
}
