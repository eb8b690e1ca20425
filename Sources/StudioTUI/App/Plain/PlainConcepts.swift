import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption

/// Concepts in plain mode: list, search, read, change, remove, add.
struct PlainConcepts {
    let studio: PlainStudio

    private var dialogue: PlainDialogue { studio.dialogue }

    /// Concepts said at a time.
    static let page = 20

    func run() throws(PlainLeave) {
        var query = ConceptQuery(limit: Self.page)
        var isHeard = false
        while true {
            let search = query
            let page = try dialogue.attempt { try studio.store().concepts(search) }
            guard let page else { return }
            guard page.total > 0 else {
                guard !query.text.isEmpty else {
                    return dialogue.say("There are no concepts yet. Choose 2 to add one.")
                }
                dialogue.say("Nothing found for \(query.text).")
                query = ConceptQuery(limit: Self.page)
                isHeard = false
                continue
            }
            if !isHeard { say(page, query) }
            isHeard = true
            let answer = try dialogue.ask(
                "Number to open, words to search, m for more",
                help: "A number opens the concept; words find concepts by name, kind, line or tag; "
                    + "m goes on with the list; * lists all again.")
            guard let answer else { return }
            if let number = Int(answer) {
                guard page.concepts.indices.contains(number - 1 - query.offset) else {
                    dialogue.say("There is no number \(number) in this list.")
                    continue
                }
                let before = studio.changes
                try open(page.concepts[number - 1 - query.offset].id)
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
                query = ConceptQuery(text: answer == "*" ? "" : answer, limit: Self.page)
                isHeard = false
            }
        }
    }

    private func say(_ page: ConceptPage, _ query: ConceptQuery) {
        let what = query.text.isEmpty ? "" : " found for \(query.text)"
        let last = query.offset + page.concepts.count
        let part =
            page.concepts.count < page.total ? ", numbers \(query.offset + 1) to \(last)" : ""
        dialogue.say("\(TextForm.count(page.total, "concept"))\(what)\(part):")
        for (index, concept) in page.concepts.enumerated() {
            dialogue.say("\(query.offset + index + 1). \(Self.line(concept))")
        }
    }

    /// A concept in one line: name, kind, pictures, what is said about it.
    static func line(_ concept: Concept) -> String {
        let pictures =
            concept.images.isEmpty
            ? "no picture" : TextForm.count(concept.images.count, "picture")
        return [concept.name, concept.category, pictures, concept.info]
            .filter { !$0.isEmpty }.joined(separator: ", ")
    }

    // MARK: - One concept

    private func open(_ id: Int64) throws(PlainLeave) {
        while true {
            let found = try dialogue.attempt { try studio.store().concept(id: id) }
            guard let concept = found else { return }
            let tags = concept.tags.isEmpty ? "none" : concept.tags.joined(separator: ", ")
            dialogue.say(
                "\(Self.line(concept)). Tags: \(tags). Added "
                    + "\(String("\(concept.createdAt)".prefix(10))).")
            let choice = try dialogue.choose(
                "What to do with \(concept.name)?",
                [
                    ("Rename", "give it another name"), ("Line", "change the line about it"),
                    ("Kind", "change what kind of thing it is"),
                    ("Tags", "change the words to find it by"),
                    ("Picture", "add a picture"), ("Trash", "move it to the trash"),
                ])
            switch choice {
            case 0: try rename(concept)
            case 1:
                try change(concept, "Line about it", concept.info) { ConceptEdit(info: $0) }
            case 2: try change(concept, "Kind", concept.category) { ConceptEdit(category: $0) }
            case 3:
                try change(concept, "Tags, with commas", tags) {
                    ConceptEdit(tags: Self.tags($0))
                }
            case 4:
                guard let picture = try picture("Picture") else { continue }
                try studio.edit(.addImages(id: id, [.file(picture)]))
            case 5: return try studio.edit(.trash([id]))
            default: return
            }
        }
    }

    private func rename(_ concept: Concept) throws(PlainLeave) {
        let name = try dialogue.ask(
            "New name instead of \(concept.name)",
            help: "What captions shall call it; any script, up to 200 characters.")
        if let name { try studio.edit(.rename(id: concept.id, name: name)) }
    }

    private func change(
        _ concept: Concept, _ prompt: String, _ now: String,
        _ edit: (String) -> ConceptEdit
    ) throws(PlainLeave) {
        let answer = try dialogue.ask(
            "\(prompt), now \(now.isEmpty ? "none" : now), - for none",
            help: "Type the new text; a minus sign alone removes what is there.")
        guard let answer else { return }
        let patch = ConceptPatch(id: concept.id, edit: edit(answer == "-" ? "" : answer))
        try studio.edit(.edit([patch]))
    }

    private static func tags(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }

    // MARK: - Adding

    func add() throws(PlainLeave) {
        let name = try dialogue.ask(
            "Name", help: "What captions shall call it; any script, up to 200 characters.")
        guard let name else { return }
        guard let first = try picture("Picture") else { return }
        var pictures = [first]
        while let more = try dialogue.ask(
            "Another picture, or - when done",
            help: "More pictures of the same concept; the first one stands for it."),
            more != "-"
        {
            if let file = try check(more) { pictures.append(file) }
        }
        guard let kind = try optional("Kind", "What kind of thing it is, such as dog or mug.")
        else { return dialogue.say("Nothing was added.") }
        guard let info = try optional("Line about it", "One line, which the model gets to read.")
        else { return dialogue.say("Nothing was added.") }
        try studio.edit(
            .add(
                NewConcept(name: name, category: kind, info: info),
                images: pictures.map { .file($0) }))
    }

    private func optional(_ prompt: String, _ help: String) throws(PlainLeave) -> String? {
        let answer = try dialogue.ask("\(prompt), - for none", help: help)
        return answer == "-" ? "" : answer
    }

    /// Asks for a picture that can be read.
    func picture(_ prompt: String) throws(PlainLeave) -> URL? {
        while true {
            let answer = try dialogue.ask(
                "\(prompt), a path",
                help: "A PNG, JPEG or WebP file. ~ is your home folder; relative paths start at "
                    + "\(studio.places.workingFolder).")
            guard let answer else { return nil }
            if let file = try check(answer) { return file }
        }
    }

    /// Looks into the file before it is used; says what is wrong with it.
    private func check(_ typed: String) throws(PlainLeave) -> URL? {
        let file = studio.file(typed)
        let info = try dialogue.attempt {
            let limits = ImageLimits.standard
            let data = try BoundedFile.read(file, limit: limits.maximumBytes)
            return try ImageDecoder.info(data, name: file.path, limits: limits)
        }
        guard let info else { return nil }
        dialogue.say("\(file.lastPathComponent), \(info.width) by \(info.height) pixels.")
        return file
    }
}
