public import Foundation
public import ImageCodecs

/// Why a sample set cannot be used.
public enum SampleSetError: OutsideDataError, Equatable {
    /// The truth file cannot be read or is too large.
    case unreadable(ImageReadError)
    /// The truth file is not JSON of the expected form.
    case malformed(file: String, reason: String)
    /// An entry contradicts another or lies out of bounds.
    case entry(file: String, item: String, reason: String)

    /// Whether there is no such file.
    public var isMissing: Bool {
        if case .unreadable(let cause) = self { return cause.isMissing }
        return false
    }

    /// One sentence that says what is wrong and where.
    public var description: String {
        switch self {
        case .unreadable(let reason): reason.description
        case .malformed(let file, let reason):
            "\(file) does not describe a sample set: \(reason)."
        case .entry(let file, let item, let reason): "\(file): \(item) \(reason)."
        }
    }
}

extension SampleSet {
    /// The file that describes a set.
    public static let fileName = "truth.json"

    /// Reads `truth.json` and checks that every picture lies inside the folder.
    ///
    /// - Throws: `SampleSetError` at the first thing that is wrong.
    public static func read(folder: URL) throws(SampleSetError) -> SampleSet {
        let file = folder.appending(path: fileName)
        let data: Data
        do {
            data = try BoundedFile.read(file, limit: 8 << 20)
        } catch {
            throw .unreadable(error)
        }
        let truth: Truth
        do {
            truth = try JSONDecoder().decode(Truth.self, from: data)
        } catch {
            throw .malformed(file: fileName, reason: Self.reason(error))
        }
        return try truth.checked(in: folder)
    }

    private static func reason(_ error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
            return path.isEmpty ? "the file" : "'\(path.joined(separator: "."))'"
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context):
            "\(place(context)) has no '\(key.stringValue)'"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            "\(place(context)) has another type than expected"
        default: "it is not JSON"
        }
    }
}

/// `truth.json` as it is written.
private struct Truth: Decodable {
    struct Concept: Decodable {
        var id: Int
        var file: String
        var name: String
        var info: String?
        var category: String?
    }

    struct Object: Decodable {
        var concept: Int
        var name: String?
        var box: [Int]
    }

    struct Query: Decodable {
        var file: String
        var background: String?
        var objects: [Object]
        var suggestedAbsent: [Int]?

        enum CodingKeys: String, CodingKey {
            case file, background, objects
            case suggestedAbsent = "suggested_absent"
        }
    }

    var concepts: [Concept]
    var queries: [Query]

    func checked(in folder: URL) throws(SampleSetError) -> SampleSet {
        var set = SampleSet(concepts: [], queries: [])
        var names: [Int: String] = [:]
        for concept in concepts {
            let item = "concept \(concept.id)"
            let name = PromptName.oneLine(concept.name)
            guard (1...RAPDatabase.maximumNameLength).contains(name.count) else {
                throw wrong(item, "must have a name of 1 to 200 characters")
            }
            guard names.updateValue(name, forKey: concept.id) == nil else {
                throw wrong(item, "appears twice")
            }
            set.concepts.append(
                SampleConcept(
                    id: concept.id, file: try picture(concept.file, item, folder), name: name,
                    info: PromptName.oneLine(concept.info ?? ""),
                    category: PromptName.oneLine(concept.category ?? "")))
        }
        for (index, query) in queries.enumerated() {
            set.queries.append(try checked(query, "query \(index)", names, folder))
        }
        return set
    }

    private func checked(
        _ query: Query, _ item: String, _ names: [Int: String], _ folder: URL
    ) throws(SampleSetError) -> SampleQuery {
        var objects: [SampleObject] = []
        for object in query.objects {
            guard let name = names[object.concept] else {
                throw wrong(item, "shows concept \(object.concept), which is not in the set")
            }
            guard object.box.count == 4, object.box.allSatisfy({ (0...1_000_000).contains($0) }),
                object.box[0] < object.box[2], object.box[1] < object.box[3]
            else {
                throw wrong(item, "has a box that is not [x1, y1, x2, y2] with x1 < x2, y1 < y2")
            }
            objects.append(SampleObject(concept: object.concept, name: name, box: object.box))
        }
        let absent = query.suggestedAbsent ?? []
        if let stranger = absent.first(where: { names[$0] == nil }) {
            throw wrong(item, "suggests concept \(stranger), which is not in the set")
        }
        let visible = Set(objects.map(\.concept))
        if let seen = absent.first(where: visible.contains) {
            throw wrong(item, "calls concept \(seen) absent, although it shows it")
        }
        return SampleQuery(
            file: try picture(query.file, item, folder),
            background: PromptName.oneLine(query.background ?? ""), objects: objects,
            suggestedAbsent: absent)
    }

    private func picture(
        _ path: String, _ item: String, _ folder: URL
    ) throws(SampleSetError) -> URL {
        do {
            return try FolderPath.file(FolderPath.components(of: path), in: folder)
        } catch {
            throw wrong(item, "names the picture '\(PromptName.oneLine(path))', which \(error)")
        }
    }

    private func wrong(_ item: String, _ reason: String) -> SampleSetError {
        .entry(file: SampleSet.fileName, item: item, reason: reason)
    }
}
