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
        abstract: "Add the concepts of a studio archive or of a RAP/RePIC database.json.",
        discussion: "Concepts that cannot be added are listed; the others are added all the same.")

    @Argument(help: "The file.", completion: .file())
    var file: String

    @Option(help: "rap or studio; default: by the file's content.")
    var format: ArchiveFormat?

    @Option(help: "What to do with a name that is taken: skip or rename.")
    var onConflict = Conflict.skip

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let url = URL(fileURLWithPath: file)
        let store = try session.store()
        let document =
            switch try format ?? Self.detect(url) {
            case .studio: try importArchive(url, store, session)
            case .rap: try importRAP(url, store, session)
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

    /// A JSON file begins with a brace, which no archive does.
    private static func detect(_ url: URL) throws -> ArchiveFormat {
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
        var document = Document()
        document.problems = database.problems.map { Problem(item: $0.item, reason: $0.reason) }
        for (index, item) in database.concepts.enumerated() {
            session.progress.update(
                "importing concepts",
                fraction: Double(index) / Double(database.concepts.count))
            if session.isCancelled { break }
            do {
                let concept = try add(item, store)
                if concept.name != item.name {
                    document.renamed.append(Renaming(from: item.name, to: concept.name))
                }
                document.concepts.append(concept)
            } catch let error as ConceptStoreError {
                if case .diskFull = error { throw error }
                document.problems.append(Problem(item: item.name, reason: error.description))
            }
        }
        return document
    }

    /// Adds one concept, under the next free name (`Mochi 2`) if that is wanted.
    private func add(_ item: RAPConcept, _ store: ConceptStore) throws -> Concept {
        var new = NewConcept(
            name: item.name.onOneLine, category: item.category.onOneLine,
            info: item.info.onOneLine)
        let images = item.images.map { ImageSource.file($0) }
        guard onConflict == .rename else { return try store.add(new, images: images) }
        let taken = Set(try store.names().map { $0.lowercased() })
        var number = 2
        while taken.contains(new.name.lowercased()) {
            new.name = "\(item.name.onOneLine) \(number)"
            number += 1
        }
        return try store.add(new, images: images)
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
