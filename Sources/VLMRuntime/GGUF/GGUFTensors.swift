import CKernels

/// The tensors of a GGUF pair under the names that checkpoints have for them.
///
/// Rows of queries and keys are in the same order in both forms. What GGUF cuts in parts is joined:
/// the vision tower's queries, keys and values, without a copy where they lie one after the
/// other, and the two frames of the patch embedding.
struct GGUFTensors {
    private(set) var tensors: [String: Tensor] = [:]
    private let family: ModelFamily
    /// Features of a patch inside the tower.
    private let visionWidth: Int?

    init(_ pair: GGUFPair) throws(CheckpointError) {
        family = pair.family
        visionWidth = try pair.vision.integer("clip.vision.embedding_length")
        for tensor in pair.text.tensors.values { add(tensor, as: Self.textName(tensor.name)) }
        var parts = pair.vision.tensors
        try joinPatches(&parts, pair.vision)
        try joinAttention(&parts)
        for tensor in parts.values { add(tensor, as: visionName(tensor)) }
    }

    private mutating func add(_ tensor: Tensor, as name: String) { tensors[name] = tensor }

    // MARK: Names

    static func textName(_ name: String) -> String {
        let whole = [
            "token_embd.weight": "embed_tokens.weight", "output_norm.weight": "norm.weight",
            "output.weight": "lm_head.weight",
        ]
        if let known = whole[name] { return known }
        let layers = [
            "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
            "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
            "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
            "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
        ]
        return renamed(name, prefix: "blk.", to: "layers.", layers) ?? name
    }

    private func visionName(_ tensor: Tensor) -> String {
        for (part, whole) in [
            ("v.post_ln.", "visual.merger.ln_q."), ("mm.0.", "visual.merger.mlp.0."),
            ("mm.2.", "visual.merger.mlp.2."),
        ] where tensor.name.hasPrefix(part) {
            return whole + tensor.name.dropFirst(part.count)
        }
        var blocks = [
            "ln1": "norm1", "ln2": "norm2", "attn_qkv": "attn.qkv", "attn_out": "attn.proj",
        ]
        if family == .qwen2VL {
            // Older files have the two names swapped, so the shape decides: fc2 makes rows of width.
            let layer = tensor.shape.first == visionWidth ? "mlp.fc2" : "mlp.fc1"
            blocks["ffn_up"] = layer
            blocks["ffn_down"] = layer
        } else {
            for name in ["gate", "up", "down"] { blocks["ffn_\(name)"] = "mlp.\(name)_proj" }
        }
        return Self.renamed(tensor.name, prefix: "v.blk.", to: "visual.blocks.", blocks)
            ?? tensor.name
    }

    /// `blk.3.attn_q.bias` becomes `layers.3.self_attn.q_proj.bias`.
    private static func renamed(
        _ name: String, prefix: String, to replacement: String, _ parts: [String: String]
    ) -> String? {
        guard name.hasPrefix(prefix) else { return nil }
        let pieces = name.dropFirst(prefix.count).split(
            separator: ".", omittingEmptySubsequences: false)
        guard pieces.count == 3, let part = parts[String(pieces[1])] else { return nil }
        return "\(replacement)\(pieces[0]).\(part).\(pieces[2])"
    }

    // MARK: Joining

    /// `v.patch_embd.weight` and `….1` are the two frames of `[D, 3, 2, side, side]`.
    private mutating func joinPatches(
        _ parts: inout [String: Tensor], _ file: GGUFFile
    ) throws(CheckpointError) {
        let name = "v.patch_embd.weight"
        guard let first = parts.removeValue(forKey: name) else { return }
        guard let second = parts.removeValue(forKey: name + ".1") else {
            throw .missingTensor(folder: file.path, tensor: name + ".1")
        }
        guard first.shape.count == 4, second.shape == first.shape else {
            throw .shape(
                file: file.path, tensor: name + ".1", expected: first.shape, found: second.shape)
        }
        let (frames, area) = ([first.floats(), second.floats()], first.shape[2] * first.shape[3])
        let memory = try MappedFile(room: 2 * first.count * 4, path: file.path)
        let target = UnsafeMutableRawPointer(mutating: memory.base).bindMemory(
            to: Float.self, capacity: 2 * first.count)
        for channel in 0..<first.shape[0] * first.shape[1] {
            for frame in 0..<2 {
                for pixel in 0..<area {
                    target[(2 * channel + frame) * area + pixel] =
                        frames[frame][channel * area + pixel]
                }
            }
        }
        let shape = [first.shape[0], first.shape[1], 2, first.shape[2], first.shape[3]]
        tensors["visual.patch_embed.proj.weight"] = Tensor(
            name: name, type: .float32, shape: shape, file: memory, pointer: memory.base)
    }

    private func joinAttention(_ parts: inout [String: Tensor]) throws(CheckpointError) {
        for name in parts.keys where name.hasPrefix("v.blk.") {
            for kind in ["weight", "bias"] where name.hasSuffix(".attn_q.\(kind)") {
                let prefix = name.dropLast("q.\(kind)".count)
                let names = ["q", "k", "v"].map { "\(prefix)\($0).\(kind)" }
                let three = names.compactMap { parts[$0] }
                guard three.count == 3,
                    let joined = try Self.joined(three, as: "\(prefix)qkv.\(kind)")
                else { continue }
                for name in names { parts[name] = nil }
                parts[joined.name] = joined
            }
        }
    }

    /// Rows of three tensors as one; `nil` when they do not fit together.
    private static func joined(
        _ parts: [Tensor], as name: String
    ) throws(CheckpointError) -> Tensor? {
        let first = parts[0]
        guard parts.allSatisfy({ $0.shape.dropFirst() == first.shape.dropFirst() }) else {
            return nil
        }
        let shape = [parts.reduce(0) { $0 + $1.shape[0] }] + first.shape.dropFirst()
        let areAlike = parts.allSatisfy { $0.type == first.type }
        let follow = zip(parts, parts.dropFirst()).allSatisfy { before, after in
            before.pointer + before.byteCount == after.pointer
        }
        if areAlike, follow {
            return Tensor(
                name: name, type: first.type, shape: shape, file: first.file,
                pointer: first.pointer)
        }
        let type = areAlike ? first.type : .float32
        let count = shape.reduce(1, *)
        let memory = try MappedFile(room: type.byteCount(of: count), path: first.file.path)
        var place = UnsafeMutableRawPointer(mutating: memory.base)
        for part in parts {
            if areAlike {
                place.copyMemory(from: part.pointer, byteCount: part.byteCount)
            } else if let kernelType = part.type.kernelType {
                ck_expand(
                    place.bindMemory(to: Float.self, capacity: part.count), part.pointer,
                    kernelType, part.count)
            }
            place += type.byteCount(of: part.count)
        }
        return Tensor(name: name, type: type, shape: shape, file: memory, pointer: memory.base)
    }
}
