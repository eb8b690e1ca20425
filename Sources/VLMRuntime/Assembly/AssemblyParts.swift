import Foundation

/// Both sides of an assembly, opened and found to fit.
struct AssemblyParts {
    let hiddenSize: Int
    let vocabularySize: Int
    private let text: JSONFile
    private let vision: JSONFile
    /// By canonical names.
    private let languageTensors: [String: Tensor]
    private let visionTensors: [String: Tensor]
    private let sections: [Int]
    private let isTied: Bool
    private let visionWidth: Int
    private let mergeArea: Int

    init(_ assembly: CheckpointAssembly) throws {
        text = try Self.configuration(
            assembly.language, type: "qwen2", what: "a Qwen2.5 language model")
        vision = try Self.configuration(
            assembly.vision, type: "qwen2_5_vl", what: "a Qwen2.5-VL checkpoint")
        let seen = try ModelConfiguration(vision)
        hiddenSize = try text.integer("hidden_size", in: 8...65_536)
        vocabularySize = try text.integer("vocab_size", in: 1...2_000_000)
        let heads = try text.integer("num_attention_heads", in: 1...1024)
        sections = seen.text.ropeSections
        guard hiddenSize % heads == 0, sections.reduce(0, +) * 2 == hiddenSize / heads else {
            throw CheckpointError.refused(
                file: text.path,
                problem: "its heads have \(hiddenSize / heads) features, but the positions of "
                    + "\(vision.path) are for heads of \(2 * sections.reduce(0, +))",
                advice: "join models of the same generation")
        }
        guard assembly.newMergerSeed != nil || seen.vision.outputSize == hiddenSize else {
            throw CheckpointError.refused(
                file: vision.path,
                problem: "its vision tower makes rows of \(seen.vision.outputSize) features, but "
                    + "the language model \(text.path) reads rows of \(hiddenSize)",
                advice: "take the Qwen2.5-VL checkpoint of the same size, or --new-merger to train "
                    + "another one")
        }
        visionWidth = seen.vision.hiddenSize
        mergeArea = seen.vision.mergeArea
        languageTensors = try Weights.tensors(in: assembly.language)
        visionTensors = try Weights.tensors(in: assembly.vision)
        let saysTied = try text.bool("tie_word_embeddings") ?? false
        isTied = saysTied || languageTensors["lm_head.weight"] == nil
    }

    private static func configuration(
        _ folder: URL, type: String, what: String
    ) throws(CheckpointError) -> JSONFile {
        let source = try CheckpointSource(folder)
        guard case .folder = source else {
            throw .refused(
                file: folder.path, problem: "this is GGUF, not \(what) with *.safetensors",
                advice: "name the folder of the original checkpoint")
        }
        let file = try source.configuration()
        guard try file.string("model_type") == type else {
            throw .refused(
                file: file.path,
                problem:
                    "'model_type' is \(file.value("model_type").map(JSONFile.text) ?? "not there"), "
                    + "expected \"\(type)\", \(what)",
                advice: "name the folder of the language model first, then that of the vision tower"
            )
        }
        if file.value("quantization_config") != nil {
            throw .unsupported(file: file.path, feature: "a quantised checkpoint (AWQ, GPTQ, FP8)")
        }
        return file
    }

    // MARK: Tensors

    /// What goes into the folder, in order; the language model first.
    func tensors(newMergerSeed seed: UInt64?) throws(CheckpointError) -> [AssembledTensor] {
        if let stray = languageTensors.values.filter({
            Weights.canonical($0.name).hasPrefix("visual.")
        })
        .min(by: { $0.name < $1.name }) {
            throw .unexpectedTensor(file: stray.file.path, tensor: printable(stray.name))
        }
        var result: [AssembledTensor] = []
        for (name, tensor) in Self.inOrder(languageTensors) {
            if name == "lm_head.weight", isTied { continue }
            let full = name == "lm_head.weight" ? name : "model.\(name)"
            result.append(AssembledTensor(full, tensor))
        }
        for (name, tensor) in Self.inOrder(visionTensors) where name.hasPrefix("visual.") {
            if seed != nil, name.hasPrefix("visual.merger.") { continue }
            result.append(AssembledTensor(name, tensor))
        }
        if let seed { result += newMerger(seed) }
        return result
    }

    /// Neighbours in the file stay neighbours, so that it is read straight through.
    private static func inOrder(_ tensors: [String: Tensor]) -> [(String, Tensor)] {
        tensors.sorted {
            ($0.value.file.path, $0.value.pointer) < ($1.value.file.path, $1.value.pointer)
        }
    }

