import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import Testing
import VLMRuntime

@testable import StudioTUI

@Suite struct ExitCodeTests {
    @Test func codesAreThoseOfTheContract() {
        #expect(
            [StudioExit.done, .failed, .usage, .notFound, .badInput, .interrupted].map(\.rawValue)
                == [0, 1, 2, 3, 4, 130])
    }

    static let cases: [(any Error, StudioExit)] = [
        (ConceptStoreError.noSuchConcept(name: "a", nearest: []), .notFound),
        (ConceptStoreError.noSuchModel(name: "a", nearest: []), .notFound),
        (ConceptStoreError.duplicateName(name: "a", existing: "A"), .badInput),
        (ConceptStoreError.image(.notFound(file: "a")), .notFound),
        (ConceptStoreError.image(.empty(file: "a")), .badInput),
        (ConceptStoreError.diskFull(folder: "a"), .failed),
        (ConceptStoreError.stopped, .interrupted),
        (ImageReadError.notFound(file: "a"), .notFound),
        (ImageReadError.notARegularFile(file: "a", kind: "a pipe"), .badInput),
        (CheckpointError.notAFolder(path: "a"), .notFound),
        (CheckpointError.missingFile(folder: "a", file: "b"), .badInput),
        (CaptionPromptError.tooManyConcepts(found: 5, limit: 4), .badInput),
        (GenerationError.emptyPrompt, .badInput), (CancellationError(), .interrupted),
        (StudioFailure(.notFound, "x"), .notFound), (CocoaError(.fileWriteOutOfSpace), .failed),
    ]

    @Test(arguments: cases.indices)
    func everyErrorHasItsCode(_ index: Int) {
        let (error, exit) = Self.cases[index]
        let failure = FailureMapping.failure(for: error)
        #expect(failure.exit == exit, "\(error)")
        #expect(!failure.description.isEmpty)
    }

    @Test func theFirstInterruptRaisesTheFlag() {
        let handler = InterruptHandler()
        #expect(!handler.flag.isCancelled)
        handler.received()
        #expect(handler.flag.isCancelled)
    }

    @Test func aFullDiskUnderTheOutputIsAFailure() throws {
        let error = Caught()
        let console = Console(
            outputIsTerminal: false, errorIsTerminal: false, output: { _ in ENOSPC },
            error: { error.add($0) })
        #expect(run("--version", console) == .failed)
        #expect(error.text.contains("could not be written"))
    }

    @Test func aReaderThatLeavesIsNoFailure() throws {
        let error = Caught()
        let console = Console(
            outputIsTerminal: false, errorIsTerminal: false, output: { _ in EPIPE },
            error: { error.add($0) })
        #expect(run("--version", console) == .done)
        #expect(error.text.isEmpty)
    }

    private func run(_ argument: String, _ console: Console) -> StudioExit {
        let context = StudioContext(
            environment: [:], console: console, interrupts: InterruptHandler(),
            executable: URL(fileURLWithPath: "/nowhere/studio"), askTerminal: { _ in nil })
        return Program.run([argument], in: context)
    }
}
