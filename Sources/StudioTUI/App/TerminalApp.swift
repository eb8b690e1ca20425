import Foundation
import TerminalUI

/// Opens the full-screen app.
enum TerminalApp {
    /// Runs the app if standard input and output are a terminal; returns whether it ran.
    ///
    /// - Throws: a sentence when there is a terminal that the app cannot use.
    static func open(in context: StudioContext, home option: String? = nil) throws -> Bool {
        guard context.console.outputIsTerminal, isatty(STDIN_FILENO) == 1 else { return false }
        let environment = context.environment
        let trace = AppTrace(environment: environment)
        let places = AppPlaces(
            home: StudioHome.resolve(option: option, environment: environment),
            samples: Samples.find(environment: environment, executable: context.executable),
            workingFolder: FileManager.default.currentDirectoryPath, environment: environment)
        let terminal = try Terminal.open(environment: described(environment))
        defer { terminal.close() }
        let loop = AppLoop(terminal: terminal, places: places, trace: trace)
        // The core holds its host weakly.
        withExtendedLifetime(loop) { loop.run() }
        return true
    }

    /// Terminals that call themselves plain `xterm` mostly have 256 colours, which their terminfo
    /// entry does not say; those known to have them are described as what they are.
    private static func described(_ environment: [String: String]) -> [String: String] {
        guard environment["TERM"] == "xterm",
            ColourPolicy.capability(environment).depth >= .indexed256
        else { return environment }
        var described = environment
        described["TERM"] = "xterm-256color"
        return described
    }
}
