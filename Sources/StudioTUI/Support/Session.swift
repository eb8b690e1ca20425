import ConceptDB
import Foundation
import PersonalCaption
import VLMRuntime

/// What one run of a command works with.
struct Session: Sendable {
    let context: StudioContext
    let options: CommonOptions
    let home: StudioHome
    /// Colours for standard output.
    let style: TextStyle
    /// Colours for standard error.
    let noteStyle: TextStyle
    let progress: ProgressLine

    init(_ options: CommonOptions, in context: StudioContext) {
        self.context = context
        self.options = options
        home = StudioHome.resolve(option: options.home, environment: context.environment)
        let console = context.console
        func style(_ isTerminal: Bool) -> TextStyle {
            let depth = ColourPolicy.decide(
                environment: context.environment, isTerminal: isTerminal,
                optionOff: options.noColor
            ).depth
            return TextStyle(usesColour: depth > .none)
        }
        self.style = style(console.outputIsTerminal)
        noteStyle = style(console.errorIsTerminal)
        progress = ProgressLine(
            console: console, enabled: !options.quiet, columns: TerminalMeasure.columns)
    }

    var console: Console { context.console }
    /// Raised when the user wants to stop.
    var cancellation: CancellationFlag { context.interrupts.flag }
    /// Whether the user wants to stop.
    var isCancelled: Bool { cancellation.isCancelled }

    /// Opens the library, making it when there is none.
    func store() throws -> ConceptStore {
        try ConceptStore(directory: home.library, thumbnails: home.thumbnails)
    }

    /// Prints data for programs.
    func printJSON(_ value: some Encodable) throws {
        progress.clear()
        console.print(try StudioJSON.text(value))
    }

    /// Prints a line for people; the parts that are not the program's own must be sanitised.
    func print(_ line: String = "") {
        progress.clear()
        console.print(line)
    }

    /// Says something beside the data, unless `--quiet`.
    func note(_ line: String) {
        guard !options.quiet else { return }
        progress.clear()
        console.note(line)
    }

    /// Says that what was done is kept when engines end work that can be taken up again.
    func resumable<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as EngineError {
            note("what is done is kept; the same command goes on from there")
            throw error
        }
    }

    /// Leaves with exit code 130 when the user asked to stop.
    func checkCancellation() throws {
        if isCancelled { throw CancellationError() }
    }

    /// Whether colours were switched off, as opposed to not being available.
    var colourIsOff: Bool {
        options.noColor || !(context.environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Looks at the terminal to find out how to draw on it.
    func picture() -> TerminalPicture {
        TerminalPicture.detect(
            environment: context.environment, console: console, colourIsOff: colourIsOff,
            ask: context.askTerminal)
    }
}
