import ConceptDB
import Foundation

/// The history in plain mode: list, search, read, remove.
struct PlainHistory {
    let studio: PlainStudio

    private var dialogue: PlainDialogue { studio.dialogue }

    static let page = 10

    func run() throws(PlainLeave) {
        var query = CaptionQuery(limit: Self.page)
        var isHeard = false
        while true {
            let search = query
            let page = try dialogue.attempt { try studio.store().captions(search) }
            guard let page else { return }
            guard page.total > 0 else {
                guard !query.text.isEmpty else {
                    return dialogue.say("There are no captions yet. Choose 3 to ask for one.")
                }
                dialogue.say("Nothing found for \(query.text).")
                query = CaptionQuery(limit: Self.page)
                isHeard = false
                continue
            }
            if !isHeard { say(page, query) }
            isHeard = true
            let answer = try dialogue.ask(
                "Number to read, words to search, m for more",
                help: "A number reads the caption; words find captions by what they say, their "
                    + "question or their concepts; m goes on with the list; * lists all again.")
            guard let answer else { return }
            if let number = Int64(answer) {
                let before = studio.changes
                try open(number)
                isHeard = studio.changes == before
            } else if answer.lowercased() == "m" {
                let next = query.offset + Self.page
                if next < page.total {
                    query.offset = next
                    isHeard = false
                } else {
                    dialogue.say("That was the end of the list.")
                }
            } else {
                query = CaptionQuery(text: answer == "*" ? "" : answer, limit: Self.page)
                isHeard = false
            }
        }
    }

    private func say(_ page: CaptionPage, _ query: CaptionQuery) {
        let part = query.offset > 0 ? ", from \(query.offset + 1) on" : ""
        dialogue.say("\(TextForm.count(page.total, "caption"))\(part), the latest first:")
        for record in page.captions { dialogue.say("\(record.id). \(Self.line(record))") }
    }

    private static func line(_ record: CaptionRecord) -> String {
        let file = URL(fileURLWithPath: record.image.originalPath).lastPathComponent
        let text = record.caption.split(separator: " ").prefix(12).joined(separator: " ")
        let rest = text.count < record.caption.count ? " and so on" : ""
        return "\(time(record)), \(file): \(text)\(rest)"
    }

    private static func time(_ record: CaptionRecord) -> String {
        String("\(record.createdAt)".prefix(16).map { $0 == "T" ? " " : $0 })
    }

    private func open(_ id: Int64) throws(PlainLeave) {
        guard let record = try dialogue.attempt({ try studio.store().caption(id: id) }) else {
            return
        }
        dialogue.say("Caption \(record.id), \(Self.time(record)), of \(record.image.originalPath):")
        dialogue.say(record.caption)
        let facts = [
            ("Concepts", record.concepts.map(\.name).joined(separator: ", ")),
            ("Named", record.named.joined(separator: ", ")),
            ("Not named", record.unnamed.joined(separator: ", ")),
            ("Wrongly named", record.absent.joined(separator: ", ")),
            ("Question", record.question), ("Model", record.model),
        ]
        for (name, value) in facts where !value.isEmpty { dialogue.say("\(name): \(value)") }
        let answer = try dialogue.ask(
            "x to remove it, an empty line goes back",
            help: "x moves the caption to the trash; Undo in the main menu brings it back.")
        if answer?.lowercased() == "x" { try studio.edit(.trashCaptions([id])) }
    }
}
