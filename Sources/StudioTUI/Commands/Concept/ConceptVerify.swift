import ArgumentParser
import ConceptDB
import TerminalUI

/// `studio concept verify`.
struct ConceptVerify: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the library: hashes of pictures, missing files, dangling rows.",
        discussion: "Ends with exit code 1 when something is wrong and has not been repaired.")

    @Flag(help: "Put right what can be put right without losing anything.")
    var repair = false

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let report = try store.verify(repair: repair) { done, total in
            session.progress.update(
                "checking the library", fraction: Double(done) / Double(max(total, 1)))
            return !session.isCancelled
        }
        session.progress.clear()
        if common.json {
            try session.printJSON(report)
        } else {
            for problem in report.problems {
                let mark = problem.repaired ? "repaired" : "problem"
                session.print("\(mark): \(TerminalText.sanitized(problem.what))")
            }
            if report.problems.isEmpty { session.note("the library is sound") }
        }
        if !report.ok { throw StudioFailure(.failed, Self.advice(report, repair)) }
    }

    private static func advice(_ report: VerificationReport, _ repaired: Bool) -> String {
        let open = report.problems.count { !$0.repaired }
        return repaired
            ? "\(open) of \(report.problems.count) problems could not be repaired"
            : "the library has \(open) problems; 'studio concept verify --repair' puts right what "
                + "it can"
    }
}
