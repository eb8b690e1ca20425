import ConceptDB
import TerminalUI

/// A concept's words as a text for the user's editor, and back.
///
/// Name, category and tags stand between two lines of dashes, as YAML with comments; what follows
/// is the info, as free text.
struct EditorDraft: Sendable, Equatable {
    var name: String
    var category: String
    var tags: [String]
    /// On one line, as the library keeps it.
    var info: String

    /// Larger texts are nothing the editor was opened for.
    static let mostBytes = 1 << 20

    init(name: String, category: String = "", tags: [String] = [], info: String = "") {
        self.name = name
        self.category = category
        self.tags = tags
        self.info = info
    }

    /// The words a concept has now.
    init(_ concept: Concept) {
        self.init(
            name: concept.name, category: concept.category, tags: concept.tags, info: concept.info)
    }

    /// Why a text is no draft.
    struct Mistake: Error, Equatable, CustomStringConvertible {
        /// One for each thing that is wrong.
        let problems: [FileProblem]
        var description: String { problems.map(\.description).joined(separator: "\n") }
    }

    // MARK: - Writing

    /// The text for the editor.
    ///
    /// - Parameter problems: what was wrong the last time, to be read above the draft.
    func text(problems: [FileProblem] = []) -> String {
        var lines = ["---"]
        lines += problems.map { "# PROBLEM: \(TerminalText.sanitized($0.description))" }
        lines += [
            "# What captions call it; any script, up to 200 characters.",
            "name: \(YAMLText.quoted(name))",
            "# What kind of thing it is, such as dog or mug; may be empty.",
            "category: \(YAMLText.quoted(category))",
            "# Words to find it by.",
            "tags: \(YAMLText.value(.list(tags)))",
            "# Below the next line: a line or two about it, shown to the model.",
            "# Saving an empty file changes nothing.",
            "---",
            // One sentence on each line would be nicer to edit, but is not what was written.
            info,
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Reading

    /// Reads what the user saved; `nil` when the text is empty and so nothing shall change.
    ///
    /// - Throws: `Mistake`, with a sentence and a line for each problem.
    static func parse(_ bytes: some Collection<UInt8>) throws(Mistake) -> EditorDraft? {
        guard bytes.count <= mostBytes else {
            throw Mistake(problems: [FileProblem("the text is larger than 1 MiB")])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Mistake(problems: [FileProblem("the text is not UTF-8")])
        }
        return try parse(text)
    }

    /// Reads a text.
    static func parse(_ text: String) throws(Mistake) -> EditorDraft? {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        let isEmpty = lines.allSatisfy { line in
            line.allSatisfy(\.isWhitespace) || line.hasPrefix("#") || isFence(line)
        }
        if isEmpty { return nil }
        guard let start = lines.firstIndex(where: isFence),
            lines[..<start].allSatisfy({ $0.allSatisfy(\.isWhitespace) || $0.hasPrefix("#") })
        else {
            throw Mistake(problems: [FileProblem(line: 1, "the line '---' above the name is gone")])
        }
        guard let end = lines[(start + 1)...].firstIndex(where: isFence) else {
            throw Mistake(
                problems: [FileProblem(line: lines.count, "the line '---' above the info is gone")])
        }
        let front = lines[(start + 1)..<end].joined(separator: "\n")
        var draft = EditorDraft(name: "")
        var problems = draft.read(OptionSheet(front, firstLine: start + 2), endsAt: end + 1)
        draft.info = lines[(end + 1)...].joined(separator: "\n").onOneLine
        if draft.info.count > 2000 {
            problems.append(
                FileProblem(
                    line: end + 2,
                    "the info has \(draft.info.count) characters; at most 2000 are kept"))
        }
        guard problems.isEmpty else { throw Mistake(problems: problems) }
        return draft
    }

    private static func isFence(_ line: Substring) -> Bool {
        line.hasPrefix("---") && line.allSatisfy { $0 == "-" || $0.isWhitespace }
    }

    private mutating func read(_ sheet: OptionSheet, endsAt last: Int) -> [FileProblem] {
        var problems = sheet.problems
        for entry in sheet.entries {
            switch (entry.key, entry.value) {
            case ("name", .text(let text)): name = text.onOneLine
            case ("category", .text(let text)): category = text.onOneLine
            case ("name", .nothing), ("category", .nothing), ("tags", .nothing): break
            case ("tags", .list(let items)): tags = Self.tags(items)
            case ("tags", .text(let text)):
                tags = Self.tags(text.split(separator: ",").map(String.init))
            case ("name", _), ("category", _):
                problems.append(
                    FileProblem(line: entry.line, "'\(entry.key)' takes one text, not a list"))
            default:
                let key = OptionSheet.shown(entry.key)
                problems.append(
                    FileProblem(
                        line: entry.line,
                        "there is no '\(key)' here; name, category and tags can be set"))
            }
        }
        if name.isEmpty, !problems.contains(where: { $0.message.hasPrefix("'name'") }) {
            let line = sheet["name"]?.line ?? last
            problems.append(FileProblem(line: line, "the concept needs a name"))
        }
        return problems
    }

    private static func tags(_ items: [String]) -> [String] {
        items.map(\.onOneLine).filter { !$0.isEmpty }
    }

    // MARK: - Changing

    /// What has to change about the concept; `nil` when the draft says what it says already.
    func edit(of concept: Concept) -> ConceptEdit? {
        func changed(_ new: String, _ old: String) -> String? { new == old ? nil : new }
        let edit = ConceptEdit(
            name: changed(name, concept.name), category: changed(category, concept.category),
            info: changed(info, concept.info),
            tags: Set(tags) == Set(concept.tags) ? nil : tags)
        return edit == ConceptEdit() ? nil : edit
    }
}
