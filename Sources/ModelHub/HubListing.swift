import Foundation

/// What a hub says of a model: its state, and its files with their hashes.
struct HubListing: Sendable, Equatable {
    /// What tells a file's content from others.
    enum Digest: Sendable, Equatable {
        case sha256(String)
        /// SHA-1 of Git's blob: the length and the content.
        case git(String)

        /// Reads a hash from a listing or an `ETag`, which may be in quotation marks.
        init?(_ text: String?) {
            guard var text = text?.lowercased() else { return nil }
            if text.hasPrefix("w/") { text.removeFirst(2) }
            text = text.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
            guard text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else { return nil }
            switch text.utf8.count {
            case 64: self = .sha256(text)
            case 40: self = .git(text)
            default: return nil
            }
        }
    }

    struct File: Sendable, Equatable {
        let name: String
        /// Bytes; `nil` when the hub does not say.
        var size: Int?
        var digest: Digest?
    }

    /// The commit, so that all files are of one state.
    let commit: String
    let files: [File]

    private struct Document: Decodable {
        struct Sibling: Decodable {
            struct LFS: Decodable {
                let sha256: String?
                let size: Int?
            }
            let rfilename: String
            let size: Int?
            let blobId: String?
            let lfs: LFS?
        }
        let sha: String
        let siblings: [Sibling]
    }

    private static let largestFile = 1 << 42

    /// Reads what `/api/models/ORG/NAME/revision/REVISION` answers.
    ///
    /// - Throws: `HubError.malformed`.
    init(_ body: Data, hub: String) throws(HubError) {
        guard let document = try? JSONDecoder().decode(Document.self, from: body) else {
            throw .malformed(hub: hub, reason: "its list of files has no 'sha' and 'siblings'")
        }
        guard case .git(let commit)? = Digest(document.sha) else {
            throw .malformed(hub: hub, reason: "'sha' is no commit")
        }
        guard document.siblings.count <= 20_000 else {
            throw .malformed(hub: hub, reason: "it lists more than 20000 files")
        }
        self.commit = commit
        var files: [String: File] = [:]
        for sibling in document.siblings {
            let size = sibling.lfs?.size ?? sibling.size
            guard (0...Self.largestFile).contains(size ?? 0) else {
                throw .malformed(hub: hub, reason: "a file has an impossible size")
            }
            // A file in large-file storage is known by its SHA-256; its blob is only a pointer.
            let digest =
                sibling.lfs == nil ? Digest(sibling.blobId) : Digest(sibling.lfs?.sha256)
            files[sibling.rfilename] = File(name: sibling.rfilename, size: size, digest: digest)
        }
        self.files = files.values.sorted { $0.name < $1.name }
    }

    init(commit: String, files: [File]) {
        self.commit = commit
        self.files = files
    }

    /// The files that a checkpoint needs: those beside `config.json` with texts, tables and
    /// weights in safetensors form.
    ///
    /// - Throws: `HubError.notAModel`, or `malformed` for names that could be paths.
    func needed(by repository: RepositoryName, hub: String) throws(HubError) -> [File] {
        var chosen: [File] = []
        for file in files where !file.name.contains("/") && Self.isWanted(file.name) {
            guard RepositoryName.isName(file.name) else {
                throw .malformed(hub: hub, reason: "a file has a name that could be a path")
            }
            chosen.append(file)
        }
        func has(_ test: (String) -> Bool) -> Bool { chosen.contains { test($0.name) } }
        guard has({ $0 == "config.json" }) else {
            throw .notAModel("\(repository)", reason: "it has no config.json")
        }
        guard has({ $0.hasSuffix(".safetensors") }) else {
            let isGGUF = files.contains { $0.name.lowercased().hasSuffix(".gguf") }
            throw .notAModel(
                "\(repository)",
                reason: isGGUF
                    ? "it has weights in GGUF form only" : "it has no weights in safetensors form")
        }
        return chosen
    }

    private static func isWanted(_ name: String) -> Bool {
        let name = name.lowercased()
        return [".json", ".safetensors", ".jinja"].contains { name.hasSuffix($0) }
            || ["merges.txt", "license", "license.txt", "readme.md"].contains(name)
    }
}
