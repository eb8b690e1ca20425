import Foundation
import VLMRuntime

/// An adapter as it lies on the disk now; one that was trained again is another one.
struct AdapterChoice: Sendable, Equatable {
    /// What the user calls it: a kept adapter or a PEFT folder.
    let wish: String
    private let folder: URL
    private let modified: Date?

    init(_ wish: String, in home: StudioHome) throws {
        self.wish = wish
        folder = try AdapterShelf(home).folder(named: wish)
        let file = folder.appendingPathComponent("adapter_model.safetensors")
        modified = try? file.resourceValues(forKeys: [.contentModificationDateKey])
            .contentModificationDate
    }

    /// The same model with the adapter; weights and caches are shared.
    func generator(_ base: Generator, in home: StudioHome) throws -> Generator {
        let adapter = try AdapterShelf(home).open(wish, for: base.model)
        return Generator(
            try base.model.adapted(by: adapter), caches: base.caches,
            adapter: "\(wish) \(adapter.fingerprint())")
    }
}
