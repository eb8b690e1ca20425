import ArgumentParser
import ConceptDB
import Foundation
import VLMRuntime

/// `studio doctor`: everything a report of a problem should say.
struct DoctorCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what the studio found: CPU kernels, BLAS, terminal, library, models.",
        discussion: "Ends with exit code 1 when the library or the model in use has a problem.")

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let report = DoctorReport(session)
        if common.json {
            try session.printJSON(report)
        } else {
            for line in report.lines(session.style) { session.print(line) }
        }
        let problems = report.problems
        if !problems.isEmpty {
            throw StudioFailure(.failed, "found a problem: " + problems.joined(separator: "; "))
        }
    }
}
