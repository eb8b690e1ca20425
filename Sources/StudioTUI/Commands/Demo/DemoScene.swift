import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI
import VLMRuntime

/// One picture of the demo with what is in it and what the model is given.
struct DemoScene {
    let file: URL
    let image: RGBImage
    /// Names of the concepts in the picture.
    let truth: [String]
    /// The concepts given to the model; some may not be in the picture.
    let given: [LibraryReference]
    let isComposed: Bool

    var title: String { file.lastPathComponent }
    var givenNames: [String] { given.map(\.concept.name) }
}

/// One caption of the demo, held against the truth.
struct DemoResult {
    let scene: DemoScene
    let record: PersonalCaption.CaptionRecord
    let score: SceneScore

    init(_ scene: DemoScene, _ record: PersonalCaption.CaptionRecord, library: [String]) {
        self.scene = scene
        self.record = record
        score = SceneScore(report: record.names(library: library), truth: scene.truth)
    }

    var document: DemoDocument.Query {
        DemoDocument.Query(
            image: scene.title, truth: scene.truth, given: scene.givenNames,
            caption: record.caption, right: score.right, missed: score.missed,
            wrong: score.wrong, seconds: record.timings.total, composed: scene.isComposed)
    }

    /// Truth, what was given, caption and verdict, broken to the width; 0 never breaks.
    func lines(width: Int, style: TextStyle) -> [String] {
        let names = scene.givenNames
        let present = Set(scene.truth)
        func coloured(_ list: [String], _ role: TextRole? = nil) -> String {
            guard !list.isEmpty else { return style("nobody", .faint) }
            return list.map { name in
                let index = names.firstIndex(of: name)
                let own = index.map { TextRole.concept($0) } ?? .plain
                return style(TerminalText.sanitized(name), role ?? own)
            }.joined(separator: ", ")
        }
        let label = { (text: String) in style(text, .faint) }
        let title = scene.isComposed ? "\(scene.title), composed just now" : scene.title
        // The n-th name has the n-th colour everywhere, so names not in view keep an empty place.
        let caption = NameHighlighter.colour(
            record.caption, names: names.map { present.contains($0) ? PromptName.shown($0) : "" },
            wrongNames: score.wrong.map { PromptName.shown($0) }, style: style)
        let paragraphs = [
            style(TerminalText.sanitized(title), .strong),
            label("truth: ") + coloured(scene.truth),
            label("given: ") + coloured(names),
            caption, verdict(coloured),
        ]
        return paragraphs.flatMap { Self.wrap($0, width) }
    }

    private func verdict(_ coloured: ([String], TextRole?) -> String) -> String {
        if score.isExact {
            return scene.truth.isEmpty
                ? coloured(["right: nobody named"], .good)
                : coloured(["right"], .good)
        }
        let parts = [
            ("right", score.right, TextRole.good), ("missed", score.missed, .warning),
            ("wrong", score.wrong, .bad),
        ]
        return parts.filter { !$0.1.isEmpty }
            .map { "\($0.0): \(coloured($0.1, $0.2))" }.joined(separator: " · ")
    }

    private static func wrap(_ text: String, _ width: Int) -> [String] {
        var wrapper = WordWrapper(columns: width)
        let wrapped = wrapper.append(text) + wrapper.finish()
        return wrapped.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
