import ArgumentParser
import ConceptDB
import Foundation
import PersonalCaption

/// Numbers of captions: `3,5-7`.
struct CaptionNumbers: ExpressibleByArgument, Equatable {
    let ids: [Int64]
    private static let most = 100_000

    init?(argument: String) {
        var ids: [Int64] = []
        var seen: Set<Int64> = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { Int64($0.trimmingCharacters(in: .whitespaces)) }
            guard (1...2).contains(ends.count), let first = ends[0],
                let last = ends[ends.count - 1],
                first > 0, first <= last, last - first < Self.most
            else { return nil }
            ids += (first...last).filter { seen.insert($0).inserted }
        }
        self.ids = ids
    }
}

/// Which captions are written or shown.
struct CaptionSelection: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only these captions of the history, in this order.", valueName: "3,5-7"))
    var captions: CaptionNumbers?

    @Option(help: ArgumentHelp("Only the newest so many.", valueName: "n"))
    var last: Int?

    @Option(
        help: ArgumentHelp(
            "Take the captions from a file of 'caption-folder' instead of the history.",
            valueName: "file"),
        completion: .file())
    var from: String?

    @Option(
        help: ArgumentHelp(
            "With --from: the folder of the pictures; default: the file's own.", valueName: "dir"),
        completion: .directory)
    var imageRoot: String?

    func validate() throws {
        if let last, last < 1 { throw ValidationError("--last takes 1 or more.") }
        if captions != nil, last != nil || from != nil {
            throw ValidationError("--captions excludes --last and --from.")
        }
        if imageRoot != nil, from == nil {
            throw ValidationError("--image-root belongs to --from.")
        }
    }

    /// Whether anything was chosen.
    var isGiven: Bool { captions != nil || last != nil || from != nil }

    /// The captions; from the history newest first unless they were numbered.
    ///
    /// - Parameter usual: how many of the newest when nothing was chosen; `nil` for all.
    func read(_ session: Session, usual: Int? = nil) throws -> [SelectedCaption] {
        if let from { return try read(file: from) }
        let store = try session.store()
        if let captions {
            return try captions.ids.map { SelectedCaption(try store.caption(id: $0), in: store) }
        }
        return try store.captions(CaptionQuery(limit: last ?? usual)).captions.map {
            SelectedCaption($0, in: store)
        }
    }

    private func read(file path: String) throws -> [SelectedCaption] {
        let file = URL(fileURLWithPath: path)
        try RegularFile.check(file)
        let folder =
            imageRoot.map { URL(fileURLWithPath: $0, isDirectory: true) }
            ?? file.deletingLastPathComponent()
        let lines = try FolderCaption.read(file).compactMap { SelectedCaption($0, in: folder) }
        guard !lines.isEmpty else {
            throw StudioFailure(
                .badInput, "\(path) holds no captions; 'studio caption-folder' does")
        }
        return last.map { lines.suffix($0) } ?? lines
    }
}

/// A caption of the history or of `caption-folder`.
struct SelectedCaption: Sendable {
    /// Its number in the history.
    var id: Int64?
    /// The picture as the user knows it.
    let image: String
    /// Where a file beside others of its kind goes, below a folder of the user's choice.
    let relativePath: String
    /// The bytes of the picture, where they can be found; maybe the library's copy.
    let picture: URL?
    /// The user's own file, there or not.
    let original: URL
    let caption: String
    let concepts: [String]
    let named: [String]
    let unnamed: [String]
    /// Names that are used and should not be.
    let wrong: [String]
    let question: String
    let model: String
    var adapter: String?
    var seed: UInt64?
    var createdAt: Timestamp?
    var finishReason: String?
    /// The caption as the history keeps it.
    var record: ConceptDB.CaptionRecord?
    /// The same for captions of the same picture.
    let pictureKey: String

    init(_ record: ConceptDB.CaptionRecord, in store: ConceptStore?) {
        id = record.id
        image = record.image.originalPath
        original = URL(fileURLWithPath: record.image.originalPath)
        let name = original.lastPathComponent
        let isPlain = !name.isEmpty && name != "/" && name != "." && name != ".."
        relativePath = isPlain ? name : "caption-\(record.id).png"
        picture = store.flatMap { HistoryPicture.find(record.image, in: $0)?.file }
        caption = record.caption
        concepts = record.concepts.map(\.name)
        named = record.named
        unnamed = record.unnamed
        wrong = record.absent
        question = record.question
        model = record.model
        adapter = record.adapter
        seed = record.seed
        createdAt = record.createdAt
        finishReason = record.finishReason
        self.record = record
        pictureKey = "\(record.image.sha256 ?? "") \(record.image.originalPath)"
    }

    /// - Returns: `nil` for a picture that could not be captioned, or whose path leads elsewhere.
    init?(_ line: FolderCaption, in folder: URL) {
        guard let caption = line.caption, let path = line.safePath else { return nil }
        image = line.image
        relativePath = path
        original = folder.appending(path: path)
        picture = line.picture(in: folder)
        self.caption = caption
        concepts = line.concepts ?? []
        let named = line.named ?? []
        self.named = named
        unnamed = concepts.filter { !named.contains($0) }
        wrong = []
        question = line.question
        model = line.model
        finishReason = line.finishReason
        pictureKey = path
    }

    /// The caption as people read it: names without brackets.
    var plainText: String { NamedText(caption, names: concepts, wrong: wrong).text }
}
