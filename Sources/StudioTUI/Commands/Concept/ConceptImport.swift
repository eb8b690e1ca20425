import ArgumentParser
import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI

/// The forms in which libraries travel.
enum ArchiveFormat: String, CaseIterable, ExpressibleByArgument {
    /// `database.json` of RAP and RePIC.
    case rap
    /// The studio's own archive.
    case studio
}

/// The forms in which concepts come in.
enum ImportFormat: String, ExpressibleByArgument {
    case rap, studio, myvlm, yollava
    /// Folders whose layout is still to be seen.
    case folders

    static let allValueStrings = ["rap", "studio", "myvlm", "yollava"]
}

/// `studio concept import FILE`.
struct ConceptImport: StudioCommand {
    enum Conflict: String, CaseIterable, ExpressibleByArgument {
        case skip, rename
    }

    struct Renaming: Encodable {
        let from, to: String
    }

    struct Problem: Encodable {
        let item, reason: String
    }

    /// What came in, and what did not.
    struct Document: Encodable {
        var concepts: [Concept] = []
        var renamed: [Renaming] = []
        var problems: [Problem] = []
        var imported: Int { concepts.count }

        private enum CodingKeys: String, CodingKey {
            case imported, concepts, renamed, problems
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(imported, forKey: .imported)
            try container.encode(concepts, forKey: .concepts)
            try container.encode(renamed, forKey: .renamed)
            try container.encode(problems, forKey: .problems)
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Add the concepts of a studio archive, a RAP/RePIC database or data folders.",
        discussion: """
            Reads studio archives, the database.json of RAP and RePIC (or a folder with one), and \
            the data folders of MyVLM and Yo'LLaVA, where a concept is called like its folder. \
            Concepts and pictures that cannot be added are listed; the others are added all the \
            same.
            """)

    @Argument(help: "The file or folder.", completion: .file())
    var file: String

    @Option(help: "rap, studio, myvlm or yollava; default: by the content.")
    var format: ImportFormat?

    @Option(help: "What to do with a name that is taken: skip or rename.")
    var onConflict = Conflict.skip

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let url = URL(fileURLWithPath: file)
        let store = try session.store()
        let document =
            switch try format ?? Self.detect(url) {
            case .studio: try importArchive(url, store, session)
            case .rap: try importRAP(Self.database(in: url) ?? url, store, session)
            case .myvlm: try importFolders(url, .myVLM, store, session)
            case .yollava: try importFolders(url, .yoLLaVA, store, session)
            case .folders: try importFolders(url, nil, store, session)
            }
        session.progress.clear()
        if common.json {
            try session.printJSON(document)
        } else {
            report(document, session)
        }
        try session.checkCancellation()
        if document.concepts.isEmpty, let problem = document.problems.first {
            throw StudioFailure(
                .badInput,
                "nothing was imported; the first problem: \(problem.item): \(problem.reason)")
        }
    }

    /// The `database.json` of a RAP or RePIC folder.
    private static func database(in url: URL) -> URL? {
        ["database.json", "database_mod.json"].map { url.appending(path: $0) }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// A JSON file begins with a brace, which no archive does.
    private static func detect(_ url: URL) throws -> ImportFormat {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
            isFolder.boolValue
        {
            return database(in: url) == nil ? .folders : .rap
        }
        try RegularFile.check(url)
        let handle: FileHandle
        do {
            handle = try FileHandle(forReadingFrom: url)
        } catch {
            throw StudioFailure(.badInput, "\(url.path) cannot be read: \(FileReason.text(error))")
        }
        defer { try? handle.close() }
        let head = (try? handle.read(upToCount: 64)) ?? Data()
        let first = head.first { !" \n\r\t\u{FEFF}".utf8.contains($0) }
        return first == UInt8(ascii: "{") ? .rap : .studio
    }

    private func importArchive(
        _ url: URL, _ store: ConceptStore, _ session: Session
    ) throws -> Document {
        let result = try store.importArchive(
            from: url, onConflict: onConflict == .rename ? .rename : .skip
        ) { done, total in
            session.progress.update(
                "importing concepts", fraction: Double(done) / Double(max(total, 1)))
            return !session.isCancelled
        }
        return Document(
            concepts: result.imported,
            renamed: result.renamed.map { Renaming(from: $0.from, to: $0.to) },
            problems: result.problems.map { Problem(item: $0.item, reason: $0.reason) })
    }

    private func importRAP(
        _ url: URL, _ store: ConceptStore, _ session: Session
    ) throws -> Document {
        let database = try RAPDatabase.read(url)
        let items = database.concepts.map {
            ConceptIntake.Item(
                name: $0.name, category: $0.category, info: $0.info, pictures: $0.images)
        }
        return try intake(items, database.problems, store, session)
    }

    private func importFolders(
        _ url: URL, _ layout: ConceptFolders.Layout?, _ store: ConceptStore, _ session: Session
    ) throws -> Document {
        let folders = try ConceptFolders(url)
        if let layout, layout != folders.layout {
            throw StudioFailure(
                .badInput,
                "'\(file)' is laid out like \(folders.layout.rawValue), not \(layout.rawValue); "
                    + "leave --format out")
        }
        let items = folders.concepts.map {
            ConceptIntake.Item(name: $0.name, category: "", info: "", pictures: $0.references)
        }
        return try intake(items, folders.problems, store, session)
    }

    private func intake(
        _ items: [ConceptIntake.Item], _ problems: [FormatProblem], _ store: ConceptStore,
        _ session: Session
    ) throws -> Document {
        var intake = ConceptIntake(store: store, renames: onConflict == .rename)
        for problem in problems { intake.note(problem.item, problem.reason) }
        for (index, item) in items.enumerated() {
            session.progress.update(
                "importing concepts", fraction: Double(index) / Double(items.count))
            if session.isCancelled { break }
            try intake.add(item)
        }
        return intake.document
    }

    /// Problems told one by one.
    private static let shownProblems = 20

    private func report(_ document: Document, _ session: Session) {
        for problem in document.problems.prefix(Self.shownProblems) {
            let text = "\(problem.item): \(problem.reason)"
            session.note(session.noteStyle(TerminalText.sanitized(text), .warning))
        }
        let hidden = document.problems.count - Self.shownProblems
        if hidden > 0 { session.note("… and \(hidden) problems more; --json lists them all") }
        for renaming in document.renamed {
            session.note(TerminalText.sanitized("\(renaming.from) came in as \(renaming.to)"))
        }
        let count = document.imported
        session.note("imported \(count == 1 ? "1 concept" : "\(count) concepts")")
    }
}
