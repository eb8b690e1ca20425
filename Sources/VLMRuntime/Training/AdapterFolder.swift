public import Foundation

/// How the modules are spelt in an adapter's tensor names.
///
/// PEFT takes the names of the Transformers version at hand and passes over others in silence.
public enum AdapterNaming: String, Sendable, Codable, CaseIterable {
    /// `model.language_model.layers.0…`, Transformers 4.52 and newer.
    case current
    /// `model.layers.0…`, older versions and servers built on them.
    case old

    var prefix: String { self == .current ? "model.language_model." : "model." }

    /// The module's path in a file: the head stands outside the language model.
    func path(of module: String) -> String { module == "lm_head" ? module : prefix + module }
}

extension Adapter {
    static let configurationFile = "adapter_config.json"
    static let weightsFile = "adapter_model.safetensors"

    /// Reads a PEFT folder.
    ///
    /// Every tensor must find its module, with its partner and the right shape; F32, F16 and BF16
    /// are accepted and become F32.
    ///
    /// - Parameter model: what the adapter is to change.
    /// - Throws: `AdapterError`, one sentence naming file, key or tensor, and what was expected.
    public init(folder: URL, for model: VisionLanguageModel) throws(AdapterError) {
        try self.init(folder: folder, model.configuration.text)
    }

    init(folder: URL, _ text: TextConfiguration) throws(AdapterError) {
        for name in [Self.configurationFile, Self.weightsFile] {
            let path = folder.appendingPathComponent(name).path
            guard FileManager.default.fileExists(atPath: path) else {
                throw .missingFile(folder: folder.path, file: name)
            }
        }
        let configuration = try AdapterConfiguration(
            path: folder.appendingPathComponent(Self.configurationFile).path)
        let path = folder.appendingPathComponent(Self.weightsFile).path
        let pairs = try AdapterTensors(path: path, text).pairs
        var slots: [AdapterSlot] = []
        for module in text.adaptableModules {
            guard let pair = pairs[module.name] else { continue }
            let rank = pair.a.shape[0]
            let alpha = configuration.alpha(ofModule: pair.path)
            let divisor =
                configuration.usesRankStabilization ? Double(rank).squareRoot() : Double(rank)
            slots.append(
                AdapterSlot(
                    module: module.name, inputSize: module.inputSize,
                    outputSize: module.outputSize, rank: rank, alpha: alpha,
                    scale: Float(alpha / divisor), offset: slots.last?.end ?? 0))
        }
        var values = Matrix(uninitializedRows: 1, columns: slots.last?.end ?? 0)
        let target = values.mutable
        for slot in slots {
            guard let pair = pairs[slot.module] else { continue }
            for (tensor, offset) in [(pair.a, slot.offset), (pair.b, slot.offsetOfB)] {
                let floats = tensor.floats()
                guard floats.allSatisfy(\.isFinite) else {
                    throw .tensor(
                        file: path, tensor: printable(tensor.name),
                        problem: "holds values that are not numbers")
                }
                for (index, value) in floats.enumerated() { target[offset + index] = value }
            }
        }
        self.init(
            slots: slots, values: values,
            usesRankStabilization: configuration.usesRankStabilization,
            baseModel: configuration.baseModel)
    }

    /// Writes a PEFT folder that Transformers with PEFT loads; an existing one is replaced file by
    /// file, each of them at once.
    ///
    /// - Throws: `AdapterError.unwritable`.
    public func write(
        to folder: URL, naming: AdapterNaming = .current
    ) throws(AdapterError) {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .unwritable(path: folder.path, reason: "the folder cannot be made")
        }
        var parts: [SafetensorsWriter.Part] = []
        for slot in slots {
            let name = "base_model.model." + naming.path(of: slot.module)
            parts.append(
                .init(
                    name: name + ".lora_A.weight", shape: [slot.rank, slot.inputSize],
                    values: values, offset: slot.offset))
            parts.append(
                .init(
                    name: name + ".lora_B.weight", shape: [slot.outputSize, slot.rank],
                    values: values, offset: slot.offsetOfB))
        }
        do {
            try SafetensorsWriter.write(
                parts, metadata: ["format": "pt"],
                to: folder.appendingPathComponent(Self.weightsFile))
            try DurableFile.write(
                Data(configurationText(naming).utf8),
                to: folder.appendingPathComponent(Self.configurationFile))
        } catch {
            throw .unwritable(path: error.path, reason: error.reason)
        }
    }

    /// The keys that every version of PEFT understands.
    private func configurationText(_ naming: AdapterNaming) -> String {
        let (rank, alpha) = (slots.first?.rank ?? 1, slots.first?.alpha ?? 1)
        let ranks = slots.filter { $0.rank != rank }.map { ($0.module, Double($0.rank)) }
        let alphas = slots.filter { $0.alpha != alpha }.map { ($0.module, $0.alpha) }
        func pattern(_ items: [(String, Double)]) -> String {
            let members = items.map { module, value in
                "\"\(naming.path(of: module))\": \(Self.number(value))"
            }
            return "{\(members.joined(separator: ", "))}"
        }
        // A plain list of last parts would also hit the vision tower, whose MLPs are named alike.
        let targets = targetNames.filter { $0 != "lm_head" }
        let prefix = naming.prefix.replacingOccurrences(of: ".", with: "\\\\.")
        let inside = "\(prefix)layers\\\\..*\\\\.(\(targets.joined(separator: "|")))"
        let hasHead = slots.contains { $0.module == "lm_head" }
        let expression = !hasHead ? inside : targets.isEmpty ? "lm_head" : "(\(inside)|lm_head)"
        return """
            {
              "alpha_pattern": \(pattern(alphas)),
              "base_model_name_or_path": \(SafetensorsWriter.quoted(baseModel)),
              "bias": "none",
              "fan_in_fan_out": false,
              "inference_mode": true,
              "init_lora_weights": true,
              "lora_alpha": \(Self.number(alpha)),
              "lora_dropout": 0.0,
              "modules_to_save": null,
              "peft_type": "LORA",
              "r": \(rank),
              "rank_pattern": \(pattern(ranks)),
              "target_modules": "\(expression)",
              "task_type": "CAUSAL_LM",
              "use_dora": false,
              "use_rslora": \(usesRankStabilization)
            }

            """
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}

