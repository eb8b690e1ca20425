import ArgumentParser
import ConceptDB
import Foundation
import TerminalUI

/// `studio history list`.
struct HistoryList: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List captions, newest first.")

    @Option(help: "Only captions with these words in caption, question or concept names.")
    var text = ""

    @Option(help: "Only captions made with this concept.")
    var concept: String?

    @Option(help: "Print at most this many.")
    var limit = 50

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit must not be negative.") }
    }

    func run(_ session: Session) throws {
        let store = try session.store()
        let conceptID = try concept.map { try store.concept(named: $0).id }
        let page = try store.captions(CaptionQuery(text: text, conceptID: conceptID, limit: limit))
        if common.json {
            let document = CaptionsDocument(captions: page.captions, total: page.total)
            return try session.printJSON(document)
        }
        if page.captions.isEmpty { session.note("no captions yet; make one with 'studio caption'") }
        for record in page.captions { session.print(Self.line(record, session)) }
        if page.captions.count < page.total {
            session.note("\(page.total - page.captions.count) more; raise --limit to see them")
        }
    }

    /// Number, time, picture and caption on one line, cut to the terminal.
    static func line(_ record: CaptionRecord, _ session: Session) -> String {
        let id = TerminalText.padded("\(record.id)", to: 5)
        let time = "\(record.createdAt)".prefix(16).replacing("T", with: " ")
        let file = URL(fileURLWithPath: record.image.originalPath).lastPathComponent
        let shownFile = TerminalText.padded(TerminalText.sanitized(file), to: 20)
        let caption = TerminalText.sanitized(record.caption)
        guard session.console.outputIsTerminal else {
            return "\(record.id)\t\(time)\t\(TerminalText.sanitized(file))\t\(caption)"
        }
        let rest = max(10, TerminalMeasure.columns() - 46)
        let cut = TerminalText.truncated(caption, to: rest)
        return "\(id) \(session.style(String(time), .faint)) \(shownFile) \(cut)"
    }
}
