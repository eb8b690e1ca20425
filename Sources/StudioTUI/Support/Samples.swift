import Foundation

/// The sample pictures and the embedded model that come with the studio.
struct Samples: Sendable, Equatable {
    let directory: URL

    /// The name of the embedded model.
    static let modelName = "mini"

    /// The checkpoint folder of the embedded model.
    var model: URL { directory.appendingPathComponent(Self.modelName, isDirectory: true) }
    /// What is in the sample pictures.
    var truth: URL { directory.appendingPathComponent("truth.json") }

    /// `$STUDIO_SAMPLES`; else `Samples` in a folder above the program's own file, as in a source
    /// checkout; else `../share/studio/Samples`, as installed.
    static func find(environment: [String: String], executable: URL) -> Samples? {
        let chosen = environment["STUDIO_SAMPLES"] ?? ""
        if !chosen.isEmpty {
            return Samples(directory: URL(fileURLWithPath: chosen, isDirectory: true))
        }
        let programFolder = executable.resolvingSymlinksInPath().deletingLastPathComponent()
        var folder = programFolder
        while folder.path != "/" {
            if let samples = Samples(checking: folder.appendingPathComponent("Samples")) {
                return samples
            }
            folder.deleteLastPathComponent()
        }
        let shared = programFolder.deletingLastPathComponent()
            .appendingPathComponent("share/studio/Samples")
        return Samples(checking: shared)
    }

    init(directory: URL) { self.directory = directory }

    /// `nil` for a folder without the embedded model.
    private init?(checking folder: URL) {
        self.init(directory: folder)
        let configuration = model.appendingPathComponent("config.json").path
        guard FileManager.default.fileExists(atPath: configuration) else { return nil }
    }
}