/// The tensors of `adapter_model.safetensors`, each with its partner, by canonical module name.
private struct AdapterTensors {
    typealias Pair = (a: Tensor, b: Tensor, path: String)
    let pairs: [String: Pair]

    private static let prefix = "base_model.model."

    init(path: String, _ text: TextConfiguration) throws(AdapterError) {
        let contents: Safetensors
        do throws(CheckpointError) {
            contents = try Safetensors(path: path)
        } catch {
            throw .checkpoint(error)
        }
        guard !contents.tensors.isEmpty else {
            throw .tensor(file: path, tensor: "lora_A", problem: "is missing: the file is empty")
        }
        var halves: [String: (a: Tensor?, b: Tensor?, path: String)] = [:]
        for (name, tensor) in contents.tensors.sorted(by: { $0.key < $1.key }) {
            let (module, isA) = try Self.parse(name, file: path)
            guard tensor.type.kernelType != nil, tensor.shape.count == 2 else {
                throw .tensor(
                    file: path, tensor: printable(name),
                    problem: "is \(tensor.type.rawValue) with shape \(tensor.shape), expected a "
                        + "matrix of F32, F16 or BF16")
            }
            let canonical = Weights.canonical(module)
            var half = halves[canonical] ?? (nil, nil, module)
            guard half.path == module, (isA ? half.a : half.b) == nil else {
                throw .tensor(
                    file: path, tensor: printable(name), problem: "is there a second time")
            }
            if isA { half.a = tensor } else { half.b = tensor }
            halves[canonical] = half
        }
        pairs = try Self.checked(halves, file: path, text)
    }

    /// `base_model.model.<path>.lora_A.weight` → path and which half it is.
    private static func parse(
        _ name: String, file: String
    ) throws(AdapterError) -> (module: String, isA: Bool) {
        for (suffix, isA) in [(".lora_A.weight", true), (".lora_B.weight", false)]
        where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
            let module = name.dropFirst(prefix.count).dropLast(suffix.count)
            return (String(module), isA)
        }
        throw .tensor(
            file: file, tensor: printable(name),
            problem: "is not one half of a LoRA pair "
                + "(base_model.model.….lora_A.weight or lora_B.weight)")
    }

    private static func checked(
        _ halves: [String: (a: Tensor?, b: Tensor?, path: String)], file: String,
        _ text: TextConfiguration
    ) throws(AdapterError) -> [String: Pair] {
        var sizes: [String: (Int, Int)] = [:]
        for module in text.adaptableModules {
            sizes[module.name] = (module.inputSize, module.outputSize)
        }
        var pairs: [String: Pair] = [:]
        for (module, half) in halves.sorted(by: { $0.key < $1.key }) {
            let shown = printable(half.path)
            guard let (input, output) = sizes[module] else {
                throw .tensor(
                    file: file, tensor: shown,
                    problem: module.hasPrefix("visual.")
                        ? "changes the vision tower, and only the language model can be adapted"
                        : "has no place in the language model")
            }
            guard let a = half.a, let b = half.b else {
                throw .tensor(
                    file: file, tensor: shown,
                    problem: "has only one half of its pair (lora_A and lora_B belong together)")
            }
            let rank = a.shape[0]
            guard rank > 0, a.shape[1] == input, b.shape == [output, rank] else {
                throw .tensor(
                    file: file, tensor: shown,
                    problem: "has lora_A \(a.shape) and lora_B \(b.shape), expected "
                        + "[r, \(input)] and [\(output), r]")
            }
            pairs[module] = (a, b, half.path)
        }
        return pairs
    }
}
