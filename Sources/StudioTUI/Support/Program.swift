import ArgumentParser
import Foundation
import TerminalUI

/// Runs one command line from parsing to exit code.
enum Program {
    /// Parses and runs in the given context, and says what went wrong on its standard error.
    ///
    /// - Parameter prepare: called with the command that was found, before it runs.
    static func run(
        _ arguments: [String], in context: StudioContext,
        prepare: (any ParsableCommand) -> Void = { _ in }
    ) -> StudioExit {
        StudioContext.$current.withValue(context) {
            let exit = outcome(arguments, context, prepare)
            guard let reason = context.console.failure else { return exit }
            context.console.note("studio: the output could not be written: \(reason)")
            return exit == .done ? .failed : exit
        }
    }

    private static func outcome(
        _ arguments: [String], _ context: StudioContext, _ prepare: (any ParsableCommand) -> Void
    ) -> StudioExit {
        do {
            var command = try Studio.parseAsRoot(LeadingOptions.moved(arguments))
            prepare(command)
            try command.run()
            return .done
        } catch let incomplete as IncompleteCommand {
            context.console.note(incomplete.help)
            return .usage
        } catch {
            return report(error, arguments, context)
        }
    }

    private static func report(
        _ error: any Error, _ arguments: [String], _ context: StudioContext
    ) -> StudioExit {
        let console = context.console
        if isFromParser(error) {
            let code = Studio.exitCode(for: error)
            let message = Studio.fullMessage(for: error)
            if code == .success {
                // Help and version that were asked for are data.
                console.print(TerminalText.sanitized(message, lines: true))
                return .done
            }
            console.note(TerminalText.sanitized(message, lines: true))
            if let hint = CommandSuggestion.hint(for: arguments) { console.note(hint) }
            return .usage
        }
        let failure = FailureMapping.failure(for: error)
        // A reader that left wants to hear nothing more.
        if console.readerLeft, failure.exit == .interrupted { return .done }
        if !failure.description.isEmpty {
            console.note("studio: \(TerminalText.sanitized(failure.description))")
        }
        return failure.exit
    }

    /// Whether the error speaks of the command line, which ArgumentParser words itself.
    private static func isFromParser(_ error: any Error) -> Bool {
        if error is ValidationError || error is CleanExit || error is ExitCode { return true }
        let code = Studio.exitCode(for: error)
        return code == .validationFailure || code == .success
    }
}
