import Foundation
import PersonalCaption
import TerminalUI

/// Tells a run as it goes: a JSON line for each event, or a line of text for each update.
struct RunTeller {
    let session: Session

    func tell(_ event: RunEvent) {
        if session.options.json {
            session.progress.clear()
            if let line = try? StudioJSON.text(event, compact: true) { session.print(line) }
            return
        }
        session.print(RunText.line(event))
    }
}

/// A run's events in words.
enum RunText {
    static func line(_ event: RunEvent) -> String {
        let place = "\(event.step)/\(event.steps)"
        switch event.type {
        case .start: return "start   \(place)"
        case .step:
            guard let report = event.report else { return place }
            let parts = report.rewards.sorted { $0.key < $1.key }
                .map { "\($0.key) \(number($0.value))" }.joined(separator: " ")
            return "update  \(place)  reward \(number(report.reward)) (\(parts))  "
                + "divergence \(number(report.divergence, 4))  length \(Int(report.length))  "
                + "\(String(format: "%.1f", report.seconds)) s"
        case .evaluation:
            guard let report = event.evaluation else { return place }
            let abstention = report.abstention.map { "  silence \(number(Float($0)))" } ?? ""
            return "held out \(place)  score \(number(report.score))  names F1 "
                + "\(number(Float(report.f1))) (precision \(number(Float(report.precision))), "
                + "recall \(number(Float(report.recall))))  exact \(number(Float(report.exact)))"
                + abstention
        case .checkpoint: return "checkpoint \(place)"
        case .end: return "end     \(place)  \(TerminalText.sanitized(event.reason ?? ""))"
        }
    }

    static func number(_ value: Float, _ digits: Int = 3) -> String {
        String(format: "%.\(digits)f", value)
    }
}
