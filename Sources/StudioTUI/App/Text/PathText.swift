import Foundation
import ImageCodecs

/// Where paths that people type start from, and the pictures they may lead to.
struct PathPlace: Sendable, Equatable {
    /// What `~` stands for.
    let home: String
    /// What relative paths start from.
    let folder: String

    init(home: String, folder: String) {
        self.home = home
        self.folder = folder
    }

    /// The place of this process.
    init(environment: [String: String]) {
        let home = environment["HOME"] ?? ""
        self.init(
            home: home.hasPrefix("/")
                ? home : FileManager.default.homeDirectoryForCurrentUser.path,
            folder: FileManager.default.currentDirectoryPath)
    }

    /// The absolute path of a word of the user.
    func absolute(_ word: ShellWord) -> String { absolute(word.text, hasTilde: word.hasTilde) }

    /// The absolute path, with `.`, `..` and doubled slashes left for the system.
    func absolute(_ path: String, hasTilde: Bool) -> String {
        if hasTilde { return home + path.dropFirst() }
        if path.hasPrefix("/") { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }
}

/// Names of files that are pictures we can read, by their endings.
enum PictureName {
    static let endings: Set<String> = ["png", "jpg", "jpeg", "jpe", "jfif", "webp"]

    static func isPicture(_ name: String) -> Bool {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
        let ending = name[name.index(after: dot)...]
        return ending.utf8.count <= 4 && endings.contains(ending.lowercased())
    }
}

/// Reads folders entry by entry, so that one with a hundred thousand files can be left half-way.
enum FolderReader {
    enum Kind: Sendable, Hashable {
        case file, folder, other
        /// The file system did not say; ask for it when it matters.
        case unknown
    }

    /// Gives every name that is text to a closure until it returns false.
    ///
    /// - Returns: `false` when the folder cannot be read.
    @discardableResult
    static func each(_ path: String, _ body: (String, Kind) -> Bool) -> Bool {
        guard let folder = opendir(path) else { return false }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    String(validatingCString: $0)
                }
            }
            // A name that is no UTF-8 cannot be typed or shown.
            guard let name, name != ".", name != ".." else { continue }
            let kind: Kind =
                switch Int32(entry.pointee.d_type) {
                case Int32(DT_REG): .file
                case Int32(DT_DIR): .folder
                case Int32(DT_LNK), Int32(DT_UNKNOWN): .unknown
                default: .other
                }
            if !body(name, kind) { break }
        }
        return true
    }

    /// What is there, with links followed.
    static func kind(of path: String) -> Kind? {
        guard let facts = FileFacts(path) else { return nil }
        switch facts.kind {
        case .file: return .file
        case .folder: return .folder
        default: return .other
        }
    }

    /// Whether the path itself, not what it links to, is a folder.
    static func isRealFolder(_ path: String) -> Bool {
        FileFacts(path, followsLinks: false)?.kind == .folder
    }
}
