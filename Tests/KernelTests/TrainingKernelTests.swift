import CKernels
import Foundation
import Testing

/// The kernels of training: each against its plain loops at odd sizes, and the plain loops against
/// finite differences of the operation itself, written out here in double precision.
extension KernelTests {
    // MARK: Against the plain loops

    @Test func trainingProductsMatchTheReference() {
        var numbers = Numbers(seed: 41)
        for (m, n, k) in [
            (1, 1, 1), (2, 3, 5), (6, 64, 9), (7, 65, 31), (13, 17, 80), (12, 131, 16),
        ] {
            let (a, b) = (numbers.floats(m * k), numbers.floats(k * n))
            let start = numbers.floats(m * n)
            for (row, step) in [(k, 1), (1, m)] {
                for adding in [false, true] {
                    var expected = start
                    ck_multiply_reference(&expected, n, a, row, step, b, n, m, n, k, adding)
                    atEachLevel { level in
                        var found = start
                        ck_multiply(&found, n, a, row, step, b, n, m, n, k, adding)
                        #expect(
                            largestDifference(found, expected) < 1e-5, "\(m)×\(n)×\(k) \(level)")
                    }
                }
            }
        }
    }

    @Test func normAndActivationGradientsMatchTheReference() {
        var numbers = Numbers(seed: 42)
        for columns in Self.sizes {
            let rows = 3
            let (x, dy) = (numbers.floats(rows * columns), numbers.floats(rows * columns))
            let (w, start) = (numbers.floats(columns), numbers.floats(rows * columns))
            var expected = start
            ck_rms_norm_backward_reference(&expected, dy, x, w, 1e-6, rows, columns)
            var (gate, up) = (x, start)
            ck_silu_multiply_backward_reference(&gate, &up, dy, rows * columns)
            atEachLevel { level in
                var found = start
                ck_rms_norm_backward(&found, dy, x, w, 1e-6, rows, columns)
                let scale = max(1, expected.map(abs).max() ?? 1)
                #expect(
                    largestDifference(found, expected) < 1e-5 * scale, "\(columns) at \(level)")
                var (otherGate, otherUp) = (x, start)
                ck_silu_multiply_backward(&otherGate, &otherUp, dy, rows * columns)
                #expect(largestDifference(otherGate, gate) < 1e-5, "\(columns) at \(level)")
                #expect(largestDifference(otherUp, up) < 1e-5, "\(columns) at \(level)")
            }
        }
    }

    @Test func likelihoodAndItsGradientMatchTheReference() {
        var numbers = Numbers(seed: 43)
        for vocabulary in [1, 7, 33, 544, 2592] {
            let rows = 3
            let logits = numbers.floats(rows * vocabulary, scale: 20)
            let targets = (0..<rows).map { Int32(($0 * 5) % vocabulary) }
            let slopes = numbers.floats(rows)
            for temperature in [Float(1), 0.7] {
                var expected = [Float](repeating: 0, count: rows)
                ck_log_likelihood_reference(
                    &expected, logits, targets, temperature, rows, vocabulary)
                var gradient = logits
                ck_log_likelihood_backward_reference(
                    &gradient, targets, slopes, temperature, rows, vocabulary)
                atEachLevel { level in
                    var found = [Float](repeating: .nan, count: rows)
                    ck_log_likelihood(&found, logits, targets, temperature, rows, vocabulary)
                    #expect(largestDifference(found, expected) < 2e-5, "\(vocabulary) \(level)")
                    var other = logits
                    ck_log_likelihood_backward(
                        &other, targets, slopes, temperature, rows, vocabulary)
                    #expect(largestDifference(other, gradient) < 1e-5, "\(vocabulary) \(level)")
                }
            }
        }
    }

    @Test func branchAttentionMatchesTheReference() {
        for shape in BranchShape.samples {
            let expected = BranchAttention(shape, seed: 44)
            expected.run(ck_branch_attention_forward_reference)
            expected.run(ck_branch_attention_backward_reference)
            atEachLevel { level in
                let found = BranchAttention(shape, seed: 44)
                found.run(ck_branch_attention_forward)
                found.run(ck_branch_attention_backward)
                for (part, other) in zip(found.results, expected.results) {
                    #expect(largestDifference(part, other) < 2e-5, "\(shape) at \(level)")
                }
            }
        }
    }

    @Test func branchAttentionIsTheAttentionOfInference() {
        let shape = BranchShape(prefix: 0, branches: [37], heads: 4, keyValueHeads: 2, d: 16)
        let ours = BranchAttention(shape, seed: 45)
        ours.run(ck_branch_attention_forward)
        var out = [Float](repeating: 0, count: ours.q.count)
        let (q, k, v) = (ours.q, ours.k, ours.v)
        q.withUnsafeBufferPointer { q in
            k.withUnsafeBufferPointer { k in
                v.withUnsafeBufferPointer { v in
                    out.withUnsafeMutableBufferPointer { target in
                        var segment = ck_kv_segment()
                        segment.k = UnsafeRawPointer(k.baseAddress)
                        segment.v = UnsafeRawPointer(v.baseAddress)
                        (segment.keys, segment.stride, segment.type) = (37, 32, CK_KV_F32)
                        var problem = ck_attention_problem()
                        (problem.q, problem.out) = (q.baseAddress, target.baseAddress)
                        (problem.heads, problem.kv_heads, problem.d) = (4, 2, 16)
                        (problem.q_stride, problem.out_stride) = (64, 64)
                        problem.causal = true
                        withUnsafePointer(to: &segment) { segment in
                            var sequence = ck_attention_sequence(
                                segments: segment, segment_count: 1, queries: 37)
                            withUnsafePointer(to: &sequence) { sequence in
                                problem.sequences = sequence
                                problem.sequence_count = 1
                                ck_attention_reference(&problem)
                            }
                        }
                    }
                }
            }
        }
        #expect(largestDifference(out, ours.out) < 2e-6)
    }

    @Test func theOptimiserMatchesTheReference() {
        var numbers = Numbers(seed: 46)
        var step = ck_adamw_step()
        step.learning_rate = 1e-2
        (step.beta1, step.beta2, step.epsilon) = (0.9, 0.999, 1e-8)
        (step.weight_decay, step.gradient_scale) = (0.01, 0.5)
        (step.correction1, step.correction2) = (0.271, 0.002997)
        for count in Self.sizes + [40_000] {
            let (p, m, g) = (numbers.floats(count), numbers.floats(count), numbers.floats(count))
            let v = numbers.floats(count).map { $0 * $0 + 1e-3 }
            var (p1, m1, v1) = (p, m, v)
            ck_adamw_reference(&p1, &m1, &v1, g, count, &step)
            let squares = g.reduce(0.0) { $0 + Double($1) * Double($1) }
            atEachLevel { level in
                var (p2, m2, v2) = (p, m, v)
                ck_adamw(&p2, &m2, &v2, g, count, &step)
                #expect(largestDifference(p2, p1) < 1e-5, "\(count) at \(level)")
                #expect(largestDifference(m2, m1) < 1e-6, "\(count) at \(level)")
                #expect(largestDifference(v2, v1) < 1e-6, "\(count) at \(level)")
                let found = ck_sum_of_squares(g, count)
                #expect(abs(found - squares) < 1e-5 * squares, "\(count) at \(level)")
            }
        }
    }

    /// The number of threads must change nothing: a resumed run has to be the same to the last bit.
    @Test func threadsDoNotChangeGradients() {
        let shape = BranchShape(prefix: 41, branches: [9, 33], heads: 4, keyValueHeads: 2, d: 16)
        let threads = ck_thread_count()
        var results: [[[Float]]] = []
        for count in [1, 2, 3] {
            ck_set_thread_count(count)
            let attention = BranchAttention(shape, seed: 47)
            attention.run(ck_branch_attention_forward)
            attention.run(ck_branch_attention_backward)
            results.append(attention.results)
        }
        ck_set_thread_count(threads)
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    // MARK: Against finite differences

    @Test func theNormsGradientIsItsSlope() {
        var numbers = Numbers(seed: 51)
        let columns = 13
        let (x, w, dy) = (
            numbers.floats(columns), numbers.floats(columns), numbers.floats(columns)
        )
        var dx = [Float](repeating: 0, count: columns)
        ck_rms_norm_backward_reference(&dx, dy, x, w, 1e-5, 1, columns)
        expectSlope(of: x, is: dx) { x in
            let squares = x.reduce(0) { $0 + $1 * $1 } / Double(columns)
            return (0..<columns).reduce(0) {
                $0 + Double(dy[$1]) * Double(w[$1]) * x[$1] / (squares + 1e-5).squareRoot()
            }
        }
    }

    @Test func theGatesGradientIsItsSlope() {
        var numbers = Numbers(seed: 52)
        let count = 9
        let (gate, up) = (numbers.floats(count, scale: 4), numbers.floats(count))
        let dh = numbers.floats(count)
        var (dGate, dUp) = (gate, up)
        ck_silu_multiply_backward_reference(&dGate, &dUp, dh, count)
        func value(_ gate: [Double], _ up: [Double]) -> Double {
            (0..<count).reduce(0) {
                $0 + Double(dh[$1]) * gate[$1] / (1 + exp(-gate[$1])) * up[$1]
            }
        }
        expectSlope(of: gate, is: dGate) { value($0, up.map(Double.init)) }
        expectSlope(of: up, is: dUp) { value(gate.map(Double.init), $0) }
    }

    /// Turning back is the transpose of turning: the gradient of rope is rope with the sine negated.
    @Test func turningBackIsTheGradientOfRope() {
        var numbers = Numbers(seed: 53)
        let d = 10
        let x = numbers.floats(d)
        let dy = numbers.floats(d)
        let angles = numbers.floats(d / 2, scale: 3)
        var dx = dy
        let sine = angles.map { -sin($0) }
        ck_rope(&dx, angles.map { cos($0) }, sine, 1, 1, d, d)
        expectSlope(of: x, is: dx) { x in
            (0..<d / 2).reduce(0.0) { sum, j in
                let (c, s) = (cos(Double(angles[j])), sin(Double(angles[j])))
                let (a, b) = (x[j], x[j + d / 2])
                return sum + Double(dy[j]) * (a * c - b * s)
                    + Double(dy[j + d / 2]) * (b * c + a * s)
            }
        }
    }

    @Test func theLikelihoodsGradientIsItsSlope() {
        var numbers = Numbers(seed: 54)
        let vocabulary = 11
        let logits = numbers.floats(vocabulary, scale: 3)
        var gradient = logits
        ck_log_likelihood_backward_reference(&gradient, [4], [0.7], 0.8, 1, vocabulary)
        expectSlope(of: logits, is: gradient) { logits in
            let total = logits.reduce(0) { $0 + exp($1 / 0.8) }
            return Double(Float(0.7)) * (logits[4] / 0.8 - log(total))
        }
    }

    @Test func attentionsGradientsAreItsSlopes() {
        let shape = BranchShape(prefix: 3, branches: [2, 3], heads: 4, keyValueHeads: 2, d: 4)
        let attention = BranchAttention(shape, seed: 55)
        attention.run(ck_branch_attention_backward_reference)
        let (q, k, v) = (attention.q, attention.k, attention.v)
        let dout = attention.dout.map(Double.init)
        func value(_ q: [Double], _ k: [Double], _ v: [Double]) -> Double {
            zip(shape.attend(q, k, v), dout).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let (dq, dk, dv) = (attention.dq, attention.dk, attention.dv)
        let (qs, ks, vs) = (q.map(Double.init), k.map(Double.init), v.map(Double.init))
        expectSlope(of: q, is: dq) { value($0, ks, vs) }
        expectSlope(of: k, is: dk) { value(qs, $0, vs) }
        expectSlope(of: v, is: dv) { value(qs, ks, $0) }
    }

    /// Compares a gradient with central differences.
    private func expectSlope(
        of x: [Float], is gradient: [Float], sourceLocation: SourceLocation = #_sourceLocation,
        _ value: ([Double]) -> Double
    ) {
        let point = x.map(Double.init)
        let scale = max(1e-3, gradient.map { abs(Double($0)) }.max() ?? 0)
        for index in x.indices {
            var (above, below) = (point, point)
            above[index] += 1e-5
            below[index] -= 1e-5
            let slope = (value(above) - value(below)) / 2e-5
            #expect(
                abs(slope - Double(gradient[index])) < 2e-6 * max(1, scale),
                "value \(index): \(slope) against \(gradient[index])",
                sourceLocation: sourceLocation)
        }
    }
}

