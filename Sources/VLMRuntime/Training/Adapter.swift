import Foundation

/// What an adapter is to look like before it has values.
public struct AdapterPlan: Sendable, Equatable {
    /// Width of the narrow middle of each pair.
    public var rank: Int
    /// Scales what the pairs add: `alpha / rank`.
    public var alpha: Double
    /// Divides by the square root of the rank instead (rsLoRA, arXiv 2312.03732).
    public var usesRankStabilization: Bool
    /// Which linears of every layer get a pair.
    public var targets: [AdapterTarget]

    /// RePIC's proportions (alpha twice the rank, all seven linears) at a rank for small machines.
    public init(
        rank: Int = 16, alpha: Double = 32, usesRankStabilization: Bool = false,
        targets: [AdapterTarget] = AdapterTarget.allCases
    ) {
        self.rank = rank
        self.alpha = alpha
        self.usesRankStabilization = usesRankStabilization
        self.targets = targets
    }

    func scale(rank: Int, alpha: Double) -> Float {
        Float(alpha / (usesRankStabilization ? Double(rank).squareRoot() : Double(rank)))
    }
}

/// Low-rank pairs for some linears of a language model: a small file that changes a large model.
///
/// All pairs lie in one run of floats, so that optimizers, checkpoints and norms are single loops.
/// Copies share it until one is changed.
public struct Adapter: Sendable {
    /// In the order of `TextConfiguration.adaptableModules`.
    let slots: [AdapterSlot]
    /// All values, `[1, parameterCount]`.
    var values: Matrix
    /// Whether scales divide by the square root of the rank.
    let usesRankStabilization: Bool
    /// What the makers say it belongs to; may be empty.
    public let baseModel: String
    private let slotOfModule: [String: Int]

    init(
        slots: [AdapterSlot], values: Matrix, usesRankStabilization: Bool, baseModel: String
    ) {
        precondition((slots.last?.end ?? 0) == values.count)
        self.slots = slots
        self.values = values
        self.usesRankStabilization = usesRankStabilization
        self.baseModel = baseModel
        slotOfModule = Dictionary(
            uniqueKeysWithValues: slots.enumerated().map { ($1.module, $0) })
    }

    /// An adapter that changes nothing yet: A is random, B is zero.
    ///
    /// A is uniform in ±1/sqrt(inputSize), as PEFT draws it.
    ///
    /// - Precondition: the plan has a positive rank and at least one target.
    public init(
        _ plan: AdapterPlan, for model: VisionLanguageModel, seed: UInt64
    ) {
        self.init(
            plan, model.configuration.text, seed: seed, baseModel: model.folder.lastPathComponent)
    }

    init(_ plan: AdapterPlan, _ text: TextConfiguration, seed: UInt64, baseModel: String = "") {
        precondition(plan.rank > 0 && !plan.targets.isEmpty)
        var slots: [AdapterSlot] = []
        for module in text.adaptableModules
        where plan.targets.contains(where: { module.name.hasSuffix("." + $0.path) }) {
            slots.append(
                AdapterSlot(
                    module: module.name, inputSize: module.inputSize,
                    outputSize: module.outputSize, rank: plan.rank, alpha: plan.alpha,
                    scale: plan.scale(rank: plan.rank, alpha: plan.alpha),
                    offset: slots.last?.end ?? 0))
        }
        var values = Matrix(rows: 1, columns: slots.last?.end ?? 0)
        var random = RandomSource(seed: seed)
        let target = values.mutable
        for slot in slots {
            let bound = 1 / Double(slot.inputSize).squareRoot()
            for index in slot.offset..<slot.offsetOfB {
                target[index] = Float((2 * random.nextUnit() - 1) * bound)
            }
        }
        self.init(
            slots: slots, values: values, usesRankStabilization: plan.usesRankStabilization,
            baseModel: baseModel)
    }

    /// Number of trained values.
    public var parameterCount: Int { values.count }

    /// Largest rank of a pair.
    public var rank: Int { slots.map(\.rank).max() ?? 0 }

    /// Last parts of the module names, without repetition, such as `q_proj` and `v_proj`.
    public var targetNames: [String] {
        var names: [String] = []
        for slot in slots {
            let name = slot.module.split(separator: ".").last.map(String.init) ?? slot.module
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// The pair of a module, if it has one.
    subscript(module: String) -> LowRankPair? {
        slotOfModule[module].map { LowRankPair(slot: slots[$0], values: values) }
    }

    /// A number that differs between adapters with different values: part of a cache's key.
    public func fingerprint() -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ word: UInt64) {
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
        }
        for slot in slots {
            slot.module.utf8.forEach { mix(UInt64($0)) }
            mix(UInt64(slot.rank))
            mix(UInt64(slot.scale.bitPattern))
        }
        let source = values.pointer
        for index in 0..<values.count { mix(UInt64(source[index].bitPattern)) }
        withExtendedLifetime(values) {}
        return hash
    }
}

extension LanguageModel {
    /// The same weights with an adapter's pairs on its linears, or without any.
    func adapted(by adapter: Adapter?) -> LanguageModel {
        var result = self
        for index in layers.indices {
            func pair(_ target: AdapterTarget) -> LowRankPair? {
                adapter?[target.module(layer: index)]
            }
            result.layers[index].attention.query.delta = pair(.query)
            result.layers[index].attention.key.delta = pair(.key)
            result.layers[index].attention.value.delta = pair(.value)
            result.layers[index].attention.output.delta = pair(.output)
            result.layers[index].mlp.gate.delta = pair(.gate)
            result.layers[index].mlp.up.delta = pair(.up)
            result.layers[index].mlp.down.delta = pair(.down)
        }
        result.head.delta = adapter?["lm_head"]
        return result
    }
}

extension VisionLanguageModel {
    /// The same model with an adapter, or without any; the weights are shared.
    ///
    /// - Throws: `AdapterError` when the adapter belongs to a model of other sizes.
    public func adapted(by adapter: Adapter?) throws(AdapterError) -> VisionLanguageModel {
        if let adapter { try adapter.check(fits: configuration.text) }
        var result = self
        result.language = language.adapted(by: adapter)
        return result
    }
}

extension Adapter {
    /// Refuses an adapter whose modules or sizes are not the model's.
    func check(fits text: TextConfiguration) throws(AdapterError) {
        let modules = text.adaptableModules
        let sizes = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0) })
        for slot in slots {
            guard let module = sizes[slot.module] else {
                throw .otherModel(module: slot.module, problem: "the model has no such module")
            }
            guard module.inputSize == slot.inputSize, module.outputSize == slot.outputSize else {
                throw .otherModel(
                    module: slot.module,
                    problem: "it maps \(slot.inputSize) to \(slot.outputSize) features, the "
                        + "model's maps \(module.inputSize) to \(module.outputSize)")
            }
        }
    }
}
