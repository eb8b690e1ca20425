import Foundation
import PersonalCaption
import VLMRuntime

/// What a checkpoint brings along for finding concepts in pictures.
///
/// A metric of looks, and an adapter that answers whether somebody is visible. Both are optional.
struct SearchModel: Sendable {
    /// Compares looks; `nil` compares the vision tower's rows as they are.
    let metric: LookMetric?
    /// Answers whether a concept is visible; `nil` for the model itself.
    let verifier: Generator?

    /// The verifier's PEFT folder in the checkpoint's folder.
    static let verifierFolder = "retrieval/verifier"

    /// Neither metric nor verifier.
    static let none = SearchModel(metric: nil, verifier: nil)

    private init(metric: LookMetric?, verifier: Generator?) {
        self.metric = metric
        self.verifier = verifier
    }

    /// Looks into the checkpoint's folder; what was made for other weights is passed over.
    ///
    /// - Parameter isAdapted: whether the user chose an adapter, which then answers everything.
    /// - Throws: what is wrong with a file that is there.
    init(_ choice: ModelChoice, base: Generator, isAdapted: Bool) throws {
        metric = try LookMetric(checkpoint: choice.folder)
        verifier = isAdapted ? nil : try Self.verifier(choice.folder, base)
    }

    private static func verifier(_ checkpoint: URL, _ base: Generator) throws -> Generator? {
        let folder = checkpoint.appendingPathComponent(verifierFolder, isDirectory: true)
        guard let made = AdapterShelf.note(in: folder),
            made.modelFingerprint == (try CheckpointFingerprint(folder: checkpoint).description)
        else { return nil }
        let adapter = try Adapter(folder: folder, for: base.model)
        return Generator(
            try base.model.adapted(by: adapter), caches: base.caches,
            adapter: "verifier \(adapter.fingerprint())")
    }
}
