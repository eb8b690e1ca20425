import ArgumentParser
import TerminalUI

/// `studio` alone: the full-screen app, or the plain mode.
///
/// A command of its own rather than part of the root, whose options the parser would take from the
/// subcommands.
struct AppCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app",
        abstract: "Open the app; the same as no command at all.",
        discussion: """
            Everything in one place: concepts, pictures, captions as they are written, history, \
            settings. With --plain it asks and answers in lines of text, for screen readers, \
            simple terminals and pipes.
            """)

    @Flag(help: "Ask and answer in plain lines instead of taking the whole screen.")
    var plain = false

    @Option(
        help: ArgumentHelp("Keep everything below this folder.", valueName: "dir"),
        completion: .directory)
    var home: String?

    @Flag(name: .long, help: "Show everything without colours.")
    var noColor = false

    func run() throws {
        var context = StudioContext.current
        if plain { return PlainStudio.run(in: context, home: home) }
        if noColor { context.environment["NO_COLOR"] = "1" }
        do {
            guard try TerminalApp.open(in: context, home: home) else {
                throw IncompleteCommand(help: "\(Studio.helpMessage())\n\n\(Self.plainHint)")
            }
        } catch let error as TerminalOpenError {
            throw StudioFailure(.failed, "\(error.description) \(Self.plainHint)")
        }
    }

    private static let plainHint =
        "The full screen needs a terminal; 'studio --plain' works line by line anywhere."
}
