import Foundation

extension ConceptStore {
    /// Writes living concepts with their pictures into a tar archive that other libraries import.
    ///
    /// The archive is a POSIX ustar file with `concepts.json` first and `images/<sha256>.<ext>`
    /// after it. It appears whole under its name or not at all, replacing a file of that name.
    ///
    /// - Parameters:
    ///   - file: the archive to write.
    ///   - ids: which concepts, in this order; `nil` for all.
    ///   - progress: called with pictures done and their number; returns false to stop.
    /// - Throws: `.noSuchConceptID`, `.file` if a picture is missing or damaged, `.diskFull`,
    ///   `.readOnly`, `.stopped`.
    public func exportArchive(
        to file: URL, concepts ids: [Int64]? = nil, progress: ((Int, Int) -> Bool)? = nil
    ) throws(ConceptStoreError) -> ArchiveExport {
        let concepts = try read { db in
            guard let ids else {
                return try ConceptSelection(ConceptQuery(), words: false).concepts(db)
            }
            return try ids.map { try ConceptRows.living(db, id: $0) }
        }
        do {
            return try Self.write(concepts, to: file.path, from: vault, progress)
        } catch {
            throw ConceptStoreError(error, library: file.deletingLastPathComponent().path)
        }
    }

    private static func write(
        _ concepts: [Concept], to path: String, from vault: ImageVault,
        _ progress: ((Int, Int) -> Bool)?
    ) throws -> ArchiveExport {
        let folder = (path as NSString).deletingLastPathComponent
        let temporary = "\(folder)/.\(UUID().uuidString).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemFailure.last(temporary) }
        do {
            defer { close(descriptor) }
            var tar = TarWriter(descriptor: descriptor, path: temporary)
            let images = try write(concepts, into: &tar, from: vault, progress)
            guard fsync(descriptor) == 0 else { throw SystemFailure.last(temporary) }
            try DurableFile.move(temporary, to: path)
            try DurableFile.syncFolder(folder)
            return ArchiveExport(concepts: concepts.count, images: images, bytes: tar.bytes)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func write(
        _ concepts: [Concept], into tar: inout TarWriter, from vault: ImageVault,
        _ progress: ((Int, Int) -> Bool)?
    ) throws -> Int {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try tar.append(ArchiveManifest.fileName, try encoder.encode(manifest(concepts)))
        var seen: Set<String> = []
        let images = concepts.flatMap(\.images).filter { seen.insert($0.sha256).inserted }
        for (index, image) in images.enumerated() {
            let path = vault.absolute(image.path)
            let data = try? Data(contentsOf: URL(fileURLWithPath: path))
            guard let data, ImageVault.sha256(data) == image.sha256 else {
                throw ConceptStoreError.file(
                    path: path, reason: "the picture is missing or damaged; verify the library")
            }
            try tar.append(archiveName(image), data)
            if let progress, !progress(index + 1, images.count) {
                throw ConceptStoreError.stopped
            }
        }
        try tar.finish()
        return images.count
    }

    private static func manifest(_ concepts: [Concept]) -> ArchiveManifest {
        ArchiveManifest(
            format: ArchiveManifest.format, version: 1,
            concepts: concepts.map { concept in
                ArchiveManifest.Item(
                    name: concept.name, category: concept.category, info: concept.info,
                    tags: concept.tags, images: concept.images.map(archiveName),
                    cover: concept.coverImage.map(archiveName), createdAt: concept.createdAt)
            })
    }

    private static func archiveName(_ image: ReferenceImage) -> String {
        "images/\(image.sha256).\((image.path as NSString).pathExtension)"
    }
}
