import ArgumentParser
import ConceptDB
import Foundation
import TerminalUI

/// `studio history export FILE`.
struct HistoryExport: StudioCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case json, markdown
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the history to a file.",
        discussion: "'-' writes to standard output. An existing file is replaced.")

    @Argument(help: "The file to write.", completion: .file())
    var file: String

    @Option(help: "json or markdown; default: by the file's name, else json.")
    var format: Format?

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let captions = try session.store().captions(CaptionQuery()).captions
        let format = format ?? (file.hasSuffix(".md") ? .markdown : .json)
        let text =
            switch format {
            case .json: try StudioJSON.text(CaptionsDocument(captions: captions)) + "\n"
            case .markdown: captions.map(Self.markdown).joined(separator: "\n")
            }
        if file == "-" { return session.console.write(text) }
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw StudioFailure(
                .failed, "\(file) cannot be written: \(FileReason.text(error)); choose another file"
            )
        }
        if common.json {
            return try session.printJSON(HistoryExported(file: file, captions: captions.count))
        }
        session.note("wrote \(captions.count) captions to \(TerminalText.sanitized(file))")
    }

    private static func markdown(_ record: CaptionRecord) -> String {
        let names = record.concepts.map { "`\($0.name)`" }.joined(separator: ", ")
        return """
            ## \(TerminalText.sanitized(record.image.originalPath))

            \(TerminalText.sanitized(record.caption, lines: true))

            - concepts: \(TerminalText.sanitized(names.isEmpty ? "none" : names))
            - question: \(TerminalText.sanitized(record.question))
            - model: \(TerminalText.sanitized(record.model)), seed \(record.seed), \
            \(record.createdAt)

            """
    }
}

/// The JSON of `history export`.
struct HistoryExported: Encodable {
    let file: String
    let captions: Int
}
