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
}
