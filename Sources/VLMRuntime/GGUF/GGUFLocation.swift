public import Foundation

/// Where the two halves of a GGUF model lie: the language model and its mmproj.
public struct GGUFLocation: Sendable, Equatable {
    /// The language model and the tokenizer.
    public let text: URL
    /// The vision tower.
    public let vision: URL

    /// Whether a path has the name of a GGUF file.
    public static func isFile(_ url: URL) -> Bool { url.path.lowercased().hasSuffix(".gguf") }

    /// Takes the two files as they are named.
    public init(text: URL, vision: URL) {
        self.text = text
        self.vision = vision
    }

    /// Finds the pair that a `.gguf` file or a folder stands for; `nil` for anything else.
    ///
    /// In a folder there must be one language model and one file with `mmproj` in its name. For a
    /// file the mmproj is looked for beside it.
    ///
    /// - Throws: `CheckpointError` when one half is missing or there is a choice of several.
    public init?(_ location: URL) throws(CheckpointError) {
        if Self.isFile(location), !Self.isFolder(location) {
            let text = URL(fileURLWithPath: location.path)
            guard FileManager.default.fileExists(atPath: text.path) else { return nil }
            let others = Self.files(in: text.deletingLastPathComponent())
                .filter { $0.lastPathComponent != text.lastPathComponent }
            if Self.isVisionName(text), !others.contains(where: Self.isVisionName) {
                throw .refused(
                    file: text.path, problem: "by its name this is an mmproj, the vision half",
                    advice: "name the language model's .gguf file; the mmproj is found beside it")
            }
            self.init(text: text, vision: try Self.vision(among: others, for: text.path))
            return
        }
        guard !Self.exists("config.json", in: location) else { return nil }
        let files = Self.files(in: location)
        guard !files.isEmpty else { return nil }
        let texts = files.filter { !Self.isVisionName($0) }
        guard let text = texts.first else {
            throw .refused(
                file: location.path, problem: "there is only an mmproj here, the vision half",
                advice: "put the language model's .gguf file beside it")
        }
        guard texts.count == 1 else {
            throw .refused(
                file: location.path,
                problem: "there are \(texts.count) language models here "
                    + "(\(Self.names(texts)))",
                advice: "name the .gguf file itself")
        }
        self.init(text: text, vision: try Self.vision(among: files, for: location.path))
    }

    private static func vision(
        among files: [URL], for path: String
    ) throws(CheckpointError) -> URL {
        let found = files.filter(isVisionName)
        guard let first = found.first else {
            throw .refused(
                file: path,
                problem: "there is no mmproj beside it, the vision half of a GGUF model",
                advice: "put the model's mmproj-….gguf there, or name it with 'studio model add "
                    + "FILE --mmproj FILE'")
        }
        guard found.count == 1 else {
            throw .refused(
                file: path,
                problem: "there are \(found.count) mmproj files beside it "
                    + "(\(names(found)))",
                advice: "name one with 'studio model add FILE --mmproj FILE'")
        }
        return first
    }

    private static func isVisionName(_ url: URL) -> Bool {
        url.lastPathComponent.lowercased().contains("mmproj")
    }

    private static func names(_ files: [URL]) -> String {
        files.prefix(4).map { printable($0.lastPathComponent) }.joined(separator: ", ")
            + (files.count > 4 ? ", …" : "")
    }

    private static func files(in folder: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.lowercased().hasSuffix(".gguf") && !$0.hasPrefix(".") }.sorted()
            .map { folder.appendingPathComponent($0) }
    }

    private static func exists(_ name: String, in folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
