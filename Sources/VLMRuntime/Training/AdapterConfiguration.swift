import Foundation

/// `adapter_config.json` as PEFT writes it, reduced to what changes a forward pass.
///
/// Everything that would change it in a way this program does not follow is refused by name, so
/// that a foreign adapter is either exact or not loaded. Source: PEFT `LoraConfig`.
struct AdapterConfiguration: Equatable {
    /// `lora_alpha` where no pattern says otherwise.
    let alpha: Double
    let usesRankStabilization: Bool
    let baseModel: String
    /// Module paths (or their last parts) with an alpha of their own.
    let alphaPattern: [(key: String, isWhole: Bool, alpha: Double)]

    static func == (a: AdapterConfiguration, b: AdapterConfiguration) -> Bool {
        a.alpha == b.alpha && a.usesRankStabilization == b.usesRankStabilization
            && a.baseModel == b.baseModel && a.alphaPattern.map(\.key) == b.alphaPattern.map(\.key)
            && a.alphaPattern.map(\.alpha) == b.alphaPattern.map(\.alpha)
    }

    init(path: String) throws(AdapterError) {
        do throws(CheckpointError) {
            let file = try JSONFile(path: path, limit: 1 << 20)
            let unsupported = try Self.unsupportedKey(file)
            if let unsupported {
                let value = file.value(unsupported).map(JSONFile.text) ?? "absent"
                throw CheckpointError.unsupported(
                    file: path, feature: "'\(unsupported)' = \(value)")
            }
            alpha = try file.number("lora_alpha", in: 0...1e6)
            usesRankStabilization = try file.bool("use_rslora") ?? false
            baseModel = printable(try file.string("base_model_name_or_path") ?? "")
            alphaPattern = try Self.alphaPattern(file)
        } catch {
            if case .unsupported(let file, let feature) = error {
                let parts = feature.split(separator: "=", maxSplits: 1).map {
                    $0.trimmingCharacters(in: CharacterSet(charactersIn: "' "))
                }
                throw .unsupported(
                    file: file, key: parts.first ?? feature, found: parts.last ?? "set")
            }
            throw .checkpoint(error)
        }
    }

    /// The alpha of a module, given by the path in its file.
    func alpha(ofModule path: String) -> Double {
        alphaPattern.first { pattern in
            path == pattern.key || !pattern.isWhole && path.hasSuffix("." + pattern.key)
        }?.alpha ?? alpha
    }

    /// The first key that asks for more than plain LoRA.
    private static func unsupportedKey(_ file: JSONFile) throws(CheckpointError) -> String? {
        guard try file.string("peft_type") == "LORA" else { return "peft_type" }
        if let bias = try file.string("bias"), bias != "none" { return "bias" }
        for key in ["use_dora", "fan_in_fan_out", "lora_bias", "use_qalora"] {
            if try file.bool(key) ?? false { return key }
        }
        for key in [
            "modules_to_save", "layer_replication", "trainable_token_indices", "target_parameters",
            "alora_invocation_tokens", "use_bdlora", "arrow_config", "kasa_config",
            "velora_config", "monteclora_config",
        ] {
            switch file.value(key) {
            case nil, .bool(false)?: continue
            case .array(let items)? where items.isEmpty: continue
            case .object(let members)? where members.isEmpty: continue
            default: return key
            }
        }
        // Other ways of starting change the base weights too, which are not in the folder.
        switch file.value("init_lora_weights") {
        case nil, .bool?: return nil
        case .string(let name)? where ["gaussian", "eva", "orthogonal"].contains(name): return nil
        default: return "init_lora_weights"
        }
    }

    /// PEFT reads the keys as regular expressions; names and their last parts are all that is
    /// written in practice and all that is read here.
    private static func alphaPattern(
        _ file: JSONFile
    ) throws(CheckpointError) -> [(key: String, isWhole: Bool, alpha: Double)] {
        guard file.value("alpha_pattern") != nil else { return [] }
        var patterns: [(key: String, isWhole: Bool, alpha: Double)] = []
        for (key, value) in try file.members("alpha_pattern") {
            let alpha: Double? =
                switch value {
                case .integer(let number): Double(number)
                case .number(let number): number
                default: nil
                }
            guard let alpha, alpha.isFinite else {
                throw .value(
                    file: file.path, key: "alpha_pattern.\(printable(key))",
                    expected: "a number", found: JSONFile.text(value))
            }
            let name = key.replacingOccurrences(of: "\\.", with: ".")
            let plain = name.hasPrefix("^") ? String(name.dropFirst()) : name
            let isPlain = plain.utf8.allSatisfy { byte in
                byte.isASCIILetterOrDigit || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            }
            guard isPlain, !plain.isEmpty else {
                throw .unsupported(
                    file: file.path,
                    feature: "'alpha_pattern' = the expression \"\(printable(key))\"")
            }
            patterns.append((plain, name.hasPrefix("^"), alpha))
        }
        return patterns
    }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
