import Foundation

/// The text files of this repository, as the tests read them.
struct SourceTree {
    struct File {
        /// Relative to the repository: `Sources/StudioTUI/Studio.swift`.
        let path: String
        let lines: [Substring]

        /// `StudioTUI` for a file below `Sources`.
        var target: String {
            path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        }

        /// The modules that the file imports, with whatever access level or attribute.
        var imports: [String] {
            var isText = false
            return lines.compactMap { line in
                // Texts of several lines may hold other languages' imports.
                let marks = line.components(separatedBy: "\"\"\"").count - 1
                defer { if marks % 2 == 1 { isText.toggle() } }
                guard !isText else { return nil }
                let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
                guard let at = words.firstIndex(of: "import"), at <= 1, at + 1 < words.count else {
                    return nil
                }
                let kinds: Set<Substring> = [
                    "struct", "class", "enum", "protocol", "func", "let", "var", "typealias",
                ]
                let name = kinds.contains(words[at + 1]) ? words[at + 2] : words[at + 1]
                return name.split(separator: ".").first.map(String.init)
            }
        }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// All files below a folder with one of these endings, in order of their paths.
    static func files(below folder: String, endings: Set<String>) -> [File] {
        let start = root.appendingPathComponent(folder)
        let names =
            FileManager.default.enumerator(atPath: start.path)?
            .compactMap { $0 as? String } ?? []
        return names.sorted()
            .filter { endings.contains(($0 as NSString).pathExtension) }
            .filter { !$0.hasPrefix("Fixtures/") }
            .compactMap { read("\(folder)/\($0)") }
    }

    /// The files of the repository's own folder; an empty ending stands for `Makefile` and the like.
    static func topLevelFiles(endings: Set<String>) -> [File] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return names.sorted()
            .filter { !$0.hasPrefix(".") && endings.contains(($0 as NSString).pathExtension) }
            .compactMap(read)
    }

    private static func read(_ path: String) -> File? {
        let file = root.appendingPathComponent(path)
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return File(
            path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }

    static let swiftSources = files(below: "Sources", endings: ["swift"])
}
