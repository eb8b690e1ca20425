import ArgumentParser
import ConceptDB
import Foundation
import TerminalUI

/// `studio concept edit NAME`.
struct ConceptEditing: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change a concept's words or pictures.")

    @Argument(help: "The concept's name.")
    var name: String

    @Option(help: "A new info line; empty removes it.")
    var info: String?

    @Option(help: "A new category; empty removes it.")
    var category: String?

    @Option(name: .customLong("tag"), help: "Tags to have instead of the present ones.")
    var tags: [String] = []

    @Option(name: .customLong("add-tag"), help: "A tag to add; may be repeated.")
    var addedTags: [String] = []

    @Option(name: .customLong("remove-tag"), help: "A tag to take away; may be repeated.")
    var removedTags: [String] = []

    @Option(
        name: .customLong("add-image"), help: "A picture to add; may be repeated.",
        completion: .file())
    var addedImages: [String] = []

    @Option(
        name: .customLong("remove-image"),
        help: "The number of a picture to remove ('concept show' prints it); may be repeated.")
    var removedImages: [Int64] = []

    @Option(help: "The number of the picture that shall stand for the concept.")
    var cover: Int64?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        let lists = [tags, addedTags, removedTags, addedImages]
        guard
            info != nil || category != nil || cover != nil || !removedImages.isEmpty
                || lists.contains(where: { !$0.isEmpty })
        else { throw ValidationError("Nothing to change; give at least one option.") }
    }

    func run(_ session: Session) throws {
        let store = try session.store()
        var concept = try store.concept(named: name)
        let edit = ConceptEdit(
            category: category, info: info, tags: tags.isEmpty ? nil : tags,
            addingTags: addedTags, removingTags: removedTags)
        if edit != ConceptEdit() { concept = try store.edit(concept.id, edit).after }
        let sources = addedImages.map { ImageSource.file(URL(fileURLWithPath: $0)) }
        let adder = PictureAdder(session: session, store: store)
        try adder.check(sources)
        concept = try adder.add(sources, to: concept)
        for id in removedImages {
            let removal = try store.removeImage(id, of: concept.id)
            concept = removal.concept
            if removal.isLast {
                session.note("that was the last picture; captions need at least one")
            }
        }
        if let cover { concept = try store.setCover(cover, of: concept.id).after }
        try session.report([concept], "changed \(TerminalText.sanitized(concept.name))")
    }
}
