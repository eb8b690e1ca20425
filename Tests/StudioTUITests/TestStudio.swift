import Foundation
import Synchronization

@testable import StudioTUI

/// The studio in a folder of its own, with its output caught.
struct TestStudio {
    struct Outcome {
        let exit: StudioExit
        let output: String
        let error: String

        /// The output as JSON.
        func json() throws -> Any { try JSONSerialization.jsonObject(with: Data(output.utf8)) }

        /// The keys of the JSON object.
        func keys() throws -> Set<String> { Set((try json() as? [String: Any] ?? [:]).keys) }
    }

    let folder: TemporaryFolder
    var environment: [String: String]
    var isTerminal = false
    /// What is typed, for the plain mode.
    var input = LineInput(descriptor: -1)

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let samples = repository.appendingPathComponent("Samples").path

    init() throws {
        folder = try TemporaryFolder()
        environment = [
            "STUDIO_HOME": folder.path("home"), "STUDIO_SAMPLES": Self.samples, "TERM": "xterm",
        ]
    }

    /// Runs one command line.
    func run(_ arguments: String...) -> Outcome { run(arguments) }

    func run(_ arguments: [String]) -> Outcome {
        let output = Caught()
        let error = Caught()
        let console = Console(
            outputIsTerminal: isTerminal, errorIsTerminal: isTerminal,
            output: { output.add($0) }, error: { error.add($0) })
        let context = StudioContext(
            environment: environment, console: console, interrupts: InterruptHandler(),
            executable: URL(fileURLWithPath: "/nowhere/studio"), askTerminal: { _ in nil },
            input: input)
        let exit = Program.run(arguments, in: context)
        return Outcome(exit: exit, output: output.text, error: error.text)
    }

    /// A small picture file of one colour.
    func picture(_ name: String, red: UInt8 = 200, size: Int = 32) throws -> String {
        try folder.picture(name, red: red, size: size)
    }
}

/// Collects what is written.
final class Caught: Sendable {
    private let data = Mutex(Data())

    func add(_ more: Data) -> Int32? {
        data.withLock { $0 += more }
        return nil
    }

    var text: String { String(decoding: data.withLock { $0 }, as: UTF8.self) }
}
