/// The networks this runtime knows.
public enum ModelFamily: String, Sendable, Codable, CaseIterable {
    case qwen25VL = "qwen2_5_vl"
    case qwen2VL = "qwen2_vl"
    /// Dense only; the mixtures of experts (`qwen3_vl_moe`) are another network.
    case qwen3VL = "qwen3_vl"

    /// What the published chat template says when a conversation has no system turn.
    public var defaultSystemPrompt: String? {
        switch self {
        case .qwen25VL, .qwen2VL: ChatTemplate.qwenSystemPrompt
        case .qwen3VL: nil
        }
    }

    /// How the family writes places in a picture.
    public var boxUnits: BoxUnits {
        switch self {
        case .qwen25VL: .pixels
        case .qwen2VL, .qwen3VL: .thousandths
        }
    }

    /// Pixels per side of the square that becomes one token, in published checkpoints.
    public var cellSide: Int {
        switch self {
        case .qwen25VL, .qwen2VL: 28
        case .qwen3VL: 32
        }
    }

    /// What a model's name suggests, where there is no `config.json` to ask, as with one on a server.
    public static func suggested(byName name: String) -> ModelFamily {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
        if words.contains(where: { $0.hasPrefix("qwen3") }) { return .qwen3VL }
        let isOlder = zip(words, words.dropFirst()).contains { $0 == ("qwen2", "vl") }
        return isOlder || words.contains("qwen2vl") ? .qwen2VL : .qwen25VL
    }

    /// The family that `config.json` names.
    ///
    /// - Throws: `CheckpointError` naming what was found and what is supported.
    init(_ file: JSONFile) throws(CheckpointError) {
        let known = Self.allCases.map { "\"\($0.rawValue)\"" }
        let expected = known.dropLast().joined(separator: ", ") + " or " + (known.last ?? "")
        guard let name = try file.string("model_type") else {
            throw file.wrong("model_type", expected)
        }
        guard let family = ModelFamily(rawValue: name) else {
            guard name.hasSuffix("_moe") else { throw file.wrong("model_type", expected) }
            throw .unsupported(
                file: file.path, feature: "model_type \"\(printable(name))\", a mixture of experts,"
            )
        }
        self = family
    }
}

/// What the numbers of a box in an answer count.
public enum BoxUnits: String, Sendable, Codable, CaseIterable {
    /// Pixels of the picture as the model saw it.
    case pixels
    /// Thousandths of its width and height.
    case thousandths
}
