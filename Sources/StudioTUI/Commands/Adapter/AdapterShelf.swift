import Foundation
import ImageCodecs
import PersonalCaption
import VLMRuntime

/// The adapters that were kept: PEFT folders with a note of where they come from.
struct AdapterShelf {
    /// Where an adapter comes from.
    struct Note: Codable, Equatable {
        var model: String
        var modelFolder: String
        var modelFingerprint: String
        var run: String?
        var concepts: [String]
    }

    static let noteFile = "studio-adapter.json"
    let home: StudioHome

    init(_ home: StudioHome) { self.home = home }

    /// Names of all adapters.
    func names() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: home.adapters.path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    func folder(_ name: String) throws -> URL {
        // The rules for names of runs keep paths inside the folder.
        _ = try RunFolder(name: name, in: home.adapters)
        return home.adapters.appendingPathComponent(name, isDirectory: true)
    }

    /// A kept adapter's folder.
    func existing(_ name: String) throws -> URL {
        let url = try folder(name)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw StudioFailure(
                .notFound,
                "there is no adapter '\(name)'; 'studio adapter list' shows all")
        }
        return url
    }

    func note(_ name: String) -> Note? {
        (try? folder(name)).flatMap(Self.note(in:))
    }

    /// The note in an adapter's folder.
    static func note(in folder: URL) -> Note? {
        let file = folder.appendingPathComponent(noteFile)
        guard let data = try? BoundedFile.read(file, limit: 1 << 20) else { return nil }
        return try? JSONDecoder().decode(Note.self, from: data)
    }

    /// Keeps the best adapter of a run under the run's name, in place of an older one.
    func keep(_ run: RunFolder, settings: RunSettings) throws {
        let note = Note(
            model: settings.model, modelFolder: settings.modelFolder,
            modelFingerprint: settings.modelFingerprint, run: settings.name,
            concepts: settings.concepts)
        try put(run.best, as: settings.name, note: note, replacing: true)
    }

    /// Copies a PEFT folder onto the shelf, all of it or nothing.
    func put(_ source: URL, as name: String, note: Note, replacing: Bool = false) throws {
        let target = try folder(name)
        let files = FileManager.default
        guard replacing || !files.fileExists(atPath: target.path) else {
            throw StudioFailure(
                .badInput, "there is an adapter '\(name)' already; choose another --name")
        }
        try files.createDirectory(at: home.adapters, withIntermediateDirectories: true)
        let part = home.adapters.appendingPathComponent(".\(name).part", isDirectory: true)
        try? files.removeItem(at: part)
        try Self.copy(source, to: part)
        try DurableData.write(
            try JSONEncoder().encode(note), to: part.appendingPathComponent(Self.noteFile))
        if files.fileExists(atPath: target.path) { try files.removeItem(at: target) }
        try files.moveItem(at: part, to: target)
    }

    /// Copies the two files of a PEFT folder.
    static func copy(_ source: URL, to target: URL) throws {
        let files = FileManager.default
        guard !files.fileExists(atPath: target.path) else {
            throw StudioFailure(.badInput, "\(target.path) exists already; choose another folder")
        }
        try files.createDirectory(at: target, withIntermediateDirectories: true)
        for name in ["adapter_config.json", "adapter_model.safetensors"] {
            let data: Data
            do {
                data = try BoundedFile.read(
                    source.appendingPathComponent(name), limit: 4 << 30)
            } catch {
                try? files.removeItem(at: target)
                throw error
            }
            try DurableData.write(data, to: target.appendingPathComponent(name))
        }
    }

    /// The adapter that `--adapter` names: a kept one, else a PEFT folder.
    func open(_ wish: String, for model: VisionLanguageModel) throws -> Adapter {
        let folder = try folder(named: wish)
        if let note = note(wish),
            let checkpoint = try? CheckpointFingerprint(folder: model.folder),
            checkpoint.description != note.modelFingerprint
        {
            throw StudioFailure(
                .badInput,
                "adapter '\(wish)' was made for the model \(note.model) in "
                    + "\(note.modelFolder), and this is \(model.folder.path); choose that model "
                    + "or another adapter")
        }
        return try Adapter(folder: folder, for: model)
    }

    /// The same model with an adapter; weights and caches are shared.
    ///
    /// - Returns: also the adapter's name and version, which tell its states from others.
    func adapt(
        _ base: Generator, by wish: String
    ) throws -> (generator: Generator, version: String) {
        let adapter = try open(wish, for: base.model)
        let version = "\(wish) \(adapter.fingerprint())"
        let model = try base.model.adapted(by: adapter)
        return (Generator(model, caches: base.caches, adapter: version), version)
    }

    /// Tells an adapter from those that had its name before; looks at no contents.
    func state(_ name: String) -> String {
        guard let folder = try? folder(name), let facts = FileFacts(folder.path) else { return "" }
        return "\(facts.device) \(facts.inode) \(facts.modified)"
    }

    /// Where the adapter lies that `--adapter` names.
    func folder(named wish: String) throws -> URL {
        if let kept = try? existing(wish) { return kept }
        guard wish.contains("/") else { return try existing(wish) }
        return URL(fileURLWithPath: wish, isDirectory: true)
    }
}
