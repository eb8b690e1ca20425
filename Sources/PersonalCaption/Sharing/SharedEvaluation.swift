public import Foundation

/// The scores of an evaluation as a page shows them.
public struct SharedEvaluation: Sendable {
    let html: HTML

    /// Reads a folder of `eval personal` or `eval prism`.
    ///
    /// - Throws: `EvaluationFolderError` when it holds neither.
    public init(_ folder: URL) throws(EvaluationFolderError) {
        do throws(EvaluationFolderError) {
            let manifest = try EvaluationFolder.manifest(PersonalManifest.self, in: folder)
            let records = PersonalRun.storedRecords(try EvaluationFolder.items(in: folder))
            let summary = PersonalSummary(manifest, records)
            html = PersonalReport(summary, records, folder: folder).scores
        } catch {
            guard case .malformed = error else { throw error }
            let manifest = try EvaluationFolder.manifest(PrismManifest.self, in: folder)
            let found: [String: PrismRecord] = EvaluationFolder.records(
                try EvaluationFolder.items(in: folder))
            let records = found.sorted { $0.key < $1.key }.map(\.value)
            let summary = PrismSummary(manifest, records)
            html = PrismReport(summary, records, folder: folder).scores
        }
    }
}
