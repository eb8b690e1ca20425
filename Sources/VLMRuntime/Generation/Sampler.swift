import CKernels
import Foundation

/// Chooses the next token from logits, with the reference's steps in the reference's order.
///
/// Source: Transformers `generation/logits_process.py`; MODEL.md, "Generation".
public struct Sampler: Sendable {
    private let options: SamplingOptions
    private let endOfTurn: [Int32]
    private var random: RandomSource
    private var seen: Set<Int32>
    private var produced = 0

    /// - Parameters:
    ///   - prompt: ids already read; the repetition penalty covers them too.
    ///   - endOfTurn: ids suppressed until `minNewTokens` are out.
    public init(_ options: SamplingOptions, prompt: [Int32], endOfTurn: [Int32]) {
        self.options = options
        self.endOfTurn = endOfTurn
        random = RandomSource(seed: options.seed)
        seen = Set(prompt)
    }

    /// Picks a token.
    ///
    /// - Parameter logits: one row, `[vocabularySize]`.
    /// - Returns: the id and its log-probability under the unchanged logits.
    public mutating func next(_ logits: [Float]) -> (id: Int32, logProbability: Float) {
        let id = choose(logits)
        return (id, logits[Int(id)] - Self.logSumExp(logits))
    }

    /// Picks a token, for those who do not ask how likely it was.
    mutating func choose(_ logits: [Float]) -> Int32 {
        var scores = logits
        Self.penalizeRepetition(&scores, seen: seen, penalty: options.repetitionPenalty)
        if produced < options.minNewTokens {
            for id in endOfTurn where scores.indices.contains(Int(id)) {
                scores[Int(id)] = -.infinity
            }
        }
        let choice = options.isGreedy ? Self.argmax(scores) : sample(&scores)
        produced += 1
        seen.insert(Int32(choice))
        return Int32(choice)
    }

    private mutating func sample(_ scores: inout [Float]) -> Int {
        Self.applyTemperature(&scores, options.temperature)
        Self.keepTopK(&scores, options.topK)
        Self.keepTopP(&scores, options.topP)
        return Self.draw(scores, at: random.nextUnit())
    }

    /// Divides positive and multiplies negative scores of the ids in `seen` by the penalty.
    static func penalizeRepetition(_ scores: inout [Float], seen: Set<Int32>, penalty: Float) {
        guard penalty != 1 else { return }
        for id in seen where scores.indices.contains(Int(id)) {
            let score = scores[Int(id)]
            scores[Int(id)] = score < 0 ? score * penalty : score / penalty
        }
    }

    static func applyTemperature(_ scores: inout [Float], _ temperature: Float) {
        guard temperature != 1 else { return }
        for index in scores.indices { scores[index] /= temperature }
    }

    /// Drops scores below the k-th largest; ties with it stay.
    static func keepTopK(_ scores: inout [Float], _ k: Int) {
        guard k > 0, k < scores.count else { return }
        let threshold = kthLargest(scores, k)
        for index in scores.indices where scores[index] < threshold { scores[index] = -.infinity }
    }

    /// Drops the least likely tokens while their probabilities together stay within `1 - p`.
    static func keepTopP(_ scores: inout [Float], _ p: Float) {
        guard p < 1 else { return }
        let alive = scores.indices.filter { scores[$0] > -.infinity }
        // Ascending and stable, as the reference sorts.
        let order = alive.sorted { (scores[$0], $0) < (scores[$1], $1) }
        let total = logSumExp(scores)
        var cumulative: Float = 0
        for index in order.dropLast() {
            cumulative += exp(scores[index] - total)
            guard cumulative <= 1 - p else { return }
            scores[index] = -.infinity
        }
    }

    /// The lowest index of the largest score.
    static func argmax(_ scores: [Float]) -> Int {
        var best = 0
        for index in scores.indices where scores[index] > scores[best] { best = index }
        return best
    }

    /// The token whose slice of the cumulative distribution holds `unit` (0 ..< 1).
    static func draw(_ scores: [Float], at unit: Double) -> Int {
        scores.isEmpty ? 0 : ck_draw(scores, scores.count, unit)
    }

    static func logSumExp(_ scores: [Float]) -> Float {
        let largest = scores.max() ?? 0
        var sum = 0.0
        for score in scores { sum += Double(exp(score - largest)) }
        return largest + Float(log(sum))
    }

    /// Keeps the k largest in a heap whose top is the smallest of them.
    private static func kthLargest(_ scores: [Float], _ k: Int) -> Float {
        var heap = Array(scores.prefix(k))
        func sink(_ start: Int) {
            var parent = start
            while true {
                var child = 2 * parent + 1
                guard child < k else { return }
                if child + 1 < k, heap[child + 1] < heap[child] { child += 1 }
                guard heap[child] < heap[parent] else { return }
                heap.swapAt(parent, child)
                parent = child
            }
        }
        for start in stride(from: k / 2 - 1, through: 0, by: -1) { sink(start) }
        for score in scores[k...] where score > heap[0] {
            heap[0] = score
            sink(0)
        }
        return heap[0]
    }
}
