import ArgumentParser
import Foundation
import VLMRuntime

/// The root of the command line.
struct Studio: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "studio",
        abstract: "Captions pictures with the names of the people, animals and things you know.",
        discussion: """
            Register concepts (a name, some photos, a line of information), then ask for a caption \
            of any picture: a Qwen2.5-VL model on this computer's CPU writes it, with the right \
            names. Try 'studio demo' first.

            Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 bad input, 130 interrupted.
            """,
        version: version,
        subcommands: [
            AppCommand.self, ConceptCommand.self, ComposeCommand.self, CaptionCommand.self,
            CaptionFolderCommand.self,
            RetrieveCommand.self, LocateCommand.self,
            GenerateCommand.self,
            ModelCommand.self, TrainGroup.self, RunsCommand.self, AdapterCommand.self,
            HistoryCommand.self, ReportCommand.self, EvalCommand.self, ServeCommand.self,
            DoctorCommand.self,
            DemoCommand.self,
            CompletionsCommand.self, ManualCommand.self,
        ], defaultSubcommand: AppCommand.self)
}

@main
enum Main {
    static func main() {
        let context = StudioContext.process
        signal(SIGPIPE, SIG_IGN)
        // A reader that leaves (`| head`) ends the work as Ctrl-C would, but quietly.
        context.console.onReaderLeft { @Sendable in context.interrupts.flag.cancel() }
        let key = context.interrupts.addCleanup { @Sendable in RawMode.restore() }
        let exit = Program.run(Array(CommandLine.arguments.dropFirst()), in: context) { command in
            // The app hears of signals through its terminal, and two listeners would race.
            let isApp = (command as? AppCommand).map { !$0.plain } ?? false
            if !isApp { context.interrupts.install() }
        }
        context.interrupts.removeCleanup(key)
        RawMode.restore()
        Foundation.exit(exit.rawValue)
    }
}
