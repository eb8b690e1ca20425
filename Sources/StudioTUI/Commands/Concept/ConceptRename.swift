import ArgumentParser
import ConceptDB
import TerminalUI

/// `studio concept rename NAME NEW`.
struct ConceptRename: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename", abstract: "Give a concept another name.")

    @Argument(help: "The concept's name.")
    var name: String

    @Argument(help: "The name it shall have.")
    var newName: String

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let change = try store.rename(store.concept(named: name).id, to: newName)
        let names = [change.before.name, change.after.name].map { TerminalText.sanitized($0) }
        try session.report([change.after], "\(names[0]) is now \(names[1])")
    }
}
