import Foundation
import VLMRuntime

/// Remembers which mmproj belongs to a language model when the user had to say so.
///
/// A folder of the studio's own with links to the two files: as a folder with one pair it is a
/// model like any other. The files stay where they are.
enum GGUFLinks {
    private static let prefix = "gguf-"

    /// Makes the folder, or finds it made.
    ///
    /// - Throws: a failure with a sentence when a file is not there or the folder cannot be made.
    static func make(text: URL, vision: URL, in models: URL) throws -> URL {
        for file in [text, vision] {
            try RegularFile.check(file.resolvingSymlinksInPath())
            guard GGUFLocation.isFile(file) else {
                throw StudioFailure(
                    .badInput,
                    "'\(file.path)' is not a .gguf file; --mmproj joins two of them")
            }
        }
        let files = FileManager.default
        let staging = models.appendingPathComponent(
            ".\(prefix)\(ProcessInfo.processInfo.processIdentifier)", isDirectory: true)
        do {
            try files.createDirectory(at: models, withIntermediateDirectories: true)
            try? files.removeItem(at: staging)
            try files.createDirectory(at: staging, withIntermediateDirectories: false)
            defer { try? files.removeItem(at: staging) }
            for (name, target) in [("model.gguf", text), ("mmproj.gguf", vision)] {
                try files.createSymbolicLink(
                    atPath: staging.appendingPathComponent(name).path,
                    withDestinationPath: target.standardizedFileURL.path)
            }
            // Named after what is in the files: the same pair twice is the same folder.
            let fingerprint = try CheckpointFingerprint(folder: staging)
            let folder = models.appendingPathComponent("\(prefix)\(fingerprint)", isDirectory: true)
            try? files.removeItem(at: folder)
            try files.moveItem(at: staging, to: folder)
            return folder
        } catch let error as CheckpointError {
            throw error
        } catch {
            throw StudioFailure(
                .failed, "\(models.path): no folder can be made there: \(FileReason.text(error))")
        }
    }

    /// Removes such a folder when its model is forgotten; anything else is left alone.
    static func remove(_ path: String, in models: URL) {
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        guard folder.lastPathComponent.hasPrefix(prefix),
            folder.deletingLastPathComponent().standardizedFileURL.path
                == models.standardizedFileURL.path
        else { return }
        let files = FileManager.default
        let names = (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
        let areLinks = names.allSatisfy { name in
            (try? files.destinationOfSymbolicLink(
                atPath: folder.appendingPathComponent(name).path)) != nil
        }
        if areLinks { try? files.removeItem(at: folder) }
    }

    /// What a model is called unless the user says otherwise: its folder's or file's name.
    static func usualName(_ location: URL) -> String {
        let name = location.lastPathComponent
        return GGUFLocation.isFile(location) ? String(name.dropLast(".gguf".count)) : name
    }
}
