import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs

/// `studio concept show NAME`.
struct ConceptShow: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show everything about a concept.")

    @Argument(help: "The concept's name.")
    var name: String

    @Flag(help: "Draw its cover picture on the terminal.")
    var show = false

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let concept = try store.concept(named: name)
        if common.json {
            try session.printJSON(ConceptsDocument(concepts: [concept]))
            return
        }
        if show, let cover = concept.coverImage {
            try draw(store.url(of: cover), session: session)
        }
        session.print(ConceptTable.details(concept, session: session))
    }

    private func draw(_ file: URL, session: Session) throws {
        let image = try ImageDecoder.decode(fileAt: file).flattened()
        let picture = session.picture()
        let placement = picture.placement(width: image.width, height: image.height)
        session.console.write(picture.bytes(image, at: placement, label: file.lastPathComponent))
    }
}
