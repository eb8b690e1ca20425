import ConceptDB
import TerminalUI

/// The JSON of every command that prints concepts.
struct ConceptsDocument: Encodable {
    let concepts: [Concept]
    /// How many there are without `--limit`; only where a list was asked for.
    var total: Int?
}

extension Session {
    /// Prints concepts as JSON when that was asked for, else the given line.
    func report(_ concepts: [Concept], _ line: @autoclosure () -> String) throws {
        if options.json {
            try printJSON(ConceptsDocument(concepts: concepts))
        } else {
            note(line())
        }
    }
}

/// Lists of concepts for people.
enum ConceptTable {
    /// Aligned columns, the info cut to the width of the terminal.
    ///
    /// On a pipe the columns are separated by tabs and nothing is cut.
    static func text(_ concepts: [Concept], session: Session) -> String {
        guard session.console.outputIsTerminal else {
            return concepts.map { tabbed($0) }.joined()
        }
        let names = concepts.map { TerminalText.sanitized($0.name) }
        let kinds = concepts.map { TerminalText.sanitized($0.category) }
        let nameWidth = min(names.map(TerminalText.width).max() ?? 0, 32)
        let kindWidth = min(kinds.map(TerminalText.width).max() ?? 0, 16)
        let rest = max(10, TerminalMeasure.columns() - nameWidth - kindWidth - 16)
        var text = ""
        for (index, concept) in concepts.enumerated() {
            let name = session.style(TerminalText.padded(names[index], to: nameWidth), .strong)
            let kind = TerminalText.padded(kinds[index], to: kindWidth)
            let count = pictures(concept.images.count)
            let info = TerminalText.truncated(TerminalText.sanitized(concept.info), to: rest)
            text += "\(name)  \(kind)  \(TerminalText.padded(count, to: 11))\(info)\n"
        }
        return text
    }

    static func pictures(_ count: Int) -> String {
        count == 1 ? "1 picture" : "\(count) pictures"
    }

    private static func tabbed(_ concept: Concept) -> String {
        let fields = [
            concept.name, concept.category, "\(concept.images.count)", concept.info,
            concept.tags.joined(separator: ","),
        ]
        return fields.map { TerminalText.sanitized($0) }.joined(separator: "\t") + "\n"
    }

    /// Everything about one concept, a line per fact.
    static func details(_ concept: Concept, session: Session) -> String {
        var facts: [(String, String)] = []
        if !concept.category.isEmpty { facts.append(("category", concept.category)) }
        if !concept.info.isEmpty { facts.append(("info", concept.info)) }
        if !concept.tags.isEmpty {
            facts.append(("tags", concept.tags.joined(separator: ", ")))
        }
        facts.append(("added", "\(concept.createdAt)"))
        facts.append(("changed", "\(concept.updatedAt)"))
        for image in concept.images {
            let cover = image.id == concept.cover ? " (cover)" : ""
            let size = "\(image.width)×\(image.height)"
            facts.append(("picture \(image.id)", "\(size) \(image.path)\(cover)"))
        }
        let width = facts.map { TerminalText.width($0.0) }.max() ?? 0
        let lines = facts.map { key, value in
            let label = session.style(TerminalText.padded(key, to: width), .faint)
            return "  \(label)  \(TerminalText.sanitized(value))"
        }
        let name = session.style(TerminalText.sanitized(concept.name), .strong)
        return ([name] + lines).joined(separator: "\n")
    }
}
