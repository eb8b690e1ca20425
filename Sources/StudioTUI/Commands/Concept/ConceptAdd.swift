import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs
import TerminalUI

/// `studio concept add NAME IMAGE...`.
struct ConceptAdd: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register a concept with its pictures.",
        discussion: """
            The pictures (PNG, JPEG, WebP) are copied into the library without their metadata; the \
            originals are not touched. Nothing is added when one of them cannot be read.
            """)

    @Argument(help: "What captions shall call it; any script, up to 200 characters.")
    var name: String

    @Argument(help: "Pictures of it; the first one stands for it.", completion: .file())
    var images: [String]

    @Option(help: "One line about it, shown to the model.")
    var info = ""

    @Option(help: "What kind of thing it is, such as dog or mug.")
    var category = ""

    @Option(name: .customLong("tag"), help: "A word to find it by; may be repeated.")
    var tags: [String] = []

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let new = NewConcept(name: name, category: category, info: info, tags: tags)
        let sources = images.map { ImageSource.file(URL(fileURLWithPath: $0)) }
        let adder = PictureAdder(session: session, store: store)
        try adder.check(sources)
        let first = Array(sources.prefix(PictureAdder.batch))
        var concept = try store.add(new, images: first)
        concept = try adder.add(
            Array(sources.dropFirst(first.count)), to: concept, done: first.count)
        let name = TerminalText.sanitized(concept.name)
        try session.report(
            [concept], "added \(name) with \(ConceptTable.pictures(concept.images.count))")
    }
}

/// Adds many pictures in small steps, so that progress shows and Ctrl-C keeps what was done.
struct PictureAdder {
    let session: Session
    let store: ConceptStore

    /// Pictures per step.
    static let batch = 8

    /// Reads the head of every file, so that a wrong one is refused before anything is added.
    func check(_ sources: [ImageSource]) throws {
        for case .file(let url) in sources {
            let limits = ImageLimits.standard
            let data = try BoundedFile.read(url, limit: limits.maximumBytes)
            _ = try ImageDecoder.info(data, name: url.path, limits: limits)
            try session.checkCancellation()
        }
    }

    /// - Parameter done: how many pictures of the same command were added before.
    func add(_ sources: [ImageSource], to concept: Concept, done: Int = 0) throws -> Concept {
        var concept = concept
        var done = done
        let total = sources.count + done
        for start in stride(from: 0, to: sources.count, by: Self.batch) {
            session.progress.update("adding pictures", fraction: Double(done) / Double(total))
            guard !session.isCancelled else {
                throw StudioFailure(
                    .interrupted, "stopped; \(done) of \(total) pictures are in the library")
            }
            let part = Array(sources[start..<min(start + Self.batch, sources.count)])
            concept = try store.addImages(part, to: concept.id).concept
            done += part.count
        }
        session.progress.clear()
        return concept
    }
}
