import ArgumentParser
import ConceptDB
import ImageCodecs
import TerminalUI

/// `studio history show ID`.
struct HistoryShow: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one caption with everything needed to repeat it.")

    @Argument(help: "The caption's number ('studio history list').")
    var id: Int64

    @Flag(help: "Draw the picture on the terminal.")
    var show = false

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let record = try store.caption(id: id)
        if common.json { return try session.printJSON(record) }
        if show, let file = store.url(of: record.image) {
            let image = try ImageDecoder.decode(fileAt: file).flattened()
            let picture = session.picture()
            let placement = picture.placement(width: image.width, height: image.height)
            session.console.write(
                picture.bytes(image, at: placement, label: record.image.originalPath))
        }
        let facts: [(String, String)] = [
            ("made", "\(record.createdAt)"), ("picture", record.image.originalPath),
            ("concepts", record.concepts.map(\.name).joined(separator: ", ")),
            ("question", record.question), ("model", record.model),
            ("adapter", record.adapter ?? "none"), ("seed", "\(record.seed)"),
            ("named", record.named.joined(separator: ", ")),
            ("unnamed", record.unnamed.joined(separator: ", ")),
            ("absent", record.absent.joined(separator: ", ")),
            ("ended", record.finishReason),
        ]
        let names = record.concepts.map(\.name)
        session.print(NameHighlighter.colour(record.caption, names: names, style: session.style))
        for (key, value) in facts where !value.isEmpty {
            let label = session.style(TerminalText.padded(key, to: 9), .faint)
            session.print("  \(label) \(TerminalText.sanitized(value))")
        }
    }
}
