public import Foundation
public import ImageCodecs

/// One concept of a RAP or RePIC `database.json`.
public struct RAPConcept: Sendable, Equatable {
    /// Its key in the file with both brackets, by which query templates speak of it; often, but
    /// not always, `<name>`.
    public var tag: String
    /// The name without brackets.
    public var name: String
    /// One line about it; may be empty.
    public var info: String
    /// What kind of thing it is; may be empty.
    public var category: String
    /// Its pictures as the file states them; the first is the one RAP uses.
    public var imagePaths: [String]
    /// Those of its pictures that exist inside the database's folder, in the same order.
    public var images: [URL]

    /// Names every part; `images` is only filled by reading, and the usual tag is `<name>`.
    public init(
        tag: String? = nil, name: String, info: String = "", category: String = "",
        imagePaths: [String], images: [URL] = []
    ) {
        self.tag = tag ?? PromptName.tag(name)
        self.name = name
        self.info = info
        self.category = category
        self.imagePaths = imagePaths
        self.images = images
    }
}

/// Something in a database that had to be guessed, repaired or left out.
public struct RAPProblem: Sendable, Codable, Equatable {
    /// The concept's key as written, or the part of the file.
    public var item: String
    /// What is wrong and what was done, as the rest of a sentence about the item.
    public var reason: String

    /// Names both parts.
    public init(item: String, reason: String) {
        self.item = item
        self.reason = reason
    }
}

/// Why a file cannot be read as a database at all.
public enum RAPDatabaseError: OutsideDataError, Equatable {
    /// The file cannot be read or is too large.
    case unreadable(ImageReadError)
    /// The file is not JSON.
    case notJSON(file: String, reason: String)
    /// There is no `concept_dict` object.
    case noConcepts(file: String, found: String)

    /// Whether there is no such file.
    public var isMissing: Bool {
        if case .unreadable(let cause) = self { return cause.isMissing }
        return false
    }

    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .unreadable(let reason): reason.description
        case .notJSON(let file, let reason):
            "\(file) is not JSON (\(reason)); was it saved completely?"
        case .noConcepts(let file, let found):
            "\(file) must hold an object 'concept_dict' of concepts, but \(found); "
                + "give the database.json of a RAP or RePIC folder."
        }
    }
}

/// The database of RAP-MLLM and RePIC: a folder with `database.json` and pictures.
///
/// Form: `{"concept_dict": {"<tag>": {"name", "image", "info", "category"}}, "path_to_concept":
/// {"path": "<tag>"}}` (Hoar012/RAP-MLLM; oyt9306/RePIC). Published files state paths relative to
/// a working directory above the folder, leave `path_to_concept` out, lose a bracket, and have
/// empty texts; all of that is read and reported.
public struct RAPDatabase: Sendable, Equatable {
    /// The concepts, in the order of the file.
    public var concepts: [RAPConcept]
    /// Everything that was not as it should be, in the order of the file.
    public var problems: [RAPProblem]

    /// The largest file that is read, in bytes.
    public static let maximumBytes = 32 << 20
    /// The longest name, in characters.
    public static let maximumNameLength = 200
    /// The longest info or category, in characters.
    public static let maximumTextLength = 10_000

    /// Reads a database and looks for its pictures.
    ///
    /// - Parameter file: the `database.json`; pictures are looked for beside and below it only.
    /// - Throws: `RAPDatabaseError` when nothing can be read; problems of single concepts are
    ///   listed in `problems` instead.
    public static func read(_ file: URL) throws(RAPDatabaseError) -> RAPDatabase {
        let data: Data
        do {
            data = try BoundedFile.read(file, limit: maximumBytes)
        } catch {
            throw .unreadable(error)
        }
        return try parse(
            data, name: file.lastPathComponent, folder: file.deletingLastPathComponent())
    }

    /// Reads the text of a database.
    ///
    /// - Parameters:
    ///   - data: the text.
    ///   - name: the file's name, for messages.
    ///   - folder: where pictures are looked for.
    /// - Throws: `RAPDatabaseError`.
    public static func parse(
        _ data: Data, name: String, folder: URL
    ) throws(RAPDatabaseError) -> RAPDatabase {
        let value: JSONValue
        do {
            value = try JSONValue.parse(data)
        } catch {
            throw .notJSON(file: name, reason: error.description)
        }
        guard case .object(let members) = value else {
            throw .noConcepts(file: name, found: "it is \(value.kind)")
        }
        guard let dictionary = members.last(where: { $0.key == "concept_dict" })?.value else {
            throw .noConcepts(file: name, found: "it has none")
        }
        guard case .object(let entries) = dictionary else {
            throw .noConcepts(file: name, found: "it is \(dictionary.kind)")
        }
        var reader = RAPDatabaseReader(folder: folder)
        reader.read(entries, paths: members.last { $0.key == "path_to_concept" }?.value)
        return RAPDatabase(concepts: reader.concepts, problems: reader.problems)
    }

    /// The text of a database with these concepts, in order, paths as given.
    ///
    /// Keys are the concepts' tags. A concept without a picture is written with an empty path, as
    /// the format has no other way to say so; of two with one tag, or whose names read alike, the
    /// first is written.
    public static func json(_ concepts: [RAPConcept]) -> Data {
        var seen: Set<NameKey> = []
        var tags: Set<String> = []
        let written = concepts.filter {
            !PromptName.shown($0.name).isEmpty && !tags.contains($0.tag)
                && seen.insert(NameKey($0.name)).inserted && tags.insert($0.tag).inserted
        }
        let entries = written.map { concept in
            JSONValue.Member(
                key: concept.tag,
                value: .object([
                    .init(key: "name", value: .string(concept.name)),
                    .init(key: "image", value: .string(concept.imagePaths.first ?? "")),
                    .init(key: "info", value: .string(concept.info)),
                    .init(key: "category", value: .string(concept.category)),
                ]))
        }
        let paths = written.flatMap { concept in
            concept.imagePaths.map {
                JSONValue.Member(key: $0, value: .string(concept.tag))
            }
        }
        let document = JSONValue.object([
            .init(key: "concept_dict", value: .object(entries)),
            .init(key: "path_to_concept", value: .object(paths)),
        ])
        return Data((document.text() + "\n").utf8)
    }
}
