/// What a GGUF pair says about its model, under the names that `config.json` has for it.
extension GGUFPair {
    /// The network's sizes and ids.
    ///
    /// Complaints name the metadata's own keys.
    ///
    /// What GGUF leaves out is what llama.cpp takes for granted: windows of 112 pixels, 2×2 patches
    /// to a token, two frames to a patch.
    func configuration() throws(CheckpointError) -> JSONFile {
        var tree = GGUFTree()
        try addText(&tree)
        try addVision(&tree)
        for (name, token) in [
            ("image_token_id", "<|image_pad|>"), ("vision_start_token_id", "<|vision_start|>"),
            ("vision_end_token_id", "<|vision_end|>"),
        ] {
            guard let id = try id(ofToken: token) else {
                throw .value(
                    file: text.path, key: "tokenizer.ggml.tokens", expected: "a token \(token)",
                    found: "a list without")
            }
            tree.add(name, .integer(id), from: "tokenizer.ggml.tokens")
        }
        tree.add("model_type", .string(family.rawValue), from: "clip.projector_type")
        return tree.file(path: text.path)
    }

    private func addText(_ tree: inout GGUFTree) throws(CheckpointError) {
        for (name, key) in [
            ("hidden_size", "embedding_length"), ("intermediate_size", "feed_forward_length"),
            ("num_hidden_layers", "block_count"), ("num_attention_heads", "attention.head_count"),
            ("num_key_value_heads", "attention.head_count_kv"),
            ("rms_norm_eps", "attention.layer_norm_rms_epsilon"),
            ("max_position_embeddings", "context_length"), ("rope_theta", "rope.freq_base"),
            ("rope_scaling.type", "rope.scaling.type"),
        ] {
            let key = "\(Self.architecture).\(key)"
            guard let value = text.metadata[key] else { continue }
            guard var json = value.json else { throw text.wrong(key, "a single value") }
            if case .string("none") = json { json = .string("default") }
            tree.add("text_config.\(name)", json, from: key)
        }
        let sectionsKey = "\(Self.architecture).rope.dimension_sections"
        if var sections = try text.numbers(sectionsKey, atMost: 8) {
            if sections.count == 4, case .integer(0) = sections[3] { sections.removeLast() }
            tree.add("text_config.rope_scaling.mrope_section", .array(sections), from: sectionsKey)
        }
        guard let count = text.length("tokenizer.ggml.tokens") else {
            throw text.wrong("tokenizer.ggml.tokens", "a list of tokens")
        }
        tree.add("text_config.vocab_size", .integer(count), from: "tokenizer.ggml.tokens")
        try checkHeads()
    }

    /// Heads of a width of their own are not what this network has.
    private func checkHeads() throws(CheckpointError) {
        let prefix = "\(Self.architecture).attention."
        guard let width = try text.integer("\(Self.architecture).embedding_length"),
            let heads = try text.integer(prefix + "head_count"), heads > 0
        else { return }
        for key in [prefix + "key_length", prefix + "value_length"] {
            guard let length = try text.integer(key), length != width / heads else { continue }
            throw text.wrong(key, "\(width / heads), the share of a head")
        }
    }

    private func addVision(_ tree: inout GGUFTree) throws(CheckpointError) {
        let isOlder = family == .qwen2VL
        var names = [
            ("depth", "block_count"), ("num_heads", "attention.head_count"),
            ("patch_size", "patch_size"), ("spatial_merge_size", "spatial_merge_size"),
            (isOlder ? "embed_dim" : "hidden_size", "embedding_length"),
            (isOlder ? "hidden_size" : "out_hidden_size", "projection_dim"),
            ("window_size", "window_size"),
        ]
        // The converter writes the width of the output in its place for Qwen2-VL.
        if !isOlder { names.append(("intermediate_size", "feed_forward_length")) }
        for (name, key) in names {
            let key = "clip.vision.\(key)"
            guard let value = vision.metadata[key] else { continue }
            guard let json = value.json else { throw vision.wrong(key, "a single value") }
            tree.add("vision_config.\(name)", json, from: key)
        }
        guard !isOlder else {
            let name = "v.blk.0.ffn_up.weight"
            guard let shape = vision.tensors[name]?.shape, shape.count == 2 else { return }
            let ratio = Double(shape.max() ?? 0) / Double(max(1, shape.min() ?? 0))
            return tree.add("vision_config.mlp_ratio", .number(ratio), from: name)
        }
        let patternKey = "clip.vision.n_wa_pattern"
        guard let pattern = try vision.integer(patternKey), (1...256).contains(pattern) else {
            throw vision.wrong(patternKey, "a whole number from 1 to 256")
        }
        let depth = try vision.integer("clip.vision.block_count") ?? 0
        let full = stride(from: pattern - 1, to: min(depth, 256), by: pattern)
        tree.add(
            "vision_config.fullatt_block_indexes", .array(full.map { .integer($0) }),
            from: patternKey)
    }

