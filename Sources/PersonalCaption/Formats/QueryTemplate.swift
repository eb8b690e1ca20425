public import Foundation
public import ImageCodecs

/// A query picture of RAP or RePIC and the concepts asked for with it.
public struct TemplateQuery: Sendable, Equatable {
    /// The picture's path as the file states it.
    public var image: String
    /// The picture, when it exists inside the folder.
    public var file: URL?
    /// Sets of tags, each one question; flat files have one set.
    public var combinations: [[String]]

    /// Names every part.
    public init(image: String, file: URL?, combinations: [[String]]) {
        self.image = image
        self.file = file
        self.combinations = combinations
    }
}

/// Why a file is no query template.
public enum QueryTemplateError: OutsideDataError, Equatable {
    /// The file cannot be read or is too large.
    case unreadable(ImageReadError)
    /// The file is not JSON.
    case notJSON(file: String, reason: String)
    /// The file is JSON of another form.
    case otherForm(file: String, found: String)

    /// Whether there is no such file.
    public var isMissing: Bool {
        if case .unreadable(let cause) = self { return cause.isMissing }
        return false
    }

    /// One sentence that says what was expected.
    public var description: String {
        switch self {
        case .unreadable(let reason): reason.description
        case .notJSON(let file, let reason):
            "\(file) is not JSON (\(reason)); was it saved completely?"
        case .otherForm(let file, let found):
            "\(file) must map pictures to tags, {\"picture\": [\"<tag>\", ...]}, but \(found)."
        }
    }
}

/// The query templates of RAP and RePIC: `{"picture": ["<tag>", ...]}`, or, for four concepts,
/// `{"picture": [["<a>", "<b>", "<c>", "<d>"], ...]}`.
public struct QueryTemplate: Sendable, Equatable {
    /// The pictures, in the order of the file.
    public let queries: [TemplateQuery]
    /// What was left out, and pictures that are missing.
    public let problems: [FormatProblem]

    /// Reads a template.
    ///
    /// - Parameters:
    ///   - file: the JSON file.
    ///   - images: pictures are looked for in and below this folder only.
    /// - Throws: `QueryTemplateError`; problems of single pictures are listed instead.
    public static func read(
        _ file: URL, images: URL
    ) throws(QueryTemplateError) -> QueryTemplate {
        let data: Data
        do {
            data = try BoundedFile.read(file, limit: RAPDatabase.maximumBytes)
        } catch {
            throw .unreadable(error)
        }
        let name = PromptName.oneLine(file.lastPathComponent)
        return try parse(data, name: name, images: images)
    }

    /// Reads the text of a template.
    public static func parse(
        _ data: Data, name: String, images: URL
    ) throws(QueryTemplateError) -> QueryTemplate {
        let value: JSONValue
        do {
            value = try JSONValue.parse(data)
        } catch {
            throw .notJSON(file: name, reason: error.description)
        }
        guard case .object(let members) = value else {
            throw .otherForm(file: name, found: "it is \(value.kind)")
        }
        guard members.isEmpty || members.contains(where: { isTags($0.value) }) else {
            throw .otherForm(file: name, found: "its values are \(members[0].value.kind)")
        }
        var problems = ProblemList()
        var queries: [TemplateQuery] = []
        for member in members {
            guard let query = query(member, images, &problems) else { continue }
            queries.append(query)
        }
        return QueryTemplate(queries: queries, problems: problems.all)
    }

    private static func query(
        _ member: JSONValue.Member, _ images: URL, _ problems: inout ProblemList
    ) -> TemplateQuery? {
        guard isTags(member.value) else {
            problems.note(member.key, "has \(member.value.kind) where tags belong; left out")
            return nil
        }
        var file: URL?
        do throws(FolderPath.Failure) {
            file = try FolderPath.find(FolderPath.components(of: member.key), in: images)
        } catch {
            problems.note(member.key, "\(error)")
        }
        return TemplateQuery(
            image: member.key, file: file, combinations: combinations(member.value))
    }

    /// Tags, lists of tags, or lists of lists of tags.
    private static func isTags(_ value: JSONValue) -> Bool {
        switch value {
        case .string: true
        case .array(let elements):
            elements.allSatisfy { $0.string != nil }
                || elements.allSatisfy { element in
                    guard case .array(let tags) = element else { return false }
                    return tags.allSatisfy { $0.string != nil }
                }
        default: false
        }
    }

    private static func combinations(_ value: JSONValue) -> [[String]] {
        guard case .array(let elements) = value else { return [[value.string ?? ""]] }
        let nested = elements.compactMap { element -> [String]? in
            guard case .array(let tags) = element else { return nil }
            return tags.compactMap(\.string)
        }
        return nested.isEmpty ? [elements.compactMap(\.string)] : nested
    }
}
