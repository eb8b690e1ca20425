/// The one thing a trainer can do: log-probabilities of tokens, and the gradient of any function
/// of them for an adapter.
///
/// A loss is a function of log-probabilities; its caller says how it changes with each of them.
/// For supervised fine-tuning that is `-1 / tokens`, for GRPO the clipped ratio's slope. The vision
/// tower and all weights stay as they are, pictures enter as rows.
struct LikelihoodPass {
    /// Without an adapter of its own.
    let language: LanguageModel
    /// What is trained; `nil` is the base model.
    let adapter: Adapter?
    let products: any FrozenProducts
    var temperature: Float = 1
    /// Bytes of activations kept for the way back; a layer that does not fit is computed again.
    var tapeBudget = 1 << 30
    var cancellation: CancellationFlag?

    /// - Returns: one log-probability per token of each continuation.
    func logProbabilities(of sequence: TrainingSequence) throws -> [[Float]] {
        let (input, layers) = try self.start(sequence)
        var x = input.embeddings
        for (index, layer) in layers.enumerated() {
            try checkCancelled()
            x = layer.forward(x).0
            input.addDeepstack(to: &x, behind: index)
        }
        var head = self.head(for: sequence)
        let values = head.forward(x.rows(at: BranchLayout(sequence).predictingRows))
        return try split(values, like: sequence)
    }

    /// Adds a loss's gradient for the adapter to `gradient`.
    ///
    /// - Parameters:
    ///   - gradient: laid out like the adapter's values.
    ///   - slopes: given the log-probabilities, the loss's derivative for each of them.
    /// - Returns: the log-probabilities.
    func addGradient(
        of sequence: TrainingSequence, to gradient: inout Matrix,
        slopes: ([[Float]]) throws -> [[Float]]
    ) throws -> [[Float]] {
        let (input, layers) = try self.start(sequence)
        let layout = BranchLayout(sequence)
        let tapeBytes =
            products.precision.size * layout.rows * LayerTape.width(language.configuration)
        let firstKept = max(0, layers.count - max(1, tapeBudget / max(1, tapeBytes)))
        let lowest = lowestTrainedLayer
        var x = input.embeddings
        var inputs: [Matrix] = []
        var tapes: [LayerTape] = []
        for (index, layer) in layers.enumerated() {
            try checkCancelled()
            let (y, tape) = layer.forward(x)
            if index >= max(firstKept, lowest) {
                tapes.append(tape)
            } else if index >= lowest {
                inputs.append(x)
            }
            x = y
            // Constants: the way back does not meet them.
            input.addDeepstack(to: &x, behind: index)
        }

        var head = self.head(for: sequence)
        let predicting = x.rows(at: layout.predictingRows)
        let values = try split(head.forward(predicting), like: sequence)
        let wanted = try slopes(values)
        precondition(wanted.map(\.count) == values.map(\.count), "one slope per token")
        let flat = wanted.flatMap(\.self)
        guard flat.allSatisfy(\.isFinite) else {
            throw TrainingError.notANumber(what: "the loss")
        }
        guard flat.contains(where: { $0 != 0 }) else { return values }

        let dPredicting = head.backward(predicting, slopes: flat, gradient: &gradient)
        var dx = Matrix(rows: layout.rows, columns: x.columns)
        dx.add(dPredicting, at: layout.predictingRows)
        for index in layers.indices.reversed() where index >= lowest {
            try checkCancelled()
            let tape = tapes.popLast() ?? layers[index].tape(inputs.removeLast())
            let below = layers[index].backward(
                dx, tape, gradient: &gradient, needsInput: index > lowest)
            if let below { dx = below }
        }
        return values
    }

    /// No gradient is needed below the first layer that has a pair.
    private var lowestTrainedLayer: Int {
        let trained = language.layers.indices.first { index in
            AdapterTarget.allCases.contains { adapter?[$0.module(layer: index)] != nil }
        }
        return trained ?? language.layers.count
    }

    /// The input rows and the layers that know the sequence's layout and positions.
    private func start(
        _ sequence: TrainingSequence
    ) throws(TrainingError) -> (rows: InputRows, layers: [TrainedLayer]) {
        let text = language.configuration
        guard sequence.length <= text.contextLength else {
            throw .tooLong(tokens: sequence.length, limit: text.contextLength)
        }
        let (rows, positions) = sequence.inputs(language)
        let rope = positions.rotaryTable(text)
        let ropeBack = rope.inverted
        let attention = BranchedAttention(BranchLayout(sequence), text)
        let layers = language.layers.enumerated().map { index, layer in
            TrainedLayer(
                layer, index: index, adapter: adapter, products: products, attention: attention,
                rope: rope, ropeBack: ropeBack)
        }
        return (rows, layers)
    }

    private func head(for sequence: TrainingSequence) -> LikelihoodHead {
        LikelihoodHead(
            language, adapter: adapter, products: products,
            targets: sequence.continuations.flatMap(\.self), temperature: temperature)
    }

    private func split(
        _ values: [Float], like sequence: TrainingSequence
    ) throws(TrainingError) -> [[Float]] {
        guard values.allSatisfy({ !$0.isNaN }) else {
            throw .notANumber(what: "a log-probability")
        }
        var start = 0
        return sequence.continuations.map { tokens in
            defer { start += tokens.count }
            return Array(values[start..<start + tokens.count])
        }
    }

    private func checkCancelled() throws {
        if cancellation?.isCancelled == true { throw CancellationError() }
    }
}

extension RotaryTable {
    /// The table that turns back.
    var inverted: RotaryTable {
        var sine = sine
        sine.scale(by: -1)
        return RotaryTable(cosine: cosine, sine: sine)
    }
}

extension Matrix {
    /// Some rows, in the order given; a row may be taken more than once.
    fileprivate func rows(at places: [Int]) -> Matrix {
        var result = Matrix(uninitializedRows: places.count, columns: columns)
        let target = result.mutable
        for (row, place) in places.enumerated() {
            (target + row * columns).update(from: pointer + place * columns, count: columns)
        }
        return result
    }

    /// Adds rows of `other` to the rows at these places.
    fileprivate mutating func add(_ other: Matrix, at places: [Int]) {
        let (target, width) = (mutable, columns)
        for (row, place) in places.enumerated() {
            let source = other.pointer + row * width
            for column in 0..<width { target[place * width + column] += source[column] }
        }
        withExtendedLifetime(other) {}
    }
}
