import ConceptDB
import TerminalUI

/// The form that asks for pictures and what they are.
enum AddForm {
    /// An empty form, or one with what was typed before and what was wrong with it.
    ///
    /// - Parameter extra: the concept that is open, offered as a place for the pictures.
    static func make(
        _ request: AddRequest = AddRequest(source: .typed("")), problem: String = "",
        extra: AddRequest.Grouping? = nil
    ) -> FormOverlay {
        let groupings = groupings(request, extra)
        let fields = pathFields(request) + wordFields(request) + [grouping(request, groupings)]
        return FormOverlay(
            title: title(request), intro: intro(request, problem), submitWord: "add",
            fields: fields,
            check: { values, _ in
                guard case .typed = request.source else { return nil }
                let path = values["path"] ?? ""
                return path.allSatisfy(\.isWhitespace)
                    ? "say which pictures: a file, a folder or a pattern such as ~/cats/*.jpg" : nil
            },
            submit: { values in
                .concepts(.addSubmitted(read(values, request, groupings)))
            })
    }

    /// The form for more pictures of a concept.
    static func images(of id: Int64, _ name: String, path: String = "", problem: String = "")
        -> FormOverlay
    {
        let grouping = AddRequest.Grouping.existing(id: id, name: name)
        let request = AddRequest(source: .typed(path), grouping: grouping)
        return FormOverlay(
            title: "Add pictures to \(name)", intro: problem, submitWord: "add",
            fields: pathFields(request),
            check: { values, _ in
                (values["path"] ?? "").isEmpty ? "say which pictures" : nil
            },
            submit: { values in
                .concepts(
                    .addSubmitted(
                        AddRequest(source: .typed(values["path"] ?? ""), grouping: grouping)))
            })
    }

    /// The form for a request that failed.
    static func again(_ request: AddRequest, _ problem: String) -> FormOverlay {
        if case .existing(let id, let name) = request.grouping,
            case .typed(let path) = request.source
        {
            return images(of: id, name, path: path, problem: problem)
        }
        return make(request, problem: problem)
    }

    private static func groupings(
        _ request: AddRequest, _ extra: AddRequest.Grouping?
    ) -> [AddRequest.Grouping] {
        var all = [AddRequest.Grouping.each, .together]
        if let extra { all.insert(extra, at: 0) }
        if case .existing = request.grouping, extra == nil { all.insert(request.grouping, at: 0) }
        return all
    }

    private static func title(_ request: AddRequest) -> String {
        switch request.source {
        case .typed: "Add concepts"
        case .paths(let paths): "Add \(TextForm.count(paths.count, "pasted path"))"
        }
    }

    private static func intro(_ request: AddRequest, _ problem: String) -> String {
        if !problem.isEmpty { return problem }
        guard case .paths(let paths) = request.source, let first = paths.first else { return "" }
        let more = paths.count > 1 ? " and \(paths.count - 1) more" : ""
        return first + more
    }

    private static func pathFields(_ request: AddRequest) -> [FormField] {
        guard case .typed(let path) = request.source else { return [] }
        return [
            FormField(
                key: "path", label: "Pictures", kind: .path(foldersOnly: false),
                placeholder: "file, folder or pattern, as in a shell",
                help: "PNG, JPEG or WebP; several with spaces between them; Tab completes. "
                    + "Or drop files onto the window.",
                value: path)
        ]
    }

    private static func wordFields(_ request: AddRequest) -> [FormField] {
        [
            FormField(
                key: "name", label: "Name", kind: .text, placeholder: "the name of the file",
                help: "What captions call it. Several concepts get it with a number.",
                value: request.name),
            FormField(
                key: "category", label: "Category", kind: .text,
                placeholder: "such as dog, mug, person",
                help: "What kind of thing it is; may be empty.", value: request.category),
            FormField(
                key: "tags", label: "Tags", kind: .text, placeholder: "with commas between them",
                help: "Words to find it by; may be empty.", value: TagList.text(request.tags)),
            FormField(
                key: "info", label: "Info", kind: .text, placeholder: "one line about it",
                help: "Shown to the model; may be empty.", value: request.info),
        ]
    }

    private static func grouping(
        _ request: AddRequest, _ groupings: [AddRequest.Grouping]
    ) -> FormField {
        let isOffered = groupings.contains(request.grouping)
        return FormField(
            key: "grouping", label: "Several are", kind: .choice(groupings.map(\.title)),
            help: "What becomes of several pictures.",
            value: isOffered ? request.grouping.title : groupings[0].title)
    }

    private static func read(
        _ values: FormValues, _ old: AddRequest, _ groupings: [AddRequest.Grouping]
    ) -> AddRequest {
        var request = old
        if case .typed = old.source { request.source = .typed(values["path"] ?? "") }
        request.name = (values["name"] ?? "").onOneLine
        request.category = (values["category"] ?? "").onOneLine
        request.tags = TagList.parse(values["tags"] ?? "")
        request.info = (values["info"] ?? "").onOneLine
        let chosen = groupings.first { $0.title == values["grouping"] }
        request.grouping = chosen ?? request.grouping
        return request
    }
}
