import ArgumentParser
import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI

/// The forms in which captions can be written.
enum HistoryFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    case json, jsonl, markdown
    /// A text file for each picture.
    case txt
    /// A copy of each picture that says what it shows.
    case xmp

    /// The form that the ending of a file name asks for.
    init(fileName: String) {
        self = fileName.hasSuffix(".md") ? .markdown : fileName.hasSuffix(".jsonl") ? .jsonl : .json
    }

    /// Whether it makes one file of all captions.
    var isOneFile: Bool { self == .json || self == .jsonl || self == .markdown }

    /// The forms that make one file.
    static let ofOneFile = allCases.filter(\.isOneFile)
}

/// Captions as the text of a file.
enum HistoryText {
    static func text(_ captions: [ConceptDB.CaptionRecord], _ format: HistoryFormat) throws
        -> String
    {
        guard format != .json else {
            return try StudioJSON.text(CaptionsDocument(captions: captions)) + "\n"
        }
        return try text(captions.map { SelectedCaption($0, in: nil) }, format)
    }

    static func text(_ captions: [SelectedCaption], _ format: HistoryFormat) throws -> String {
        switch format {
        case .markdown: return captions.map(markdown).joined(separator: "\n")
        case .json:
            let records = captions.compactMap(\.record)
            if records.count == captions.count { return try text(records, .json) }
            return try StudioJSON.text(["captions": captions.map(CaptionLine.init)]) + "\n"
        case .jsonl, .txt, .xmp:
            return try captions.map {
                try StudioJSON.text(CaptionLine($0), compact: true) + "\n"
            }.joined()
        }
    }

    /// Writes the file as a whole or not at all.
    ///
    /// - Parameter shownName: what to call the file in a failure.
    static func write(_ text: String, to file: URL, shownName: String) throws {
        try write(Data(text.utf8), to: file, shownName: shownName)
    }

    static func write(_ data: Data, to file: URL, shownName: String) throws {
        do {
            try data.write(to: file, options: .atomic)
        } catch {
            throw StudioFailure(
                .failed,
                "\(shownName) cannot be written: \(FileReason.text(error)); choose another file")
        }
    }

    /// Names in bold without their brackets, which Markdown would take for a tag.
    private static func markdown(_ caption: SelectedCaption) -> String {
        func plain(_ text: String) -> String { CompareMarkdown.escaped(text) }
        let pieces = NamedText(caption.caption, names: caption.concepts, wrong: caption.wrong)
            .pieces
        let words = pieces.map { piece in
            let text = CompareMarkdown.escaped(piece.text, newline: "\n")
            return piece.kind == .plain ? text : "**\(text)**"
        }.joined()
        let names = caption.concepts.map(plain).joined(separator: ", ")
        var facts = [plain(caption.model + (caption.adapter.map { " with \($0)" } ?? ""))]
        if let seed = caption.seed { facts.append("seed \(seed)") }
        if let moment = caption.createdAt { facts.append("\(moment)") }
        return """
            ## \(plain(caption.image))

            \(words)

            - concepts: \(names.isEmpty ? "none" : names)
            - question: \(plain(caption.question))
            - model: \(facts.joined(separator: ", "))

            """
    }
}

/// A caption as a line for programs, with the keys of `caption-folder`.
struct CaptionLine: Encodable {
    let image: String
    let caption: String
    let model: String
    let question: String
    let concepts: [String]?
    let named: [String]?
    let finishReason: String?
    let id: Int64?
    let createdAt: Timestamp?
    let adapter: String?
    let seed: UInt64?

    init(_ caption: SelectedCaption) {
        image = caption.image
        self.caption = caption.caption
        model = caption.model
        question = caption.question
        concepts = caption.concepts.isEmpty ? nil : caption.concepts
        named = caption.concepts.isEmpty ? nil : caption.named
        finishReason = caption.finishReason
        id = caption.id
        createdAt = caption.createdAt
        adapter = caption.adapter
        seed = caption.seed
    }
}
