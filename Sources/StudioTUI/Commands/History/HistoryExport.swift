import ArgumentParser
import ConceptDB
import Foundation
import TerminalUI

/// `studio history export FILE`.
struct HistoryExport: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write captions to a file, beside pictures, or into copies of pictures.",
        discussion: """
            json, jsonl and markdown make one file; '-' writes to standard output, and an existing \
            file is replaced. jsonl has the keys of 'caption-folder'. txt writes a text file for \
            each picture into a folder, or with --beside next to the pictures. xmp copies the \
            pictures into a folder and writes into the copies what they show (XMP, in JPEG also \
            IPTC), where photo programs look for it; pixels stay as they are, place, time and \
            camera are left out, and the pictures themselves are never touched. Of several \
            captions of one picture txt and xmp take the newest.
            """)

    @Argument(help: "The file to write; for txt and xmp a folder.", completion: .file())
    var file: String?

    @Option(
        help: "json, jsonl, markdown, txt or xmp; default: by the file's name, else json.")
    var format: HistoryFormat?

    @OptionGroup var selection: CaptionSelection

    @Flag(help: "With txt: write each text next to its picture instead of into a folder.")
    var beside = false

    @Flag(help: "With txt and xmp: leave names in <brackets>, as the model writes them.")
    var brackets = false

    @Flag(help: "With xmp: let the copies keep when, where and with what they were taken.")
    var keepMetadata = false

    @Flag(help: "With txt and xmp: replace files that exist.")
    var force = false

    @OptionGroup var common: CommonOptions

    private var wanted: HistoryFormat {
        format ?? (beside ? .txt : HistoryFormat(fileName: file ?? ""))
    }

    func validate() throws {
        if beside, wanted != .txt { throw ValidationError("--beside belongs to --format txt.") }
        if keepMetadata, wanted != .xmp {
            throw ValidationError("--keep-metadata belongs to --format xmp.")
        }
        if beside == (file != nil) {
            throw ValidationError(
                beside
                    ? "--beside takes no folder: the texts go next to the pictures."
                    : "Give the file or folder to write.")
        }
        if !wanted.isOneFile, file == "-" {
            throw ValidationError("\(wanted.rawValue) takes a folder, not standard output.")
        }
    }

    func run(_ session: Session) throws {
        let captions = try selection.read(session)
        guard wanted.isOneFile else { return try writeBeside(captions, session) }
        let file = file ?? "-"
        let text = try HistoryText.text(captions, wanted)
        if file == "-" { return session.console.write(text) }
        try HistoryText.write(text, to: URL(fileURLWithPath: file), shownName: file)
        if common.json {
            return try session.printJSON(HistoryExported(file: file, captions: captions.count))
        }
        session.note("wrote \(captions.count) captions to \(TerminalText.sanitized(file))")
    }

    private func writeBeside(_ captions: [SelectedCaption], _ session: Session) throws {
        let folder = file.map { URL(fileURLWithPath: $0, isDirectory: true) }
        let sidecars = Sidecars(
            isCopy: wanted == .xmp, folder: folder, keepsBrackets: brackets,
            keepsMetadata: keepMetadata, replaces: force)
        let plan = try sidecars.plan(captions)
        for problem in plan.problems { session.note(TerminalText.sanitized(problem)) }
        for (done, item) in plan.items.enumerated() {
            try session.checkCancellation()
            session.progress.update(
                "writing", fraction: Double(done) / Double(max(1, plan.items.count)))
            try sidecars.write(item)
        }
        session.progress.clear()
        let place = file ?? "the pictures' folders"
        if common.json {
            var document = HistoryExported(file: file ?? "", captions: plan.items.count)
            document.files = plan.items.map(\.target.path)
            document.problems = plan.problems
            return try session.printJSON(document)
        }
        let (one, more) =
            wanted == .xmp ? ("described copy", "described copies") : ("text", "texts")
        let count = plan.items.count
        session.note(
            "wrote \(count) \(count == 1 ? one : more) to "
                + TerminalText.sanitized(place))
    }
}

/// The JSON of `history export`.
struct HistoryExported: Encodable {
    let file: String
    let captions: Int
    /// With txt and xmp: what was written.
    var files: [String]?
    /// With txt and xmp: captions whose picture cannot be found.
    var problems: [String]?
}
