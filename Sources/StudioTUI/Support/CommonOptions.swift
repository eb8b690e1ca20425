import ArgumentParser

/// The options every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Keep everything below this folder.",
            discussion:
                "Default: $STUDIO_HOME, else the XDG data, config, cache and state folders.",
            valueName: "dir"),
        completion: .directory)
    var home: String?

    @Flag(name: .long, help: "Print JSON to standard output.")
    var json = false

    @Flag(name: [.short, .long], help: "Print no notes and no progress.")
    var quiet = false

    @Flag(name: .long, help: "Print without colours.")
    var noColor = false
}

/// A command that does something, as opposed to a group of commands.
protocol StudioCommand: ParsableCommand {
    var common: CommonOptions { get }

    /// Does the work; what it throws becomes a sentence and an exit code (`FailureMapping`).
    func run(_ session: Session) throws
}

extension StudioCommand {
    /// Called by ArgumentParser.
    func run() throws { try run(Session(common, in: .current)) }
}

/// A word that only leads to other commands.
protocol StudioCommandGroup: ParsableCommand {}

extension StudioCommandGroup {
    /// Alone it is incomplete: its help is shown, and the exit code says so.
    func run() throws { throw IncompleteCommand(help: Studio.helpMessage(for: Self.self)) }
}

/// The command line stopped at a group of commands.
struct IncompleteCommand: Error {
    let help: String
}
