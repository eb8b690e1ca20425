public import Foundation
import ImageCodecs

/// A concept whose name is that of its folder.
public struct FolderConcept: Sendable, Equatable {
    /// The folder's name.
    public var name: String
    /// Pictures to know it by, best known first.
    public var references: [URL]
    /// Pictures to be asked about.
    public var queries: [URL]

    /// Names every part.
    public init(name: String, references: [URL], queries: [URL]) {
        self.name = name
        self.references = references
        self.queries = queries
    }
}

/// Why a folder is none of those that are known.
public enum ConceptFoldersError: OutsideDataError, Equatable {
    /// There is no such folder, or it cannot be listed.
    case unreadable(String)
    /// It holds no folders with pictures.
    case noConcepts(String)

    /// Whether there is no such folder.
    public var isMissing: Bool {
        if case .unreadable = self { return true }
        return false
    }

    /// One sentence that says what was expected.
    public var description: String {
        switch self {
        case .unreadable(let path):
            "'\(PromptName.oneLine(path))' is no folder that can be read."
        case .noConcepts(let path):
            "'\(PromptName.oneLine(path))' holds no concepts: expected a folder of pictures for "
                + "each (MyVLM), folders 'train' and 'test' of such folders (Yo'LLaVA), or a "
                + "database.json (RAP, RePIC)."
        }
    }
}

/// The data folders of MyVLM and Yo'LLaVA.
///
/// MyVLM (ECCV 2024): `<concept>/` with pictures, or with a folder `images`, beside
/// `captions.json`. Yo'LLaVA (NeurIPS 2024): `train/<concept>/` and `test/<concept>/` with
/// pictures; `negative_example` folders are passed over.
public struct ConceptFolders: Sendable, Equatable {
    /// Whose layout it is.
    public enum Layout: String, Sendable, Codable {
        case myVLM
        case yoLLaVA
    }

    /// Whose layout it is.
    public let layout: Layout
    /// The concepts, in order of their names.
    public let concepts: [FolderConcept]
    /// What was left out, and what is missing.
    public let problems: [FormatProblem]

    /// The most concepts that are read.
    public static let mostConcepts = 10_000

    /// Reads a folder.
    ///
    /// - Throws: `ConceptFoldersError` when it is of neither layout.
    public init(_ folder: URL) throws(ConceptFoldersError) {
        guard let top = PictureFolder(folder) else { throw .unreadable(folder.relativePath) }
        var reader = ConceptFoldersReader(root: folder)
        if top.folders.contains("train") || top.folders.contains("test") {
            layout = .yoLLaVA
            reader.readYoLLaVA(hasTest: top.folders.contains("test"))
        } else {
            layout = .myVLM
            reader.readMyVLM(top)
        }
        guard !reader.concepts.isEmpty else { throw .noConcepts(folder.relativePath) }
        concepts = reader.concepts
        problems = reader.problems.all
    }
}

/// Walks through the folders and notes what is odd.
private struct ConceptFoldersReader {
    let root: URL
    private(set) var concepts: [FolderConcept] = []
    private(set) var problems = ProblemList()

    init(root: URL) { self.root = root }

    mutating func readMyVLM(_ top: PictureFolder) {
        for name in names(top, "the folder") {
            let folder = root.appending(path: name)
            guard var content = PictureFolder(folder) else {
                problems.note(name, "cannot be read; left out")
                continue
            }
            var home = folder
            if content.pictures.isEmpty, content.folders.contains("images") {
                home = folder.appending(path: "images")
                content = PictureFolder(home) ?? content
            }
            let pictures = files(content, in: home, of: name)
            compareWithCaptions(pictures, in: folder, of: name)
            // One picture to know it by, the others to be asked about, as RePIC uses the set.
            add(name, references: pictures, queries: Array(pictures.dropFirst()))
        }
    }

    mutating func readYoLLaVA(hasTest: Bool) {
        let train = root.appending(path: "train")
        let test = root.appending(path: "test")
        let known = PictureFolder(train).map { names($0, "train") } ?? []
        let asked = PictureFolder(test).map { names($0, "test") } ?? []
        for name in known {
            var queries: [URL] = []
            if asked.contains(name) {
                queries = pictures(in: test.appending(path: name), of: "test/\(name)")
            } else if hasTest {
                problems.note(name, "has no folder in test")
            }
            let folder = train.appending(path: name)
            add(name, references: pictures(in: folder, of: "train/\(name)"), queries: queries)
        }
        for name in asked where !known.contains(name) {
            problems.note(name, "has no folder in train; left out")
        }
    }

    /// The folders that can be concepts: those whose name can be one.
    private mutating func names(_ folder: PictureFolder, _ place: String) -> [String] {
        if folder.isCut || folder.folders.count > ConceptFolders.mostConcepts {
            problems.note(place, "holds more than is read; the rest is left out")
        }
        return folder.folders.prefix(ConceptFolders.mostConcepts).filter { name in
            let shown = PromptName.oneLine(name)
            guard shown == name, (1...RAPDatabase.maximumNameLength).contains(name.count) else {
                problems.note(name, "cannot be a name of 1 to 200 visible characters; left out")
                return false
            }
            return true
        }
    }

    private mutating func pictures(in folder: URL, of item: String) -> [URL] {
        guard let content = PictureFolder(folder) else {
            problems.note(item, "cannot be read; left out")
            return []
        }
        return files(content, in: folder, of: item)
    }

    private mutating func files(
        _ content: PictureFolder, in folder: URL, of item: String
    ) -> [URL] {
        if content.isCut { problems.note(item, "holds more than is read; the rest is left out") }
        var files: [URL] = []
        for name in content.pictures {
            do throws(FolderPath.Failure) {
                files.append(try FolderPath.file([name], in: folder))
            } catch {
                problems.note(item, "has \"\(PromptName.oneLine(name))\", which \(error)")
            }
        }
        return files
    }

    private mutating func add(_ name: String, references: [URL], queries: [URL]) {
        guard !references.isEmpty else {
            return problems.note(name, "has no picture to know it by; left out")
        }
        concepts.append(FolderConcept(name: name, references: references, queries: queries))
    }

    /// `captions.json` names the pictures; those it misses or invents are reported.
    private mutating func compareWithCaptions(_ pictures: [URL], in folder: URL, of item: String) {
        for file in ["captions.json", "captions_augmented.json"] {
            let url = folder.appending(path: file)
            guard FileManager.default.fileExists(atPath: url.path) else { continue }
            guard let data = try? BoundedFile.read(url, limit: RAPDatabase.maximumBytes),
                let value = try? JSONValue.parse(data), case .object(let members) = value
            else {
                return problems.note("\(item)/\(file)", "is no list of captions; ignored")
            }
            let names = Set(pictures.map(\.lastPathComponent))
            for member in members where !names.contains(member.key) {
                problems.note(
                    "\(item)/\(file)",
                    "describes \"\(PromptName.oneLine(member.key))\", which does not exist")
            }
            return
        }
    }
}
