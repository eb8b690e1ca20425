public import Foundation

/// The cache of Hugging Face's own tools, where models may lie already.
public enum HubCache {
    /// `$HF_HOME`, else `~/.cache/huggingface`.
    static func home(_ environment: [String: String]) -> String {
        if let home = environment["HF_HOME"], !home.isEmpty { return home }
        if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
            return cache + "/huggingface"
        }
        return (environment["HOME"] ?? "") + "/.cache/huggingface"
    }

    /// The folder of a model in the cache, as a checkpoint; `nil` when it is not there.
    ///
    /// - Parameter repository: its revision is a branch or tag that was fetched, or a commit.
    public static func snapshot(
        _ repository: RepositoryName, environment: [String: String]
    ) -> URL? {
        let hub = environment["HF_HUB_CACHE"].flatMap { $0.isEmpty ? nil : $0 }
        let root = URL(
            fileURLWithPath: hub ?? home(environment) + "/hub", isDirectory: true)
        let folder = root.appendingPathComponent(
            "models--\(repository.owner)--\(repository.name)", isDirectory: true)
        return snapshot(in: folder, revision: repository.revision)
    }

    /// The checkpoint in a folder that such a cache keeps for a model (`models--ORG--NAME`).
    ///
    /// - Returns: `nil` when the folder is something else.
    public static func snapshot(in folder: URL, revision: String = "main") -> URL? {
        let snapshots = folder.appendingPathComponent("snapshots", isDirectory: true)
        let ref = folder.appendingPathComponent("refs").appendingPathComponent(revision)
        let told = (try? Data(contentsOf: ref)).map {
            String(decoding: $0.prefix(64), as: UTF8.self).trimmingCharacters(
                in: .whitespacesAndNewlines)
        }
        for commit in [told, revision].compactMap({ $0 }) where RepositoryName.isName(commit) {
            let found = snapshots.appendingPathComponent(commit, isDirectory: true)
            let config = found.appendingPathComponent("config.json").path
            if FileManager.default.fileExists(atPath: config) { return found }
        }
        return nil
    }
}
