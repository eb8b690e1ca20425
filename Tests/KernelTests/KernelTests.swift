import CKernels
import Foundation
import Synchronization
import Testing

/// The vector kernels against the scalar specification, at sizes around the vector widths: a
/// mistake in a tail shows nowhere else.
///
/// Serialized, because the number of threads is a setting of the whole process.
@Suite(.serialized)
struct KernelTests {
    static let sizes = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 80, 127, 131]
    static let types = [CK_F32, CK_F16, CK_BF16]

    @Test func expandingWeightsIsExact() {
        var numbers = Numbers(seed: 1)
        for type in Self.types {
            for count in Self.sizes {
                let weights = StoredWeights(numbers.floats(count), type)
                var expected = [Float](repeating: 0, count: count)
                weights.withPointer { ck_expand_reference(&expected, $0, type, count) }
                atEachLevel { level in
                    var found = [Float](repeating: .nan, count: count)
                    weights.withPointer { ck_expand(&found, $0, type, count) }
                    #expect(found == expected, "\(count) values at level \(level)")
                }
            }
        }
    }

    @Test func theTanhGELUIsItsFormula() {
        var found =
            stride(from: Float(-12), through: 12, by: 0.0625).map { $0 } + [0, -0, 1e9, -1e9]
        let inputs = found
        ck_gelu_tanh(&found, found.count)
        for (x, y) in zip(inputs.map(Double.init), found) {
            let expected =
                0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
            #expect(abs(Double(y) - expected) <= 1e-6 * max(1, abs(x)), "at \(x)")
        }
    }

    @Test func productsMatchTheReference() {
        var numbers = Numbers(seed: 2)
        for type in Self.types {
            for (m, n, k) in [
                (1, 1, 1), (1, 9, 33), (2, 5, 17), (3, 8, 80), (4, 4, 16), (5, 13, 131),
                (9, 31, 64),
                (33, 7, 3420),
            ] {
                let x = numbers.floats(m * k)
                let weights = StoredWeights(numbers.floats(n * k), type)
                let bias = numbers.floats(n)
                var expected = [Float](repeating: 0, count: m * n)
                weights.withPointer { ck_linear_reference(&expected, x, $0, type, bias, m, n, k) }
                atEachLevel { level in
                    var found = [Float](repeating: .nan, count: m * n)
                    weights.withPointer { ck_linear(&found, x, $0, type, bias, m, n, k) }
                    let tolerance = 1e-6 * Float(k).squareRoot() * 4
                    #expect(
                        largestDifference(found, expected) < tolerance, "\(m)×\(n)×\(k) \(level)")
                }
            }
        }
    }

    @Test func bfloat16ProductsMatchTheirReference() {
        var numbers = Numbers(seed: 3)
        for (m, n, k) in [
            (1, 1, 1), (1, 7, 33), (4, 6, 32), (5, 13, 131), (9, 31, 64), (3, 6, 1536),
            (7, 11, 3420),
            (97, 12, 1600),
        ] {
            let x = numbers.floats(m * k)
            let weights = StoredWeights(numbers.floats(n * k), CK_BF16)
            let bias = numbers.floats(n)
            var expected = [Float](repeating: 0, count: m * n)
            weights.withPointer { ck_linear_bf16_reference(&expected, x, $0, bias, m, n, k) }
            atEachLevel { level in
                var found = [Float](repeating: .nan, count: m * n)
                weights.withPointer { ck_linear_bf16(&found, x, $0, bias, m, n, k) }
                let tolerance = 2e-6 * Float(k).squareRoot() * 4
                #expect(largestDifference(found, expected) < tolerance, "\(m)×\(n)×\(k) \(level)")
            }
        }
    }

    /// Cached and uncached prompts give the same tokens only if this holds to the last bit.
    @Test func aRowOfABfloat16ProductDoesNotDependOnItsNeighbours() {
        var numbers = Numbers(seed: 4)
        let (m, n, k) = (11, 13, 1700)
        let x = numbers.floats(m * k)
        let weights = StoredWeights(numbers.floats(n * k), CK_BF16)
        atEachLevel { level in
            var all = [Float](repeating: 0, count: m * n)
            weights.withPointer { ck_linear_bf16(&all, x, $0, nil, m, n, k) }
            for row in 0..<m {
                var alone = [Float](repeating: 0, count: n)
                let values = Array(x[row * k..<(row + 1) * k])
                weights.withPointer { ck_linear_bf16(&alone, values, $0, nil, 1, n, k) }
                #expect(alone == Array(all[row * n..<(row + 1) * n]), "row \(row) at \(level)")
            }
        }
    }

    @Test func normsMatchTheReference() {
        var numbers = Numbers(seed: 5)
        for columns in Self.sizes {
            let x = numbers.floats(3 * columns, scale: 10)
            let w = numbers.floats(columns)
            var expected = [Float](repeating: 0, count: x.count)
            ck_rms_norm_reference(&expected, x, w, 1e-6, 3, columns)
            atEachLevel { level in
                var found = [Float](repeating: .nan, count: x.count)
                ck_rms_norm(&found, x, w, 1e-6, 3, columns)
                #expect(largestDifference(found, expected) < 2e-6, "\(columns) at \(level)")
            }
        }
    }

    @Test func activationsMatchTheReferenceFarFromZeroToo() {
        for count in Self.sizes {
            let gate = (0..<count).map { Float($0 - count / 2) * 1.7 }
            let up = (0..<count).map { 1 + Float($0 % 3) }
            var expected = gate
            ck_silu_multiply_reference(&expected, up, count)
            atEachLevel { level in
                var found = gate
                ck_silu_multiply(&found, up, count)
                for (index, (a, b)) in zip(found, expected).enumerated() {
                    #expect(abs(a - b) <= 1e-6 * max(1, abs(b)), "silu(\(gate[index])) at \(level)")
                }
            }
        }
    }

    @Test func ropeTurnsBothHalvesOfEveryHead() {
        let x: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]  // one row, two heads of four
        let cosine: [Float] = [0, 0.6]
        let sine: [Float] = [1, 0.8]
        atEachLevel { _ in
            var found = x
            ck_rope(&found, cosine, sine, 1, 2, 4, 8)
            let expected: [Float] = [
                -3, 2 * 0.6 - 4 * 0.8, 1, 4 * 0.6 + 2 * 0.8, -7, 6 * 0.6 - 8 * 0.8, 5,
                8 * 0.6 + 6 * 0.8,
            ]
            #expect(largestDifference(found, expected) < 1e-6)
        }
    }

    @Test func everyIndexIsVisitedOnceWhateverTheThreads() {
        let before = ck_thread_count()
        let count = 10_007
        let visits = UnsafeMutablePointer<Int32>.allocate(capacity: count)
        defer { visits.deallocate() }
        for threads in [1, 2, 3, 7] {
            ck_set_thread_count(threads)
            visits.initialize(repeating: 0, count: count)
            ck_parallel_for(
                count, 10,
                { visits, begin, end in
                    let visits = visits?.assumingMemoryBound(to: Int32.self)
                    for index in begin..<end { visits?[index] += 1 }
                }, visits)
            #expect((0..<count).allSatisfy { visits[$0] == 1 }, "\(threads) threads")
        }
        ck_set_thread_count(before)
    }

    @Test func anUnsupportedLevelFallsBackToTheBestOne() {
        at(CK_LEVEL_PORTABLE) {
            #expect(ck_use_level(CK_LEVEL_AVX512_BF16) == ck_supported_level())
        }
    }

    /// Other work in the process keeps its sums to the last bit while somebody compares levels.
    @Test func aLevelHoldsForOneThreadAndThoseWhoHelpIt() {
        let count = 4096
        let seen = UnsafeMutablePointer<UInt32>.allocate(capacity: count)
        defer { seen.deallocate() }
        at(CK_LEVEL_PORTABLE) {
            ck_parallel_for(
                count, 1,
                { seen, begin, end in
                    let seen = seen?.assumingMemoryBound(to: UInt32.self)
                    for index in begin..<end { seen?[index] = ck_current_level().rawValue }
                }, seen)
            #expect((0..<count).allSatisfy { seen[$0] == CK_LEVEL_PORTABLE.rawValue })
            let elsewhere = Mutex<ck_level?>(nil)
            let thread = Thread { elsewhere.withLock { $0 = ck_current_level() } }
            thread.start()
            while elsewhere.withLock({ $0 }) == nil { Thread.sleep(forTimeInterval: 0.001) }
            #expect(elsewhere.withLock { $0 } == ck_supported_level())
        }
    }
}
