import Foundation

/// The folders the studio keeps its things in.
struct StudioHome: Sendable, Equatable {
    /// What must not be lost: library, registered models.
    let data: URL
    /// What the user may edit.
    let configuration: URL
    /// What can be made again; may be deleted at any time.
    let cache: URL
    /// Logs and the like.
    let state: URL

    /// Where the concept database lies.
    var library: URL { data.appendingPathComponent("library", isDirectory: true) }
    /// Checkpoints that were pulled from a hub.
    var models: URL { data.appendingPathComponent("models", isDirectory: true) }
    /// Small pictures for fast browsing.
    var thumbnails: URL { cache.appendingPathComponent("thumbnails", isDirectory: true) }
    /// Looks of the library's pictures, as searches compare them.
    var looks: URL { cache.appendingPathComponent("looks", isDirectory: true) }
    /// What the vision tower made of reference pictures.
    var visionRows: URL { cache.appendingPathComponent("vision-rows", isDirectory: true) }

    /// All folders below one.
    init(directory: URL) {
        func part(_ name: String) -> URL {
            directory.appendingPathComponent(name, isDirectory: true)
        }
        self.init(
            data: part("data"), configuration: part("config"), cache: part("cache"),
            state: part("state"))
    }

    init(data: URL, configuration: URL, cache: URL, state: URL) {
        self.data = data
        self.configuration = configuration
        self.cache = cache
        self.state = state
    }

    /// `--home`, else `$STUDIO_HOME`, else the folders of the XDG base directory specification.
    ///
    /// A relative path in an XDG variable is ignored, as the specification demands.
    static func resolve(option: String?, environment: [String: String]) -> StudioHome {
        let chosen = [option, environment["STUDIO_HOME"]].compactMap { $0 }.first { !$0.isEmpty }
        if let chosen {
            return StudioHome(directory: URL(fileURLWithPath: chosen, isDirectory: true))
        }
        let user = userFolder(environment)
        func folder(_ variable: String, _ fallback: String) -> URL {
            let value = environment[variable] ?? ""
            let base =
                value.hasPrefix("/")
                ? URL(fileURLWithPath: value, isDirectory: true)
                : user.appendingPathComponent(fallback, isDirectory: true)
            return base.appendingPathComponent("studio", isDirectory: true)
        }
        return StudioHome(
            data: folder("XDG_DATA_HOME", ".local/share"),
            configuration: folder("XDG_CONFIG_HOME", ".config"),
            cache: folder("XDG_CACHE_HOME", ".cache"),
            state: folder("XDG_STATE_HOME", ".local/state"))
    }

    private static func userFolder(_ environment: [String: String]) -> URL {
        let home = environment["HOME"] ?? ""
        return home.hasPrefix("/")
            ? URL(fileURLWithPath: home, isDirectory: true)
            : FileManager.default.homeDirectoryForCurrentUser
    }
}
