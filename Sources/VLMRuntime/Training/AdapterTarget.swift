/// The linears of a decoder layer that an adapter may change.
public enum AdapterTarget: String, Sendable, Codable, CaseIterable {
    case query = "q_proj"
    case key = "k_proj"
    case value = "v_proj"
    case output = "o_proj"
    case gate = "gate_proj"
    case up = "up_proj"
    case down = "down_proj"

    /// The module's path inside its layer, as checkpoints spell it.
    var path: String {
        switch self {
        case .query, .key, .value, .output: "self_attn.\(rawValue)"
        case .gate, .up, .down: "mlp.\(rawValue)"
        }
    }

    /// The canonical name of the module in a layer: `layers.3.self_attn.q_proj`.
    func module(layer: Int) -> String { "layers.\(layer).\(path)" }
}

extension TextConfiguration {
    /// Sizes of every linear that an adapter may change, by canonical name, in the order in which
    /// the network uses them; `lm_head` last.
    var adaptableModules: [(name: String, inputSize: Int, outputSize: Int)] {
        var modules: [(String, Int, Int)] = []
        for layer in 0..<layerCount {
            for target in AdapterTarget.allCases {
                let (input, output) =
                    switch target {
                    case .query: (hiddenSize, queryWidth)
                    case .key, .value: (hiddenSize, keyValueWidth)
                    case .output: (queryWidth, hiddenSize)
                    case .gate, .up: (hiddenSize, intermediateSize)
                    case .down: (intermediateSize, hiddenSize)
                    }
                modules.append((target.module(layer: layer), input, output))
            }
        }
        return modules + [("lm_head", hiddenSize, vocabularySize)]
    }
}
