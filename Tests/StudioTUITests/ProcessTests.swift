import Foundation
import Testing

/// What only a real process shows: signals, pipes, what is left behind.
@Suite struct ProcessTests {
    /// The program, which lies beside the test bundle.
    private static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("studio")

    private func process(
        _ arguments: [String], in folder: TemporaryFolder, samples: String = TestStudio.samples
    ) -> Process {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments
        process.environment = [
            "STUDIO_HOME": folder.path("home"), "TMPDIR": folder.path("tmp"),
            "HOME": folder.url.path,
            "STUDIO_SAMPLES": samples,
        ]
        return process
    }

    @Test func anInterruptedDemoExitsWith130AndLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let samples = try SmallSampleSet.make(in: folder, queries: 200)
        let temporary = folder.url.appendingPathComponent("tmp", isDirectory: true)
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        let process = process(["demo"], in: folder, samples: samples)
        let output = Pipe()
        let error = Pipe()
        process.standardOutput = output
        process.standardError = error
        try process.run()
        // The first note says that the temporary library is there and captions are about to begin.
        _ = error.fileHandleForReading.availableData
        process.interrupt()
        _ = try output.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == [])
    }

    @Test func aReaderThatLeavesEndsTheProgramQuietly() throws {
        let folder = try TemporaryFolder()
        let process = process(["completions", "bash"], in: folder)
        let output = Pipe()
        let error = Pipe()
        process.standardOutput = output
        process.standardError = error
        try output.fileHandleForReading.close()
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
        #expect(try error.fileHandleForReading.readToEnd() ?? Data() == Data())
    }
}