    /// How to sample: what the makers suggest, as far as the metadata hold it, and what ends a turn.
    func generation() throws(CheckpointError) -> JSONFile {
        var tree = GGUFTree()
        for (name, key) in [
            ("temperature", "temp"), ("top_k", "top_k"), ("top_p", "top_p"),
            ("repetition_penalty", "penalty_repeat"),
        ] {
            let key = "general.sampling.\(key)"
            guard let json = text.metadata[key]?.json else { continue }
            tree.add(name, json, from: key)
        }
        if case .number(let temperature)? = text.metadata["general.sampling.temp"] {
            tree.add("do_sample", .bool(temperature > 0), from: "general.sampling.temp")
        }
        var ends: [Int] = []
        if let end = try text.integer("tokenizer.ggml.eos_token_id") { ends.append(end) }
        // GGUF holds one end; the published checkpoints have these two.
        for token in ["<|im_end|>", "<|endoftext|>"] {
            if let id = try id(ofToken: token), !ends.contains(id) { ends.append(id) }
        }
        tree.add(
            "eos_token_id", .array(ends.map { .integer($0) }), from: "tokenizer.ggml.eos_token_id")
        return tree.file(path: text.path)
    }

    /// The id of a token by its text; `nil` without it.
    func id(ofToken wanted: String) throws(CheckpointError) -> Int? {
        var found: Int?
        do {
            try text.forEachString("tokenizer.ggml.tokens") { index, bytes in
                if found == nil, bytes.elementsEqual(wanted.utf8) { found = index }
            }
        } catch let error as CheckpointError {
            throw error
        } catch {
            return nil
        }
        return found
    }

    /// Patch sizes and normalisation of pictures.
    func imageProcessor() throws(CheckpointError) -> ImageProcessorFile {
        func channels(_ key: String, _ usual: [Double]) throws(CheckpointError) -> [Double]? {
            let numbers = try vision.numbers(key, atMost: 4)?.map { value -> Double in
                switch value {
                case .number(let number): number
                case .integer(let number): Double(number)
                default: .nan
                }
            }
            // Stored in single precision; the usual numbers are meant to the last digit.
            return numbers?.map(Float.init) == usual.map(Float.init) ? usual : numbers
        }
        let usual = ImagePreprocessorConfiguration()
        var json = ImageProcessorFile.JSON()
        json.patchSize = try vision.integer("clip.vision.patch_size")
        json.mergeSize = try vision.integer("clip.vision.spatial_merge_size")
        json.imageMean = try channels("clip.vision.image_mean", usual.mean)
        json.imageStd = try channels("clip.vision.image_std", usual.standardDeviation)
        json.minPixels = try vision.integer("clip.vision.image_min_pixels")
        // Every published checkpoint of the family states this limit.
        json.maxPixels = 16_384 * 28 * 28
        if let limit = try vision.integer("clip.vision.image_max_pixels") { json.maxPixels = limit }
        return ImageProcessorFile(name: vision.path, json: json)
    }
}

/// Collects values under paths of keys, and where each came from.
private struct GGUFTree {
    private var values: [String: JSONValue] = [:]
    private var origins: [String: String] = [:]

    mutating func add(_ path: String, _ value: JSONValue, from key: String) {
        values[path] = value
        origins[path] = key
    }

    func file(path: String) -> JSONFile {
        JSONFile(
            path: path, members: members(values.map { ($0.key[...], $0.value) }), names: origins)
    }

    private func members(_ values: [(Substring, JSONValue)]) -> [(String, JSONValue)] {
        let groups = Dictionary(grouping: values) { path, _ in
            String(path.prefix { $0 != "." })
        }
        return groups.sorted { $0.key < $1.key }.map { key, values in
            guard values.count > 1 || values[0].0.count > key.count else {
                return (key, values[0].1)
            }
            return (key, .object(members(values.map { ($0.0.dropFirst(key.count + 1), $0.1) })))
        }
    }
}
