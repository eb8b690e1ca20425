import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import VLMRuntime

/// The demo's library and model, ready to caption scene after scene.
struct DemoStage {
    private let session: Session
    private let store: ConceptStore
    private let engine: CaptionEngine
    private let strip: PictureStrip
    private let names: [String]

    init(session: Session, store: ConceptStore, engine: CaptionEngine, strip: PictureStrip) throws {
        self.session = session
        self.store = store
        self.engine = engine
        self.strip = strip
        names = try store.names()
    }

    /// Shows a scene, captions it, keeps the caption, and shows it beside the truth.
    func perform(_ scene: DemoScene) throws -> DemoResult {
        let shows = !session.options.json
        let drawn =
            shows && strip.picture.showsPixels
            ? strip.opening(scene.image, label: scene.title) : nil
        if let drawn { session.console.write(drawn.bytes) }
        let request = CaptionRequest(
            concepts: scene.given.map(\.forPrompt), query: scene.image, libraryNames: names)
        let record = try engine.caption(request, show: false)
        if record.finishReason == .cancelled { throw CancellationError() }
        _ = try store.addCaption(
            NewCaption(
                record, image: .file(scene.file), concepts: scene.given.map(\.concept),
                modelFolder: engine.choice.folder))
        let result = DemoResult(scene, record, library: names)
        if shows { show(result, beside: drawn?.placement) }
        return result
    }

    private func show(_ result: DemoResult, beside placement: PicturePlacement?) {
        let style = session.style
        if let placement {
            let text = strip.closing(placement) { width in
                result.lines(width: width, style: style)
            }
            session.console.write(text + Data("\n".utf8))
        } else {
            let width = session.console.outputIsTerminal ? TerminalMeasure.columns() - 2 : 0
            let lines = result.lines(width: width, style: style)
            let indented = lines.enumerated().map {
                $0.offset == 0 ? $0.element : "  \($0.element)"
            }
            session.print(indented.joined(separator: "\n"))
        }
    }
}