/// Sizes of a run of tokens with branches.
struct BranchShape: CustomStringConvertible {
    var prefix: Int
    var branches: [Int]
    var heads: Int
    var keyValueHeads: Int
    var d: Int

    static let samples = [
        BranchShape(prefix: 0, branches: [1], heads: 1, keyValueHeads: 1, d: 4),
        BranchShape(prefix: 5, branches: [3, 1], heads: 2, keyValueHeads: 2, d: 6),
        BranchShape(prefix: 33, branches: [7, 40, 2], heads: 6, keyValueHeads: 2, d: 16),
        BranchShape(prefix: 64, branches: [31], heads: 3, keyValueHeads: 1, d: 20),
    ]

    var tokens: Int { prefix + branches.reduce(0, +) }
    var description: String { "\(prefix)+\(branches) heads \(heads)/\(keyValueHeads)×\(d)" }

    /// Where each run begins; the prefix is a run of its own.
    var runs: [(start: Int, count: Int, prefix: Int)] {
        var start = prefix
        var result = prefix > 0 ? [(start: 0, count: prefix, prefix: 0)] : []
        for branch in branches {
            result.append((start, branch, prefix))
            start += branch
        }
        return result
    }

    /// Attention in double precision, by the definition.
    func attend(_ q: [Double], _ k: [Double], _ v: [Double]) -> [Double] {
        var out = [Double](repeating: 0, count: q.count)
        let (wide, narrow) = (heads * d, keyValueHeads * d)
        for run in runs {
            for token in 0..<run.count {
                let keys = Array(0..<run.prefix) + Array(run.start...run.start + token)
                for head in 0..<heads {
                    let at = (run.start + token) * wide + head * d
                    let offset = head / (heads / keyValueHeads) * d
                    let scores = keys.map { key in
                        (0..<d).reduce(0) { $0 + q[at + $1] * k[key * narrow + offset + $1] }
                            / Double(d).squareRoot()
                    }
                    let total = scores.reduce(0) { $0 + exp($1) }
                    for (key, score) in zip(keys, scores) {
                        for c in 0..<d {
                            out[at + c] += exp(score) / total * v[key * narrow + offset + c]
                        }
                    }
                }
            }
        }
        return out
    }
}

