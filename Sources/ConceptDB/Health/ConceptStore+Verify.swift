import Foundation
import GRDB

extension ConceptStore {
    /// Checks the whole library: database, every stored picture, stray files, search index.
    ///
    /// Every picture is hashed and decoded, so a large library takes a while (some 15 ms for a
    /// picture of a megapixel). With `repair`, nothing the user made is deleted: files nobody
    /// refers to move to `lost+found`, rows whose picture is gone are dropped and noted in the
    /// database, covers and the search index are put right. A damaged picture stays where it is;
    /// adding the same picture again heals it.
    ///
    /// - Parameters:
    ///   - repair: whether to put right what can be put right.
    ///   - progress: called with pictures done and their number; returns false to stop.
    /// - Throws: `.stopped`, `.busy`, and troubles with the folder; problems found are no errors.
    public func verify(
        repair: Bool = false, progress: ((_ done: Int, _ total: Int) -> Bool)? = nil
    ) throws(ConceptStoreError) -> VerificationReport {
        sweepLeftovers()
        do {
            var check = LibraryCheck(pool: pool, vault: vault, repairs: repair)
            try check.checkDatabase()
            // Queries on a damaged database may fail anywhere; the finding itself is the answer.
            guard check.databaseIsSound else {
                return VerificationReport(problems: check.problems)
            }
            try check.checkImages(progress: progress)
            try check.checkUnusedImages()
            try check.checkFiles()
            try check.checkCovers()
            try check.checkSearchIndex()
            return VerificationReport(problems: check.problems)
        } catch {
            throw ConceptStoreError(error, library: directory.path)
        }
    }
}
