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
    ///   - arithmetic: of products with weights as they come; `nil` for the usual one.
    ///   - note: told when something was decided for the user.
    ///   - progress: part of packing done, if weights have to be packed first.
    func load(
        folder: URL, wish: Int? = nil, arithmetic: Arithmetic? = nil,
        cancellation: CancellationFlag? = nil, note: (String) -> Void = { _ in },
        progress: (Double) -> Void = { _ in }
    ) throws -> VisionLanguageModel {
        guard wish == nil || WeightBits(rawValue: wish ?? 0) != nil else {
            return try VisionLanguageModel.load(folder: folder, arithmetic: arithmetic)
        }
        // A folder that is no checkpoint is refused by the loader, in its own words.
        guard let checkpoint = try? CheckpointFingerprint(folder: folder) else {
            return try VisionLanguageModel.load(folder: folder, arithmetic: arithmetic)
        }
        let asked = wish.flatMap(WeightBits.init)
        guard let bits = asked ?? chosenBits(checkpoint) ?? automatic(folder, note) else {
            try MemoryEstimate.check(folder)
            let model = try VisionLanguageModel.load(folder: folder, arithmetic: arithmetic)
            guard arithmetic != .bfloat16 || model.weightType == .bfloat16 else {
                throw StudioFailure(
                    .usage,
                    "\(folder.lastPathComponent) has weights in \(model.weightType), and "
                        + "--arithmetic bfloat16 is for weights in bfloat16; leave it out")
            }
            return model
        }
        guard arithmetic == nil else {
            throw StudioFailure(
                .usage,
                "\(folder.lastPathComponent) is used with \(bits.rawValue) bits, which have an "
                    + "arithmetic of their own; leave --arithmetic out, or 'studio model quantize "
                    + "--bits 16' first")
        }
        let chosen = chosenFile(checkpoint, bits)
        let file = Self.exists(chosen) ? chosen : cachedFile(checkpoint, bits)
        if (try? PackedWeights(file: file, for: checkpoint)) == nil {
            try PackedWeights.write(
                folder, bits: bits, to: file, cancellation: cancellation, progress: progress)
        }
        let packed = try PackedWeights(file: file, for: checkpoint)
        try Self.estimate(folder, bytes: packed.byteCount).check(folder: folder)
        return try VisionLanguageModel.load(folder: folder, packed: packed)
    }

    /// Fewer bits when the weights as they come would not fit into memory.
    private func automatic(_ folder: URL, _ note: (String) -> Void) -> WeightBits? {
        guard let available = MemoryHeadroom().available(),
            let estimate = try? MemoryEstimate(folder: folder),
            let bits = Self.bitsThatFit(estimate, available: available)
        else { return nil }
        note(
            "the weights take \(estimate.weights >> 20) MiB and \(available >> 20) MiB of memory "
                + "are free: using \(bits.rawValue) bits; 'studio model quantize' makes that a "
                + "choice")
        return bits
    }

    /// `nil` when a caption fits with the weights as they are, stored in 16 bits.
    static func bitsThatFit(_ estimate: MemoryEstimate, available: Int) -> WeightBits? {
        if estimate.total <= available { return nil }
        // 8.25 bits a weight when packed in 8.
        let eight = estimate.total - estimate.weights + estimate.weights / 64 * 33
        return eight <= available ? .eight : .four
    }

    private static func estimate(_ folder: URL, bytes: Int) throws -> MemoryEstimate {
        MemoryEstimate(
            try ModelConfiguration(folder: folder), weightBytes: bytes, storage: .float16)
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
