public import Foundation

/// Why a folder cannot be used as an evaluation set.
public enum EvaluationSetError: OutsideDataError, Equatable {
    /// There is no such folder.
    case missing(String)
    /// The folder has a database, but nothing says which pictures to ask about.
    case noQueries(String)

    /// Whether there is no such folder.
    public var isMissing: Bool {
        if case .missing = self { return true }
        return false
    }

    /// One sentence that says what was expected.
    public var description: String {
        switch self {
        case .missing(let path): "there is no folder '\(path)'"
        case .noQueries(let path):
            "'\(path)' has a database.json, but no query template ({\"picture\": [\"<tag>\", ...]}); "
                + "give one with --queries."
        }
    }
}

extension EvaluationSet {
    /// Reads a folder of any known form.
    ///
    /// `truth.json` of the studio; `database.json` of RAP or RePIC with a query template; the data
    /// folders of MyVLM and Yo'LLaVA.
    ///
    /// - Parameters:
    ///   - folder: the folder.
    ///   - queries: the query template of a database; default: a JSON file in the folder that is
    ///     one.
    ///   - images: where query pictures are looked for; default: the folder.
    /// - Throws: one sentence that says what is wrong; what can be left out is listed instead.
    public static func read(
        _ folder: URL, queries: URL? = nil, images: URL? = nil
    ) throws -> EvaluationSet {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder),
            isFolder.boolValue
        else { throw EvaluationSetError.missing(PromptName.oneLine(folder.relativePath)) }
        func has(_ name: String) -> Bool {
            FileManager.default.fileExists(atPath: folder.appending(path: name).path)
        }
        if has(SampleSet.fileName) {
            return EvaluationSet(try SampleSet.read(folder: folder), name: folder.lastPathComponent)
        }
        let databases = ["database.json", "database_mod.json"].filter(has)
        guard let database = databases.first else {
            return EvaluationSet(try ConceptFolders(folder), name: folder.lastPathComponent)
        }
        let template =
            try queries.map { try QueryTemplate.read($0, images: images ?? folder) }
            ?? Self.template(in: folder, images: images ?? folder, except: databases)
        guard let template else {
            throw EvaluationSetError.noQueries(PromptName.oneLine(folder.relativePath))
        }
        return EvaluationSet(
            try RAPDatabase.read(folder.appending(path: database)), template,
            name: folder.lastPathComponent)
    }

    /// The first JSON file of the folder, by name, that is a query template.
    private static func template(
        in folder: URL, images: URL, except known: [String]
    ) throws -> QueryTemplate? {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        for name in names where name.hasSuffix(".json") && !known.contains(name) {
            let file = folder.appending(path: name)
            if let template = try? QueryTemplate.read(file, images: images),
                !template.queries.isEmpty
            {
                return template
            }
        }
        return nil
    }

    /// A set of the studio's own.
    public init(_ samples: SampleSet, name: String) {
        let places = Dictionary(
            uniqueKeysWithValues: samples.concepts.enumerated().map { ($1.id, $0) })
        let concepts = samples.concepts.map { concept in
            EvaluationConcept(
                name: concept.name, info: concept.info, category: concept.category,
                picture: EvaluationPicture(
                    file: concept.file, label: concept.file.lastPathComponent))
        }
        let queries = samples.queries.map { query in
            let present = query.objects.compactMap { places[$0.concept] }
            var boxes: [Int: [Int]] = [:]
            for object in query.objects {
                if let place = places[object.concept] { boxes[place] = boxes[place] ?? object.box }
            }
            let known = boxes
            var seen: Set<Int> = []
            return EvaluationQuery(
                id: query.file.lastPathComponent,
                picture: EvaluationPicture(file: query.file, label: query.file.lastPathComponent),
                present: present.filter { seen.insert($0).inserted },
                absent: query.suggestedAbsent.compactMap { places[$0] }, boxes: { known })
        }
        self.init(name: name, concepts: concepts, queries: queries)
    }

    /// Folders of pictures: the first of each concept to know it by, those for queries to ask about.
    public init(_ folders: ConceptFolders, name: String) {
        let concepts = folders.concepts.map { concept in
            EvaluationConcept(
                name: concept.name,
                picture: concept.references.first.map {
                    EvaluationPicture(file: $0, label: "\(concept.name)/\($0.lastPathComponent)")
                })
        }
        let queries = folders.concepts.enumerated().flatMap { index, concept in
            concept.queries.map { file in
                let label = "\(concept.name)/\(file.lastPathComponent)"
                return EvaluationQuery(
                    id: label, picture: EvaluationPicture(file: file, label: label),
                    present: [index])
            }
        }
        self.init(
            name: name, concepts: concepts, queries: queries, questions: .rotating,
            problems: folders.problems)
    }

    /// A database with its query template.
    ///
    /// Tags of the template that the database lacks are reported, and their combinations left out.
    public init(_ database: RAPDatabase, _ template: QueryTemplate, name: String) {
        let concepts = database.concepts.map { concept in
            EvaluationConcept(
                tag: concept.tag, name: concept.name, info: concept.info,
                category: concept.category,
                picture: concept.images.first.map {
                    EvaluationPicture(file: $0, label: concept.imagePaths.first ?? concept.tag)
                })
        }
        let exact = Dictionary(concepts.enumerated().map { ($1.tag, $0) }) { first, _ in first }
        let alike = Dictionary(concepts.enumerated().map { (NameKey($1.tag), $0) }) { first, _ in
            first
        }
        var problems = ProblemList()
        for problem in database.problems + template.problems {
            problems.note(problem.item, problem.reason)
        }
        var queries: [EvaluationQuery] = []
        for query in template.queries {
            for tags in query.combinations {
                let present = tags.compactMap { exact[$0] ?? alike[NameKey($0)] }
                guard present.count == tags.count else {
                    let unknown = tags.filter { exact[$0] == nil && alike[NameKey($0)] == nil }
                    let list = unknown.map(PromptName.oneLine).joined(separator: ", ")
                    problems.note(query.image, "asks for \(list), not in the database; left out")
                    continue
                }
                let isAlone = query.combinations.count == 1
                queries.append(
                    EvaluationQuery(
                        id: isAlone ? query.image : "\(query.image) \(tags.joined(separator: " "))",
                        picture: query.file.map { EvaluationPicture(file: $0, label: query.image) },
                        present: present))
            }
        }
        self.init(
            name: name, concepts: concepts, queries: queries, questions: .rotating,
            problems: problems.all)
    }
}
