import ConceptDB
import TerminalUI

/// The forms that change the words of concepts.
enum EditForm {
    /// All words of one concept.
    static func one(_ concept: Concept) -> FormOverlay {
        FormOverlay(
            title: "Edit \(concept.name)", submitWord: "save",
            fields: [
                FormField(
                    key: "name", label: "Name", kind: .text, help: "What captions call it.",
                    value: concept.name),
                FormField(
                    key: "category", label: "Category", kind: .text,
                    placeholder: "such as dog, mug, person", help: "What kind of thing it is.",
                    value: concept.category),
                FormField(
                    key: "tags", label: "Tags", kind: .text,
                    placeholder: "with commas between them", help: "Words to find it by.",
                    value: TagList.text(concept.tags)),
                FormField(
                    key: "info", label: "Info", kind: .paragraph(rows: 4),
                    help: "One line about it, shown to the model; ^S saves.", value: concept.info),
            ],
            check: { values, state in
                check(name: values["name"] ?? "", except: concept.id, state)
            },
            submit: { values in
                guard let edit = edit(concept, values) else {
                    return .toast(.info, "nothing was changed")
                }
                return .edit(.edit([ConceptPatch(id: concept.id, edit: edit)]))
            })
    }

    private static func edit(_ concept: Concept, _ values: FormValues) -> ConceptEdit? {
        var draft = EditorDraft(concept)
        draft.name = (values["name"] ?? "").onOneLine
        draft.category = (values["category"] ?? "").onOneLine
        draft.tags = TagList.parse(values["tags"] ?? "")
        draft.info = (values["info"] ?? "").onOneLine
        return draft.edit(of: concept)
    }

    /// What several concepts can have in common.
    static func several(_ concepts: [Concept]) -> FormOverlay {
        let ids = concepts.map(\.id)
        let categories = Set(concepts.map(\.category))
        let common = categories.count == 1 ? categories.first ?? "" : ""
        let tags = concepts.dropFirst().reduce(Set(concepts.first?.tags ?? [])) {
            $0.intersection($1.tags)
        }
        return FormOverlay(
            title: "Edit \(concepts.count) concepts",
            intro: tags.isEmpty ? "" : "All have: \(TagList.text(tags.sorted()))",
            submitWord: "save",
            fields: [
                FormField(
                    key: "category", label: "Category", kind: .text,
                    placeholder: categories.count > 1 ? "as they are" : "none",
                    help: "Empty leaves them as they are; a minus alone removes the category.",
                    value: common),
                FormField(
                    key: "add", label: "Add tags", kind: .text,
                    placeholder: "with commas between them", help: "For all of them."),
                FormField(
                    key: "remove", label: "Remove tags", kind: .text,
                    placeholder: "with commas between them", help: "From all that have them."),
            ],
            submit: { values in
                let category = (values["category"] ?? "").onOneLine
                let changed: String? =
                    category == "-" ? "" : category.isEmpty || category == common ? nil : category
                let edit = ConceptEdit(
                    category: changed, addingTags: TagList.parse(values["add"] ?? ""),
                    removingTags: TagList.parse(values["remove"] ?? ""))
                guard edit != ConceptEdit() else { return .toast(.info, "nothing was changed") }
                return .edit(.edit(ids.map { ConceptPatch(id: $0, edit: edit) }))
            })
    }

    static func rename(_ concept: Concept) -> FormOverlay {
        FormOverlay(
            title: "Rename \(concept.name)", submitWord: "rename",
            fields: [
                FormField(
                    key: "name", label: "Name", kind: .text, help: "What captions call it.",
                    value: concept.name)
            ],
            check: { values, state in
                check(name: values["name"] ?? "", except: concept.id, state)
            },
            submit: { values in
                let name = (values["name"] ?? "").onOneLine
                return name == concept.name
                    ? .toast(.info, "nothing was changed")
                    : .edit(.rename(id: concept.id, name: name))
            })
    }

    /// Asks for another name for a concept of the trash whose own is taken.
    ///
    /// - Parameter rest: what is to be restored after it.
    static func restore(_ concept: Concept, suggestion: String, rest: [Int64]) -> FormOverlay {
        FormOverlay(
            title: "Restore \(concept.name)",
            intro: "Another concept has this name now. Bring it back under another one:",
            submitWord: "restore",
            fields: [FormField(key: "name", label: "Name", kind: .text, value: suggestion)],
            check: { values, state in check(name: values["name"] ?? "", except: nil, state) },
            submit: { values in
                let restored = AppAction.edit(
                    .restoreAs(id: concept.id, name: (values["name"] ?? "").onOneLine))
                return rest.isEmpty ? restored : .batch([restored, .concepts(.restore(rest))])
            })
    }

    private static func check(name: String, except id: Int64?, _ state: AppState) -> String? {
        let name = name.onOneLine
        if name.isEmpty { return "a concept needs a name" }
        if name.count > 200 { return "the name has \(name.count) characters; 200 are allowed" }
        return state.isNameTaken(name, except: id)
            ? "another concept is called \(name) already" : nil
    }
}
