import Foundation

extension ConceptStore {
    /// Adds the concepts of an archive that `exportArchive` wrote.
    ///
    /// The archive may come from anywhere: only the names listed in its `concepts.json` are read,
    /// every picture is checked against its hash, decoded and stripped like one of the user's,
    /// and nothing is written under a name the archive chose. Each concept comes in whole or is
    /// reported in `problems`; those imported before an archive breaks off stay.
    ///
    /// - Parameters:
    ///   - file: the archive.
    ///   - onConflict: what to do when a living concept has the name.
    ///   - progress: called with concepts done and their number; returns false to stop.
    /// - Throws: `.archive` if it cannot be read at all, `.file`, `.diskFull`, `.busy`, `.stopped`.
    public func importArchive(
        from file: URL, onConflict: ArchiveConflict = .skip,
        progress: ((Int, Int) -> Bool)? = nil
    ) throws(ConceptStoreError) -> ArchiveImport {
        do {
            // Opening a FIFO for reading would wait for its writer.
            let descriptor = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else {
                throw ConceptStoreError.file(
                    path: file.path, reason: SystemFailure.last(file.path).reason)
            }
            defer { close(descriptor) }
            var facts = stat()
            guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
                throw ConceptStoreError.archive(file: file.path, reason: "it is not a file")
            }
            let staging = try StagingFolder(vault)
            // After success every picture has its row, and this only removes the folder.
            defer { abandon(staging) }
            var intake = try ArchiveIntake(
                store: self, staging: staging, descriptor: descriptor, policy: onConflict)
            try intake.run(progress)
            return intake.result
        } catch let damage as TarReader.Damage {
            throw .archive(file: file.path, reason: damage.reason)
        } catch {
            throw ConceptStoreError(error, library: directory.path)
        }
    }
}
