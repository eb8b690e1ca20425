import Foundation

/// The outside world as the commands see it; tests put their own in its place.
struct StudioContext: Sendable {
    var environment: [String: String]
    var console: Console
    var interrupts: InterruptHandler
    /// The program's own file, from which the samples are found.
    var executable: URL
    /// Asks the terminal what it can do; see `TerminalProbe.ask`.
    var askTerminal: @Sendable ([String: String]) -> TerminalReport?
    /// What is typed, for the plain mode.
    var input = LineInput()

    /// The context of the command being run.
    @TaskLocal static var current = StudioContext.process

    /// This process as the user started it.
    static let process = StudioContext(
        environment: ProcessInfo.processInfo.environment, console: .standard,
        interrupts: InterruptHandler(), executable: executableFile(),
        askTerminal: { TerminalProbe.ask(environment: $0) })

    private static func executableFile() -> URL {
        let link = "/proc/self/exe"
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
        return URL(fileURLWithPath: target ?? CommandLine.arguments.first ?? "studio")
    }
}
