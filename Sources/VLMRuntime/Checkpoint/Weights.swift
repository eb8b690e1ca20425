import Foundation

/// All tensors of a checkpoint under one naming scheme, handed out against expected shapes.
///
/// Published folders use two naming layouts; both are mapped to `visual.…`, `embed_tokens.…`,
/// `layers.N.…`, `norm.…` and `lm_head.…`. The first complaint about a tensor names the file it
/// is in, what `config.json` calls for and what was found.
final class Weights {
    private let folder: String
    private var tensors: [String: Tensor]
    private var used = Set<String>()
    private let packedWeights: PackedWeights?
    /// Whether blocks are to be multiplied in the kernels' order, by activations in 8 bits.
    var usesTiles = false

    /// - Parameter packed: the same weights in fewer bits, used where they are there.
    init(_ source: CheckpointSource, packed: PackedWeights? = nil) throws(CheckpointError) {
        packedWeights = packed
        switch source {
        case .folder(let folder):
            self.folder = folder.path
            tensors = try Self.tensors(in: folder)
        case .gguf(let pair, let folder):
            self.folder = folder.path
            tensors = try GGUFTensors(pair).tensors
        }
    }

    convenience init(folder: URL) throws(CheckpointError) {
        try self.init(CheckpointSource(folder))
    }

    /// The tensors of a folder by their canonical names.
    static func tensors(in folder: URL) throws(CheckpointError) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for file in try files(in: folder) {
            let contents = try Safetensors(path: file.url.path)
            try check(contents, holds: file.tensors, file: file.url.path)
            for tensor in contents.tensors.values where !tensor.name.hasSuffix(".inv_freq") {
                let name = canonical(tensor.name)
                guard tensors.updateValue(tensor, forKey: name) == nil else {
                    throw .malformed(
                        file: file.url.path,
                        problem: "tensor '\(printable(tensor.name))' is there a second time")
                }
            }
        }
        return tensors
    }

    /// The tensor of that canonical name and shape.
    ///
    /// - Throws: `CheckpointError` when it is missing, of another shape, or not floating point.
    func tensor(_ name: String, _ shape: Int...) throws(CheckpointError) -> Tensor {
        guard let tensor = tensors[name] else { throw .missingTensor(folder: folder, tensor: name) }
        guard tensor.shape == shape else {
            throw .shape(
                file: tensor.file.path, tensor: printable(tensor.name), expected: shape,
                found: tensor.shape)
        }
        guard tensor.type.kernelType != nil else {
            throw .value(
                file: tensor.file.path, key: printable(tensor.name), expected: "F32, F16 or BF16",
                found: tensor.type.rawValue)
        }
        used.insert(name)
        return tensor
    }

    /// A vector as floats: norm weights and biases, small enough to convert.
    func vector(_ name: String, _ count: Int) throws(CheckpointError) -> [Float] {
        try tensor(name, count).floats()
    }

    /// The layer's weights in fewer bits, if there is a packed file and it has them.
    func packed(
        _ layer: String, _ rows: Int, _ columns: Int
    ) throws(CheckpointError) -> PackedTensor? {
        try packedWeights?.tensor(layer, rows: rows, columns: columns)
    }

    /// The tensor's blocks in the kernels' order, where these are wanted and it has blocks.
    func tiles(_ name: String, _ inputSize: Int) throws(CheckpointError) -> WeightTiles? {
        guard usesTiles, let tensor = tensors[name] else { return nil }
        return try WeightTiles(tensor, inputSize: inputSize)
    }

    /// Whether the checkpoint has a tensor of that canonical name.
    func contains(_ name: String) -> Bool { tensors[name] != nil }

    /// Number of values in all tensors, and the type most of them have.
    func summary() -> (parameterCount: Int, type: TensorType) {
        var counts: [TensorType: Int] = [:]
        for tensor in tensors.values { counts[tensor.type, default: 0] += tensor.count }
        let largest = counts.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }
        return (counts.values.reduce(0, +), largest?.key ?? .float32)
    }

    /// Refuses a checkpoint with tensors that nothing asked for.
    func finish() throws(CheckpointError) {
        let left = tensors.filter { !used.contains($0.key) }.min { $0.key < $1.key }
        guard let left else { return }
        throw .unexpectedTensor(file: left.value.file.path, tensor: printable(left.value.name))
    }

    /// `model.visual.x` and `visual.x`, `model.language_model.x` and `model.x` become one name.
    static func canonical(_ name: String) -> String {
        for (prefix, replacement) in [
            ("model.visual.", "visual."), ("model.language_model.", ""),
            ("model.", ""),
        ] where name.hasPrefix(prefix) {
            return replacement + name.dropFirst(prefix.count)
        }
        return name
    }

    private static func check(
        _ contents: Safetensors, holds names: [String], file: String
    ) throws(CheckpointError) {
        guard let missing = names.first(where: { contents.tensors[$0] == nil }) else { return }
        throw .malformed(
            file: file,
            problem: "the index says that tensor '\(printable(missing))' is in it, but it is not")
    }

    private static func files(
        in folder: URL
    ) throws(CheckpointError) -> [(url: URL, tensors: [String])] {
        let single = folder.appendingPathComponent("model.safetensors")
        let index = folder.appendingPathComponent("model.safetensors.index.json")
        if FileManager.default.fileExists(atPath: index.path) {
            return try ShardIndex(path: index.path).shards.map { name, tensors in
                (folder.appendingPathComponent(name), tensors)
            }
        }
        guard FileManager.default.fileExists(atPath: single.path) else {
            throw .missingFile(folder: folder.path, file: "model.safetensors")
        }
        return [(single, [])]
    }
}

/// `model.safetensors.index.json`: which tensor lies in which file of the same folder.
struct ShardIndex {
    /// File names in order, each with the tensors it must hold.
    let shards: [(name: String, tensors: [String])]

    init(path: String) throws(CheckpointError) {
        let root = try JSONFile(path: path, limit: 64 << 20)
        var byFile: [String: [String]] = [:]
        for (tensor, value) in try root.members("weight_map") {
            guard case .string(let name) = value, Self.isPlain(name) else {
                throw .value(
                    file: path, key: "weight_map.\(printable(tensor))",
                    expected: "the name of a .safetensors file in the same folder",
                    found: JSONFile.text(value))
            }
            byFile[name, default: []].append(tensor)
        }
        shards = byFile.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func isPlain(_ name: String) -> Bool {
        let forbidden = name.contains("/") || name.contains("\\") || name.hasPrefix(".")
        return !forbidden && name.hasSuffix(".safetensors") && name == printable(name)
    }
}
