import Foundation
import ImageCodecs
import TerminalUI

/// Captions beside pictures: text files, or copies of the pictures that say what they show.
struct Sidecars {
    /// One file to be written.
    struct Item {
        let caption: SelectedCaption
        let target: URL
    }

    /// Whether pictures are copied; else texts are written.
    let isCopy: Bool
    /// `nil` for next to the pictures.
    let folder: URL?
    let keepsBrackets: Bool
    let keepsMetadata: Bool
    /// Whether existing files go.
    let replaces: Bool

    /// What will be written where; nothing has been written when this fails.
    ///
    /// - Parameter captions: of several of one picture the newest counts.
    func plan(_ captions: [SelectedCaption]) throws -> (items: [Item], problems: [String]) {
        var items: [Item] = []
        var problems: [String] = []
        var pictures: Set<String> = []
        var taken: Set<String> = []
        let newestFirst = captions.sorted { ($0.id ?? 0) > ($1.id ?? 0) }
        for caption in newestFirst where pictures.insert(caption.pictureKey).inserted {
            if isCopy, caption.picture == nil {
                problems.append("\(caption.image) cannot be found; it is left out")
                continue
            }
            if folder == nil, FileFacts(caption.original.path) == nil {
                problems.append("\(caption.image) is not there any more; it is left out")
                continue
            }
            let target = try free(target(caption), &taken)
            try check(target, caption)
            items.append(Item(caption: caption, target: target))
        }
        return (items, problems)
    }

    func write(_ item: Item) throws {
        let name = item.target.path
        do {
            try FileManager.default.createDirectory(
                at: item.target.deletingLastPathComponent(), withIntermediateDirectories: true)
        } catch {
            throw StudioFailure(
                .failed,
                "\(name) cannot be written: \(FileReason.text(error)); choose another folder")
        }
        try HistoryText.write(try contents(item.caption), to: item.target, shownName: name)
    }

    private func contents(_ caption: SelectedCaption) throws -> Data {
        let text = keepsBrackets ? caption.caption : caption.plainText
        guard isCopy, let picture = source(caption) else {
            return Data((TerminalText.sanitized(text, lines: true) + "\n").utf8)
        }
        let data = try BoundedFile.read(picture, limit: ImageLimits.standard.maximumBytes)
        return try PictureDescription(text, keywords: caption.named).written(
            into: data, name: caption.image, keepsMetadata: keepsMetadata)
    }

    /// The library's copies say nothing about place and time, so the user's own file is better
    /// where that is wanted.
    private func source(_ caption: SelectedCaption) -> URL? {
        if keepsMetadata, FileFacts(caption.original.path)?.kind == .file {
            return caption.original
        }
        return caption.picture
    }

    private func target(_ caption: SelectedCaption) throws -> URL {
        let base = folder?.appending(path: caption.relativePath) ?? caption.original
        guard isCopy else { return base.deletingPathExtension().appendingPathExtension("txt") }
        // The library may keep another format than the name says.
        guard let picture = source(caption), let format = try Self.format(of: picture) else {
            return base
        }
        let ending = base.pathExtension.lowercased()
        let fits = ending == format.fileExtension || format == .jpeg && ending == "jpeg"
        return fits
            ? base : base.deletingPathExtension().appendingPathExtension(format.fileExtension)
    }

    private static func format(of file: URL) throws -> ImageFormat? {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        return ImageFormat(sniffing: try handle.read(upToCount: 12) ?? Data())
    }

    /// The same name with a number, when another picture has it already.
    private func free(_ target: URL, _ taken: inout Set<String>) throws -> URL {
        var free = target
        var number = 2
        while !taken.insert(free.path.lowercased()).inserted {
            let stem = target.deletingPathExtension().lastPathComponent
            free = target.deletingLastPathComponent()
                .appending(path: "\(stem)-\(number).\(target.pathExtension)")
            number += 1
        }
        return free
    }

    private func check(_ target: URL, _ caption: SelectedCaption) throws(StudioFailure) {
        guard let facts = FileFacts(target.path, followsLinks: false) else { return }
        let shown = TerminalText.sanitized(target.path)
        let isPicture = [caption.picture, caption.original].contains { file in
            guard let file, let other = FileFacts(file.path) else { return false }
            return other.inode == facts.inode && other.device == facts.device
        }
        guard !isPicture else {
            throw StudioFailure(
                .badInput,
                "\(shown) is the picture itself, which is never changed; choose another folder")
        }
        guard replaces, facts.kind == .file else {
            throw StudioFailure(
                .badInput,
                "\(shown) exists already; choose another folder, or --force to replace what is there"
            )
        }
    }
}
