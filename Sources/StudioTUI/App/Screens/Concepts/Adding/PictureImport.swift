import ConceptDB
import Foundation

/// Brings pictures into the library one after the other: good ones stay, bad ones are reported.
struct PictureImport {
    private let request: AddRequest
    private let paths: [String]
    private let store: ConceptStore
    /// Which concept has a picture, by the hash of the picture.
    private var owners: [String: String]
    /// The names there are, as keys.
    private var names: Set<String>

    /// Concepts that were registered.
    private(set) var added: [Concept] = []
    /// Pictures that joined a concept that was there before.
    private(set) var addedImages: [Int64] = []
    private(set) var pictures = 0
    /// What was left out or is worth knowing, one sentence each.
    private(set) var report: [String] = []
    /// How many pictures were left out.
    private(set) var omitted = 0
    private(set) var wasCancelled = false

    init(_ request: AddRequest, paths: [String], store: ConceptStore) throws {
        self.request = request
        self.paths = paths
        self.store = store
        let concepts = try store.concepts(ConceptQuery(order: .name)).concepts
        names = Set(concepts.map(\.name.nameKey))
        owners = [:]
        for concept in concepts {
            for image in concept.images where owners[image.sha256] == nil {
                owners[image.sha256] = concept.name
            }
        }
    }

    /// Works until all is done, it is cancelled, or nothing more can be written.
    mutating func run(
        isCancelled: () -> Bool = { false }, progress: (Double, String) -> Void = { _, _ in }
    ) {
        for (index, path) in paths.enumerated() {
            guard !isCancelled() else {
                wasCancelled = true
                return
            }
            let file = Self.shown(path)
            progress(Double(index) / Double(paths.count), "\(index + 1) of \(paths.count): \(file)")
            do {
                try add(path)
            } catch {
                omitted += 1
                report.append(EffectContext.sentence(error))
                if Self.isHopeless(error) { return }
            }
        }
    }

    private mutating func add(_ path: String) throws {
        let source = ImageSource.file(URL(fileURLWithPath: path))
        let hash = try store.sha256(of: source)
        if let owner = owners[hash] {
            let file = Self.shown(path)
            // Whoever adds a whole folder again does not want everything twice.
            if request.grouping == .each, paths.count > 1 {
                omitted += 1
                report.append("\(file) is in the library already, as a picture of \(owner).")
                return
            }
            report.append("\(file) is also a picture of \(owner).")
        }
        switch request.grouping {
        case .each: try addConcept(eachName(path), source, hash)
        case .together:
            if let concept = added.first {
                try addImage(source, to: concept.id, path)
            } else {
                try addConcept(
                    request.name.isEmpty
                        ? freeName(ConceptNaming.name(ofFile: path)) : request.name,
                    source, hash)
            }
        case .existing(let id, let name):
            let isNew = try addImage(source, to: id, path)
            if isNew, owners[hash] == nil { owners[hash] = name }
        }
    }

    private mutating func addConcept(
        _ name: String, _ source: ImageSource, _ hash: String
    ) throws {
        let new = NewConcept(
            name: name, category: request.category, info: request.info, tags: request.tags)
        let concept = try store.add(new, images: [source])
        added.append(concept)
        pictures += 1
        names.insert(concept.name.nameKey)
        if owners[hash] == nil { owners[hash] = concept.name }
    }

    @discardableResult
    private mutating func addImage(
        _ source: ImageSource, to id: Int64, _ path: String
    ) throws -> Bool {
        let addition = try store.addImages([source], to: id)
        guard let image = addition.added.first else {
            omitted += 1
            report.append("\(Self.shown(path)) is a picture of \(addition.concept.name) already.")
            return false
        }
        pictures += 1
        if added.isEmpty { addedImages.append(image.id) }
        return true
    }

    /// The name of one of many: that of its file, or the given one with a number.
    private func eachName(_ path: String) -> String {
        if request.name.isEmpty { return freeName(ConceptNaming.name(ofFile: path)) }
        return paths.count == 1 ? request.name : freeName(request.name)
    }

    private func freeName(_ name: String) -> String { ConceptNaming.free(name, taken: names) }

    private static func shown(_ path: String) -> String {
        URL(fileURLWithPath: path).lastPathComponent.onOneLine
    }

    /// Whether every further picture would fail for the same reason.
    private static func isHopeless(_ error: any Error) -> Bool {
        switch error as? ConceptStoreError {
        case .busy, .diskFull, .readOnly, .unusableFolder, .notADatabase, .damagedDatabase,
            .noSuchConceptID:
            true
        default: false
        }
    }
}

extension PictureImport {
    /// What was done, with the step that takes it back; `nil` when nothing was.
    var outcome: LibraryOutcome? {
        let end = wasCancelled ? "; the rest was cancelled" : ""
        var outcome: LibraryOutcome
        if case .existing(let id, let name) = request.grouping {
            guard !addedImages.isEmpty else { return nil }
            outcome = LibraryOutcome(
                summary: "added \(TextForm.count(pictures, "picture")) to \(name)\(end)",
                inverse: .removeImages(id: id, addedImages), focus: id)
        } else if let first = added.first {
            let what =
                added.count == 1
                ? "\(first.name) with \(TextForm.count(pictures, "picture"))"
                : TextForm.count(added.count, "concept")
            outcome = LibraryOutcome(
                summary: "added \(what)\(end)", inverse: .trash(added.map(\.id)), focus: first.id)
        } else {
            return nil
        }
        if omitted > 0 {
            let what = TextForm.count(omitted, "picture was", "pictures were")
            outcome.note = "\(what) left out: \(report.first ?? "")"
            if report.count > 1 {
                outcome.note = "\(what) left out; the command 'Last import' says why"
            }
        } else {
            outcome.note = report.first
        }
        return outcome
    }

    /// Why nothing was added.
    var failure: String {
        if wasCancelled { return "cancelled before anything was added" }
        let first = report.first ?? "there was no picture to add"
        return report.count > 1 ? "\(first) (and \(report.count - 1) more problems)" : first
    }
}