/// Tensors of one attention with branches and the buffers of its gradients.
final class BranchAttention {
    let shape: BranchShape
    private var buffers: [UnsafeMutableBufferPointer<Float>] = []

    init(_ shape: BranchShape, seed: UInt64) {
        self.shape = shape
        var numbers = Numbers(seed: seed)
        let wide = shape.tokens * shape.heads * shape.d
        let narrow = shape.tokens * shape.keyValueHeads * shape.d
        // q, k, v, dout; out, dq, dk, dv
        for (count, scale) in [(wide, Float(2)), (narrow, 2), (narrow, 1), (wide, 1)] {
            add(numbers.floats(count, scale: scale))
        }
        for count in [wide, wide, narrow, narrow] { add([Float](repeating: 0, count: count)) }
    }

    deinit { buffers.forEach { $0.deallocate() } }

    private func add(_ values: [Float]) {
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
        _ = buffer.initialize(from: values)
        buffers.append(buffer)
    }

    var q: [Float] { Array(buffers[0]) }
    var k: [Float] { Array(buffers[1]) }
    var v: [Float] { Array(buffers[2]) }
    var dout: [Float] { Array(buffers[3]) }
    var out: [Float] { Array(buffers[4]) }
    var dq: [Float] { Array(buffers[5]) }
    var dk: [Float] { Array(buffers[6]) }
    var dv: [Float] { Array(buffers[7]) }
    var results: [[Float]] { [out, dq, dk, dv] }

