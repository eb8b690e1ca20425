import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI

/// `studio locate IMAGE --concept NAME`: says where it is.
struct LocateCommand: StudioCommand {
    struct Document: Encodable {
        let name: String
        @Present var box: [Int]?
        let confidence: Double
    }

    static let configuration = CommandConfiguration(
        commandName: "locate",
        abstract: "Find out where a concept is in a picture.",
        discussion: """
            The box is left, top, right and bottom in pixels of the picture. Without a box in the \
            answer the concept is not there as far as the model can tell; that is no error. \
            The confidence is the model's probability that the concept is visible.
            """)

    @Argument(help: "The picture (PNG, JPEG, WebP).", completion: .file())
    var image: String

    @Option(name: [.customLong("concept"), .customShort("c")], help: "The concept to look for.")
    var concept: String

    @Option(help: "Give a box from this confidence on, 0 to 1.")
    var threshold = 0.5

    @Flag(help: "Draw the picture with the box on the terminal.")
    var show = false

    @Option(help: "A registered model or a checkpoint folder; default: the model in use.")
    var model: String?

    @Option(help: "An adapter of the model, by name, or a PEFT folder.")
    var adapter: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if !(0...1).contains(threshold) { throw ValidationError("--threshold takes 0 to 1.") }
    }

    func run(_ session: Session) throws {
        let query = try ImageDecoder.decode(fileAt: URL(fileURLWithPath: image)).flattened()
        let store = try session.store()
        let reference = try LibraryReference.read(concept, from: store)
        let choice = try ModelChoice.resolve(model, store: store, samples: session.samples)
        let engine = try CaptionEngine(choice, adapter: adapter, session: session)
        session.progress.update("looking for it")
        let concepts = [reference.forPrompt]
        let name = reference.concept.name
        let confidence = try PresenceQuestion(profile: engine.profile).probability(
            of: name, among: concepts, in: query,
            model: engine.search.verifier ?? engine.generator,
            cancellation: session.cancellation)
        var box: [Int]?
        if confidence >= threshold {
            box = try BoxQuestion(profile: engine.profile).box(
                of: name, among: concepts, in: query, model: engine.generator,
                cancellation: session.cancellation)
        }
        session.progress.clear()
        try session.checkCancellation()
        if common.json {
            return try session.printJSON(Document(name: name, box: box, confidence: confidence))
        }
        let shownName = TerminalText.sanitized(name)
        let percent = "\(Int((confidence * 100).rounded())) %"
        guard let box else {
            return session.note(
                confidence >= threshold
                    ? "the model is \(percent) sure that \(shownName) is there, but gives no box"
                    : "\(shownName) is not in this picture, as far as the model can tell "
                        + "(\(percent) sure that it is)")
        }
        if show {
            let drawn = BoxDrawing.draw([box], on: query)
            let picture = session.picture()
            let place = picture.placement(width: drawn.width, height: drawn.height)
            session.console.write(
                picture.bytes(drawn, at: place, label: image))
        }
        let corners = box.map(String.init).joined(separator: ",")
        session.print("\(shownName)\t\(corners)\t\(String(format: "%.2f", confidence))")
    }
}
