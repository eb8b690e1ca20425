import Foundation
import VLMRuntime

/// Which form of a model's weights is used, and where packed ones are kept.
///
/// What the user asked for with `model quantize` lies in the data folder and is used from then on.
/// What was made because memory is small lies in the cache folder and may be deleted.
struct ModelWeights: Sendable {
    let home: StudioHome

    /// Where the user's packed weights of a checkpoint lie.
    func chosenFile(_ checkpoint: CheckpointFingerprint, _ bits: WeightBits) -> URL {
        Self.file(in: home.data, checkpoint, bits)
    }

    /// Where weights that were packed without asking lie.
    func cachedFile(_ checkpoint: CheckpointFingerprint, _ bits: WeightBits) -> URL {
        Self.file(in: home.cache, checkpoint, bits)
    }

    /// The user's choice for a checkpoint: the packed file in the data folder, if there is one.
    func chosenBits(_ checkpoint: CheckpointFingerprint) -> WeightBits? {
        WeightBits.allCases.first { Self.exists(chosenFile(checkpoint, $0)) }
    }

    /// Forgets the user's choice.
    ///
    /// - Returns: the bits that were forgotten.
    @discardableResult
    func forget(_ checkpoint: CheckpointFingerprint) throws -> [WeightBits] {
        try WeightBits.allCases.filter { bits in
            let file = chosenFile(checkpoint, bits)
            guard Self.exists(file) else { return false }
            try FileManager.default.removeItem(at: file)
            return true
        }
    }

    /// Opens a model in the form the user chose, or in the one that fits.
    ///
    /// - Parameters:
    ///   - wish: 16 for the weights as they come, 8 or 4 for packed ones; `nil` for the choice.
    ///   - note: told when something was decided for the user.
    ///   - progress: part of packing done, if weights have to be packed first.
    func load(
        folder: URL, wish: Int? = nil, cancellation: CancellationFlag? = nil,
        note: (String) -> Void = { _ in }, progress: (Double) -> Void = { _ in }
    ) throws -> VisionLanguageModel {
        guard wish == nil || WeightBits(rawValue: wish ?? 0) != nil else {
            return try VisionLanguageModel.load(folder: folder)
        }
        // A folder that is no checkpoint is refused by the loader, in its own words.
        guard let checkpoint = try? CheckpointFingerprint(folder: folder) else {
            return try VisionLanguageModel.load(folder: folder)
        }
        let asked = wish.flatMap(WeightBits.init)
        guard let bits = asked ?? chosenBits(checkpoint) ?? automatic(folder, note) else {
            return try VisionLanguageModel.load(folder: folder)
        }
        let chosen = chosenFile(checkpoint, bits)
        let file = Self.exists(chosen) ? chosen : cachedFile(checkpoint, bits)
        if let packed = try? PackedWeights(file: file, for: checkpoint) {
            return try VisionLanguageModel.load(folder: folder, packed: packed)
        }
        try PackedWeights.write(
            folder, bits: bits, to: file, cancellation: cancellation, progress: progress)
        let packed = try PackedWeights(file: file, for: checkpoint)
        return try VisionLanguageModel.load(folder: folder, packed: packed)
    }

    /// Fewer bits when the weights as they come would not fit into memory.
    private func automatic(_ folder: URL, _ note: (String) -> Void) -> WeightBits? {
        guard let available = FreeMemory.bytes() else { return nil }
        let size = Self.weightBytes(folder)
        guard let bits = Self.bitsThatFit(weights: size, available: available) else { return nil }
        note(
            "the weights take \(size >> 20) MiB and \(available >> 20) MiB of memory are free: "
                + "using \(bits.rawValue) bits; 'studio model quantize' makes that a choice")
        return bits
    }

    /// `nil` when the weights fit as they are, with a gibibyte and a half to work in.
    static func bitsThatFit(weights: Int, available: Int) -> WeightBits? {
        let room = max(0, available - (3 << 29))
        if weights <= room { return nil }
        // Stored in 16 bits; 8.25 and about 5.2 (head and vision tower stay at 8) when packed.
        return weights * 33 / 64 <= room ? .eight : .four
    }

    private static func weightBytes(_ folder: URL) -> Int {
        let keys: [URLResourceKey] = [.fileSizeKey]
        let files =
            (try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: keys)) ?? []
        return files.filter { $0.pathExtension == "safetensors" }.reduce(0) { sum, file in
            // Checkpoints in a hub's cache are links to the files themselves.
            let real = file.resolvingSymlinksInPath()
            return sum + ((try? real.resourceValues(forKeys: Set(keys)).fileSize) ?? 0)
        }
    }

    private static func file(
        in folder: URL, _ checkpoint: CheckpointFingerprint, _ bits: WeightBits
    ) -> URL {
        folder.appendingPathComponent("weights", isDirectory: true)
            .appendingPathComponent("\(checkpoint)-q\(bits.rawValue).safetensors")
    }

    private static func exists(_ file: URL) -> Bool {
        FileManager.default.fileExists(atPath: file.path)
    }
}
