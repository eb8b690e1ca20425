import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption

/// Gathers what a page shows, each concept once.
final class ReportCollector {
    private let store: ConceptStore
    private let side: Int
    private let saysFacts: Bool
    private let boxes: ReportBoxes
    private let session: Session
    private static let thumbnailSide = 256

    /// Everybody met so far, in the order of their numbers.
    private(set) var concepts: [SharedConcept] = []
    private var known: Set<NameKey> = []
    /// What could not be shown.
    private(set) var problems: [String] = []
    private var pictures: [URL: SharedPicture] = [:]

    init(
        store: ConceptStore, side: Int, saysFacts: Bool, boxes: ReportBoxes, session: Session
    ) {
        self.store = store
        self.side = side
        self.saysFacts = saysFacts
        self.boxes = boxes
        self.session = session
    }

    func caption(_ caption: SelectedCaption) throws -> SharedCaption {
        try session.checkCancellation()
        session.progress.update("reading pictures")
        if let record = caption.record {
            for concept in record.concepts { meet(concept) }
        } else {
            for name in caption.concepts { meet(name) }
        }
        var shared = SharedCaption(
            text: caption.caption, names: caption.concepts, unnamed: caption.unnamed,
            wrong: caption.wrong, picture: picture(caption.picture, caption.image),
            title: caption.original.lastPathComponent, boxes: boxes.of(caption.image))
        if saysFacts { shared.facts = facts(caption) }
        return shared
    }

    func pair(_ ids: [Int64]) throws -> SharedPair {
        let both = try ids.map { SelectedCaption(try store.caption(id: $0), in: store) }
        let makers = both.map { $0.model + ($0.adapter.map { " with \($0)" } ?? "") }
        guard both.count == 2, both[0].record?.image.sha256 == both[1].record?.image.sha256 else {
            throw StudioFailure(
                .badInput,
                "captions \(ids.map(String.init).joined(separator: " and ")) are of different "
                    + "pictures; --pair takes two of the same")
        }
        return SharedPair(
            labels: makers[0] == makers[1] ? ["Before", "After"] : makers,
            captions: try both.map(caption))
    }

    func run(_ name: String, scenes: Int) throws -> SharedRun {
        let folder = try RunFolder(name: name, in: session.home.runs)
        let settings = try folder.settings()
        var run = SharedRun(settings, events: folder.events())
        for name in settings.concepts { meet(name) }
        let (before, best, _) = run.judgements
        run.pairs = run.scenes(scenes).compactMap { number -> SharedPair? in
            guard let before, let best else { return nil }
            let both = [before, best].map { report in
                scene(report, number, folder.heldOutPicture(number))
            }
            return SharedPair(labels: ["Before", "After"], captions: both)
        }
        return run
    }

    private func scene(
        _ report: EvaluationReport, _ number: Int, _ file: URL
    ) -> SharedCaption {
        guard let detail = report.details?[number], report.answers.indices.contains(number) else {
            return SharedCaption(text: "", names: [], picture: nil, title: "scene \(number + 1)")
        }
        for name in detail.supplied { meet(name) }
        let present = detail.present.isEmpty ? "nobody" : detail.present.joined(separator: ", ")
        return SharedCaption(
            text: report.answers[number], names: detail.supplied,
            unnamed: detail.present.filter { !detail.named.contains($0) }, wrong: detail.wrong,
            picture: picture(file, "scene \(number + 1)"), title: "scene \(number + 1)",
            facts: saysFacts ? ["In view: \(present)"] : [])
    }

    /// - Parameter wish: names with commas between them, `all`, `none`, or `nil`.
    func add(concepts wish: String?) throws {
        switch wish {
        case nil, "none"?: break
        case "all"?: for concept in try store.concepts().concepts { meet(concept) }
        case let names?:
            for name in names.split(separator: ",") {
                let name = name.trimmingCharacters(in: .whitespaces)
                meet(try store.concept(named: name))
            }
        }
    }