    func run(_ kernel: (UnsafePointer<ck_branch_attention>?, Int) -> Void) {
        let (wide, narrow) = (shape.heads * shape.d, shape.keyValueHeads * shape.d)
        func at(_ buffer: Int, _ offset: Int) -> UnsafeMutablePointer<Float>? {
            buffers[buffer].baseAddress.map { $0 + offset }
        }
        let runs = shape.runs.map { run in
            let (a, b) = (run.start * wide, run.start * narrow)
            var p = ck_branch_attention()
            (p.q, p.dout) = (UnsafePointer(at(0, a)), UnsafePointer(at(3, a)))
            (p.k, p.v) = (UnsafePointer(at(1, b)), UnsafePointer(at(2, b)))
            (p.prefix_k, p.prefix_v) = (UnsafePointer(at(1, 0)), UnsafePointer(at(2, 0)))
            (p.out, p.dq, p.dk, p.dv) = (at(4, a), at(5, a), at(6, b), at(7, b))
            (p.prefix_dk, p.prefix_dv) = (at(6, 0), at(7, 0))
            (p.tokens, p.prefix, p.d) = (run.count, run.prefix, shape.d)
            (p.heads, p.kv_heads) = (shape.heads, shape.keyValueHeads)
            (p.q_stride, p.kv_stride) = (wide, narrow)
            return p
        }
        kernel(runs, runs.count)
    }
}
