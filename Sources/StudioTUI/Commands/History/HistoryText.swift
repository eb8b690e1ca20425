import ArgumentParser
import ConceptDB
import Foundation
import TerminalUI

/// The forms in which the history can be written to a file.
enum HistoryFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    case json, markdown

    /// The form that the ending of a file name asks for.
    init(fileName: String) { self = fileName.hasSuffix(".md") ? .markdown : .json }

    var ending: String { self == .markdown ? "md" : "json" }
}

/// Captions as the text of a file.
enum HistoryText {
    static func text(_ captions: [CaptionRecord], _ format: HistoryFormat) throws -> String {
        switch format {
        case .json: try StudioJSON.text(CaptionsDocument(captions: captions)) + "\n"
        case .markdown: captions.map(markdown).joined(separator: "\n")
        }
    }

    /// Writes the file as a whole or not at all.
    ///
    /// - Parameter shownName: what to call the file in a failure.
    static func write(_ text: String, to file: URL, shownName: String) throws {
        do {
            try Data(text.utf8).write(to: file, options: .atomic)
        } catch {
            throw StudioFailure(
                .failed,
                "\(shownName) cannot be written: \(FileReason.text(error)); choose another file")
        }
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
