import ArgumentParser

/// `studio manual`.
struct ManualCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print the manual page.",
        discussion: "To read it: studio manual | man -l -")

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        session.console.write(try ManualPage.text())
    }
}
