import ConceptDB
import TerminalUI

/// Finds concepts in the trash by name; several may have had the same one.
struct ConceptTrash {
    private let concepts: [Concept]

    init(_ store: ConceptStore) throws {
        concepts = try store.concepts(ConceptQuery(inTrash: true)).concepts
    }

    /// The concept of this name that was removed last.
    func concept(named name: String) throws -> Concept {
        let wanted = name.lowercased()
        let found = concepts.filter { $0.name.lowercased() == wanted }
        let last = found.max { ($0.trashedAt ?? $0.updatedAt) < ($1.trashedAt ?? $1.updatedAt) }
        if let last { return last }
        let nearest = CommandSuggestion.nearest(to: wanted, among: concepts.map(\.name))
        let hint = nearest.map { "; did you mean \"\(TerminalText.sanitized($0))\"?" } ?? ""
        throw StudioFailure(
            .notFound,
            "there is no concept named \"\(TerminalText.sanitized(name))\" in the trash\(hint)")
    }
}
