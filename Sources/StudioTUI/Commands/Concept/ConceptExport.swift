import ArgumentParser
import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI

/// `studio concept export FILE`.
struct ConceptExport: StudioCommand {
    struct Document: Encodable {
        let file: String
        let format: String
        let concepts: Int
        let images: Int
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write concepts with their pictures to a file.",
        discussion: """
            studio: one archive with everything. rap: the database.json of RAP and RePIC, with the \
            pictures in a folder 'pictures' beside it.
            """)

    @Argument(help: "The file to write.", completion: .file())
    var file: String

    @Argument(help: "Names of concepts; default: all.")
    var names: [String] = []

    @Option(help: "studio or rap.")
    var format = ArchiveFormat.studio

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let chosen =
            names.isEmpty
            ? try store.concepts().concepts : try names.map { try store.concept(named: $0) }
        let url = URL(fileURLWithPath: file)
        let images: Int
        switch format {
        case .studio:
            images = try store.exportArchive(
                to: url, concepts: names.isEmpty ? nil : chosen.map(\.id),
                progress: { step(session, $0, $1) }
            ).images
        case .rap: images = try exportRAP(chosen, store, session, to: url)
        }
        session.progress.clear()
        if common.json {
            return try session.printJSON(
                Document(
                    file: file, format: format.rawValue, concepts: chosen.count, images: images))
        }
        session.note(
            "wrote \(chosen.count) concepts with \(ConceptTable.pictures(images)) to "
                + TerminalText.sanitized(file))
    }

    /// Shows progress; returns whether to go on.
    private func step(_ session: Session, _ done: Int, _ total: Int) -> Bool {
        session.progress.update(
            "exporting concepts", fraction: Double(done) / Double(max(total, 1)))
        return !session.isCancelled
    }

    /// Copies the pictures first, so that the JSON never names one that is not there.
    private func exportRAP(
        _ concepts: [Concept], _ store: ConceptStore, _ session: Session, to url: URL
    ) throws -> Int {
        let folder = url.deletingLastPathComponent()
            .appendingPathComponent("pictures", isDirectory: true)
        var written = 0
        var items: [RAPConcept] = []
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (index, concept) in concepts.enumerated() {
                guard step(session, index, concepts.count) else { throw CancellationError() }
                var paths: [String] = []
                for image in Self.coverFirst(concept) {
                    let source = store.url(of: image)
                    let name = "\(image.sha256).\(source.pathExtension)"
                    let target = folder.appendingPathComponent(name)
                    try Data(contentsOf: source).write(to: target, options: .atomic)
                    paths.append("pictures/\(name)")
                    written += 1
                }
                items.append(
                    RAPConcept(
                        name: concept.name, info: concept.info, category: concept.category,
                        imagePaths: paths))
            }
            try RAPDatabase.json(items).write(to: url, options: .atomic)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StudioFailure(
                .failed,
                "\(file) cannot be written: \(FileReason.text(error)); nothing was changed "
                    + "in the library")
        }
        return written
    }

    /// RAP uses the first picture only, so the cover comes first.
    private static func coverFirst(_ concept: Concept) -> [ReferenceImage] {
        concept.images.filter { $0.id == concept.cover }
            + concept.images.filter { $0.id != concept.cover }
    }
}
