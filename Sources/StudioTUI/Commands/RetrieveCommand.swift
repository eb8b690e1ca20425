import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI

/// What steers a search of the library, shared by `retrieve` and `caption --auto`.
struct SearchArguments: ParsableArguments {
    @Option(help: "Ask the model about so many concepts, those that look most alike.")
    var shortlist = RecognitionOptions().shortlist

    @Option(help: "How sure it must be that somebody known is there, 0 to 1.")
    var threshold = RecognitionOptions().threshold

    func validate() throws {
        if !(1...1_000).contains(shortlist) {
            throw ValidationError("--shortlist takes 1 to 1000.")
        }
        if !(0...1).contains(threshold) { throw ValidationError("--threshold takes 0 to 1.") }
    }

    /// - Parameter limit: the most concepts that are accepted.
    func options(limit: Int) -> RecognitionOptions {
        RecognitionOptions(
            shortlist: max(shortlist, limit), limit: limit, threshold: threshold)
    }
}

/// `studio retrieve IMAGE`: says who is in a picture.
struct RetrieveCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "retrieve",
        abstract: "Find out which concepts of the library are in a picture.",
        discussion: """
            Every picture of the library is compared with parts of the picture; the model is then \
            asked about those that look most alike. Nobody at all is a possible answer, and no \
            error. A score joins the look and the model's answer.
            """)

    @Argument(help: "The picture (PNG, JPEG, WebP).", completion: .file())
    var image: String

    @Option(help: "Accept at most so many concepts, 1 to 4.")
    var limit = CaptionPrompt.maximumConcepts

    @OptionGroup var search: SearchArguments

    @Option(help: "A question; concepts it names are accepted whatever is found.")
    var question: String?

    @Flag(help: "Show those that were not accepted, too.")
    var all = false

    @Option(help: "A registered model or a checkpoint folder; default: the model in use.")
    var model: String?

    @Option(help: "An adapter of the model, by name, or a PEFT folder.")
    var adapter: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if !(1...CaptionPrompt.maximumConcepts).contains(limit) {
            throw ValidationError("--limit takes 1 to \(CaptionPrompt.maximumConcepts).")
        }
    }

    func run(_ session: Session) throws {
        let query = try ImageDecoder.decode(fileAt: URL(fileURLWithPath: image)).flattened()
        let store = try session.store()
        let choice = try ModelChoice.resolve(model, store: store, samples: session.samples)
        let asked = LibrarySearch.names(in: question, library: try store.names())
        let engine = try CaptionEngine(choice, adapter: adapter, session: session)
        let library = try LibrarySearch(
            store, engine: engine, options: search.options(limit: limit), session: session)
        let found = try library.recognize(query, asked: asked, session: session)
        if common.json {
            return try session.printJSON(
                RecognitionDocument(found, librarySize: library.concepts.count))
        }
        let shown = all ? found.candidates : found.accepted
        for candidate in shown { session.print(Self.line(candidate, style: session.style)) }
        if found.accepted.isEmpty {
            session.note(
                library.concepts.isEmpty
                    ? "the library has no concept with a picture; add one with 'studio concept add'"
                    : "nobody you know is in this picture")
        }
    }

    /// Name, score, box and reason, separated by tabs.
    static func line(_ candidate: RecognizedConcept, style: TextStyle) -> String {
        let box = candidate.box.map(String.init).joined(separator: ",")
        let name = style(
            TerminalText.sanitized(candidate.name), candidate.isAccepted ? .good : .faint)
        return "\(name)\t\(String(format: "%.2f", candidate.score))\t\(box)\t\(candidate.reason)"
    }
}
