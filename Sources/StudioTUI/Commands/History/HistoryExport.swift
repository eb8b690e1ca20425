import ArgumentParser
import ConceptDB
import Foundation
import TerminalUI

/// `studio history export FILE`.
struct HistoryExport: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the history to a file.",
        discussion: "'-' writes to standard output. An existing file is replaced.")

    @Argument(help: "The file to write.", completion: .file())
    var file: String

    @Option(help: "json or markdown; default: by the file's name, else json.")
    var format: HistoryFormat?

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let captions = try session.store().captions(CaptionQuery()).captions
        let text = try HistoryText.text(captions, format ?? HistoryFormat(fileName: file))
        if file == "-" { return session.console.write(text) }
        try HistoryText.write(text, to: URL(fileURLWithPath: file), shownName: file)
        if common.json {
            return try session.printJSON(HistoryExported(file: file, captions: captions.count))
        }
        session.note("wrote \(captions.count) captions to \(TerminalText.sanitized(file))")
    }
}

/// The JSON of `history export`.
struct HistoryExported: Encodable {
    let file: String
    let captions: Int
}