    // MARK: Concepts

    private func meet(_ concept: Concept) {
        meet(
            concept.name, category: concept.category, info: concept.info,
            hash: concept.coverImage?.sha256)
    }

    private func meet(_ name: String) {
        guard let concept = try? store.concept(named: name) else {
            return meet(name, category: "", info: "", hash: nil)
        }
        meet(concept)
    }

    /// As it was when the caption was made, with its present cover if that was shown.
    private func meet(_ concept: ConceptDB.CaptionConcept) {
        let cover = concept.id.flatMap { try? store.concept(id: $0) }?.coverImage?.sha256
        let shown = cover.flatMap { concept.images.contains($0) ? $0 : nil }
        meet(
            concept.name, category: concept.category, info: concept.info,
            hash: shown ?? concept.images.first)
    }

    private func meet(_ name: String, category: String, info: String, hash: String?) {
        guard known.insert(NameKey(name)).inserted else { return }
        let file = hash.flatMap { try? store.thumbnail(of: $0) }
        if file == nil { problems.append("\(name) has no picture any more") }
        let picture = file.flatMap { try? SharedPicture($0, fitting: Self.thumbnailSide) }
        concepts.append(
            SharedConcept(name: name, category: category, info: info, picture: picture))
    }

    // MARK: Pictures and facts

    private func picture(_ file: URL?, _ name: String) -> SharedPicture? {
        guard let file else {
            problems.append("the picture \(name) cannot be found")
            return nil
        }
        if let read = pictures[file] { return read }
        do {
            let picture = try SharedPicture(file, fitting: side)
            pictures[file] = picture
            return picture
        } catch {
            problems.append("the picture \(name) cannot be shown: \(error)")
            return nil
        }
    }

    private func facts(_ caption: SelectedCaption) -> [String] {
        var maker = caption.model + (caption.adapter.map { " with \($0)" } ?? "")
        if let moment = caption.createdAt { maker += ", \(moment.description.prefix(10))" }
        return ["“\(caption.question)” \(maker)"]
    }
}

/// Boxes of pictures, from a file that `compose --json` or somebody wrote.
struct ReportBoxes {
    private struct Entry: Decodable {
        struct Placed: Decodable {
            let name: String
            let box: [Int]
        }
        let image: String
        let boxes: [Placed]
    }

    private var byImage: [String: [SharedCaption.Box]] = [:]
    private static let largest = 16 << 20

    /// No boxes at all.
    init() {}

    /// - Throws: a failure that names the file.
    init(file path: String) throws {
        let data = try BoundedFile.read(URL(fileURLWithPath: path), limit: Self.largest)
        let decoder = JSONDecoder()
        let entries: [Entry]
        if let list = try? decoder.decode([Entry].self, from: data) {
            entries = list
        } else if let one = try? decoder.decode(Entry.self, from: data) {
            entries = [one]
        } else {
            entries = data.split(separator: UInt8(ascii: "\n")).compactMap {
                try? decoder.decode(Entry.self, from: Data($0))
            }
        }
        guard !entries.isEmpty else {
            throw StudioFailure(
                .badInput,
                "\(path) holds no boxes; it must be what 'compose --json' prints: "
                    + "{\"image\": …, \"boxes\": [{\"name\": …, \"box\": [x1, y1, x2, y2]}]}")
        }
        for entry in entries {
            let boxes = entry.boxes.map { SharedCaption.Box(name: $0.name, corners: $0.box) }
            byImage[Self.full(entry.image)] = boxes
            byImage[URL(fileURLWithPath: entry.image).lastPathComponent] = boxes
        }
    }

    /// The boxes of a picture, by its path, else by its file name.
    func of(_ image: String) -> [SharedCaption.Box] {
        byImage[Self.full(image)] ?? byImage[URL(fileURLWithPath: image).lastPathComponent] ?? []
    }

    private static func full(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