    /// A merger as PyTorch makes it: uniform within ±1/√inputs, the norm's weights 1.
    private func newMerger(_ seed: UInt64) -> [AssembledTensor] {
        var random = RandomSource(seed: seed)
        let wide = visionWidth * mergeArea
        func uniform(_ count: Int) -> [Float] {
            let limit = 1 / Double(wide).squareRoot()
            return (0..<count).map { _ in
                let unit = Double(random.next() >> 11) / Double(1 << 53)
                return Float((2 * unit - 1) * limit)
            }
        }
        let prefix = "visual.merger."
        return [
            AssembledTensor(
                prefix + "ln_q.weight", [visionWidth], [Float](repeating: 1, count: visionWidth)),
            AssembledTensor(prefix + "mlp.0.weight", [wide, wide], uniform(wide * wide)),
            AssembledTensor(prefix + "mlp.0.bias", [wide], uniform(wide)),
            AssembledTensor(
                prefix + "mlp.2.weight", [hiddenSize, wide], uniform(hiddenSize * wide)),
            AssembledTensor(prefix + "mlp.2.bias", [hiddenSize], uniform(hiddenSize)),
        ]
    }

    // MARK: Configuration

    /// `config.json` in the nested layout.
    func configurationText() throws(CheckpointError) -> Data {
        let dropped: Set<String> = [
            "architectures", "model_type", "transformers_version", "torch_dtype", "dtype",
            "rope_theta", "rope_scaling", "rope_parameters", "tie_word_embeddings", "auto_map",
        ]
        let ropeTheta = try TextConfiguration.ropeTheta(text, "", or: 1e6)
        try refuseRopeScaling()
        var language = text.all.filter { !dropped.contains($0.0) }
        language += [
            ("model_type", .string("qwen2_5_vl_text")), ("rope_theta", .number(ropeTheta)),
            (
                "rope_scaling",
                .object([
                    ("type", .string("mrope")),
                    ("mrope_section", .array(sections.map { .integer($0) })),
                ])
            ),
            ("tie_word_embeddings", .bool(isTied)),
        ]
        var tower = try vision.members("vision_config").filter { $0.0 != "out_hidden_size" }
        tower.append(("out_hidden_size", .integer(hiddenSize)))
        var root: [(String, JSONValue)] = [
            ("architectures", .array([.string("Qwen2_5_VLForConditionalGeneration")])),
            ("model_type", .string("qwen2_5_vl")), ("tie_word_embeddings", .bool(isTied)),
            ("text_config", .object(language)), ("vision_config", .object(tower)),
        ]
        for key in [
            "image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id",
            "vision_token_id",
        ] {
            if let id = vision.value(key) { root.append((key, id)) }
        }
        for key in ["torch_dtype", "dtype"] {
            if let type = text.value(key) { root.append((key, type)) }
        }
        return Data((JSONText.pretty(.object(root)) + "\n").utf8)
    }

    /// Stretched positions (YaRN) mean something else to a model that sees pictures.
    private func refuseRopeScaling() throws(CheckpointError) {
        for key in ["rope_scaling", "rope_parameters"] {
            for type in ["rope_type", "type"] {
                guard let found = try text.string("\(key).\(type)"), found != "default" else {
                    continue
                }
                throw .unsupported(file: text.path, feature: "rope type '\(printable(found))'")
            }
        }
    }
}

/// A tensor of the folder to be written: one of a checkpoint as it is, or fresh values.
struct AssembledTensor {
    enum Source {
        case stored(Tensor)
        case fresh([Float])
    }

    let name: String
    let shape: [Int]
    let source: Source

    init(_ name: String, _ tensor: Tensor) {
        self.name = name
        shape = tensor.shape
        source = .stored(tensor)
    }

    init(_ name: String, _ shape: [Int], _ values: [Float]) {
        self.name = name
        self.shape = shape
        source = .fresh(values)
    }

    var type: TensorType {
        switch source {
        case .stored(let tensor): tensor.type
        case .fresh: .float32
        }
    }

    var byteCount: Int { type.byteCount(of: shape.reduce(1, *)) }

    /// Hands the bytes over, at most so many at a time.
    func forEachPiece(
        of size: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        func cut(_ bytes: UnsafeRawBufferPointer) throws {
            for start in stride(from: 0, to: bytes.count, by: size) {
                let end = min(start + size, bytes.count)
                try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            }
        }
        switch source {
        case .stored(let tensor):
            try cut(UnsafeRawBufferPointer(start: tensor.pointer, count: tensor.byteCount))
            withExtendedLifetime(tensor.file) {}
        case .fresh(let values): try values.withUnsafeBytes { try cut($0) }
        }
    }
}
