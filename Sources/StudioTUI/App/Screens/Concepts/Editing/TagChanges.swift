import ConceptDB

/// Tags to add and to take away, as typed: `pet, +indoor, -old`.
struct TagChanges: Sendable, Equatable {
    var adding: [String] = []
    var removing: [String] = []

    init(adding: [String] = [], removing: [String] = []) {
        self.adding = adding
        self.removing = removing
    }

    init(parsing text: String) {
        for part in text.split(separator: ",") {
            let word = part.drop(while: \.isWhitespace)
            let tag = TagList.normal(
                String(
                    word.first.map { "+-".contains($0) } == true
                        ? word.dropFirst() : word))
            guard !tag.isEmpty else { continue }
            adding.removeAll { $0 == tag }
            removing.removeAll { $0 == tag }
            if word.first == "-" { removing.append(tag) } else { adding.append(tag) }
        }
    }

    var isEmpty: Bool { adding.isEmpty && removing.isEmpty }

    /// What changes about a concept; `nil` when it has the tags, and lacks the others, already.
    func patch(_ concept: Concept) -> ConceptPatch? {
        let more = adding.filter { !concept.tags.contains($0) }
        let fewer = removing.filter { concept.tags.contains($0) }
        guard !more.isEmpty || !fewer.isEmpty else { return nil }
        return ConceptPatch(
            id: concept.id, edit: ConceptEdit(addingTags: more, removingTags: fewer))
    }
}
