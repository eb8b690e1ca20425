import CKernels
import Testing

extension KernelTests {
    /// Attention at every level against the plain loops, and the promise that caches rest on: a row
    /// is the same to the last bit whoever is computed with it and however its keys lie in memory.
    @Suite struct Attention {
        private static let types = [CK_KV_F32, CK_KV_F16, CK_KV_BF16, CK_KV_I8]

        @Test func everyLevelMatchesTheReference() {
            let shapes: [AttentionCase.Shape] = [
                .init(queries: 1, keys: 1, heads: 1, kvHeads: 1, d: 4, causal: true),
                .init(queries: 1, keys: 37, heads: 4, kvHeads: 2, d: 16, causal: true),
                .init(queries: 5, keys: 5, heads: 3, kvHeads: 1, d: 80, causal: false),
                .init(queries: 33, keys: 70, heads: 6, kvHeads: 2, d: 48, causal: true),
                .init(queries: 64, keys: 64, heads: 2, kvHeads: 2, d: 20, causal: false),
                .init(queries: 130, keys: 131, heads: 2, kvHeads: 1, d: 80, causal: true),
                .init(queries: 2, keys: 193, heads: 16, kvHeads: 2, d: 128, causal: true),
            ]
            for (index, shape) in shapes.enumerated() {
                for type in Self.types {
                    let problem = AttentionCase(shape, type: type, seed: UInt64(index + 1))
                    let expected = problem.run(0..<1, function: ck_attention_reference)
                    atEachLevel { level in
                        let found = problem.run(0..<1)
                        #expect(
                            largestDifference(found[0], expected[0]) < 5e-6,
                            "\(shape), type \(type.rawValue), \(level)")
                    }
                }
            }
        }

        @Test func aRowDoesNotDependOnTheRowsBesideIt() {
            let shape = AttentionCase.Shape(
                queries: 77, keys: 150, heads: 6, kvHeads: 2, d: 80, causal: true)
            let problem = AttentionCase(shape, type: CK_KV_F16, seed: 11)
            atEachLevel { level in
                let all = problem.run(0..<1)[0]
                for count in [1, 2, 5, 13, 76] {
                    let some = problem.run(0..<1, lastQueries: count)[0]
                    #expect(some == Array(all.suffix(some.count)), "\(count) rows at \(level)")
                }
            }
        }

        @Test func whereKeysAreCutDoesNotMatter() {
            let shape = AttentionCase.Shape(
                queries: 3, keys: 200, heads: 4, kvHeads: 2, d: 48, causal: true)
            for type in Self.types {
                let problem = AttentionCase(shape, type: type, seed: 12)
                atEachLevel { level in
                    let whole = problem.run(0..<1)[0]
                    for cuts in [[1], [64], [63, 65], [5, 5, 100, 199], [128, 200]] {
                        #expect(problem.run(0..<1, cuts: cuts)[0] == whole, "\(cuts) at \(level)")
                    }
                }
            }
        }

        @Test func sequencesWithACommonBeginningEqualEachAlone() {
            for (keys, shared) in [(150, 140), (130, 128), (90, 7), (260, 200)] {
                let shape = AttentionCase.Shape(
                    queries: 2, keys: keys, heads: 8, kvHeads: 2, d: 80, causal: true)
                let problem = AttentionCase(
                    shape, sequences: 9, shared: shared, type: CK_KV_F16, seed: 13)
                atEachLevel { level in
                    let together = problem.run(0..<9, cuts: [shared], shared: shared)
                    for sequence in 0..<9 {
                        let alone = problem.run(sequence..<sequence + 1)[0]
                        #expect(together[sequence] == alone, "\(keys), \(shared) at \(level)")
                    }
                }
            }
        }

        @Test func windowsOfAPictureEqualEachAlone() {
            let shape = AttentionCase.Shape(
                queries: 50, keys: 50, heads: 3, kvHeads: 3, d: 20, causal: false)
            let problem = AttentionCase(shape, sequences: 7, seed: 14)
            atEachLevel { level in
                let together = problem.run(0..<7)
                for window in 0..<7 {
                    let alone = problem.run(window..<window + 1, function: ck_attention_reference)
                    #expect(largestDifference(together[window], alone[0]) < 5e-6, "\(level)")
                }
            }
        }

        @Test func theNumberOfThreadsDoesNotMatter() {
            let before = ck_thread_count()
            let shape = AttentionCase.Shape(
                queries: 1, keys: 300, heads: 16, kvHeads: 2, d: 128, causal: true)
            let problem = AttentionCase(shape, type: CK_KV_F16, seed: 15)
            ck_set_thread_count(1)
            let alone = problem.run(0..<1)
            for threads in [2, 3, 8] {
                ck_set_thread_count(threads)
                #expect(problem.run(0..<1) == alone, "\(threads) threads")
            }
            ck_set_thread_count(before)
        }

        @Test func storingRoundsTheSameAtEveryLevel() {
            var numbers = Numbers(seed: 16)
            let x =
                numbers.floats(5 * 3 * 20, scale: 40) + [1e6, -1e6, 0, 65_504, 1e-7]
                + numbers.floats(55)
            for type in Self.types {
                let size = x.count * ck_kv_type_size(type)
                let stored = { () -> ([UInt8], [Float]) in
                    var bytes = [UInt8](repeating: 0, count: size)
                    var scales = [Float](repeating: 0, count: 18)
                    ck_kv_store(&bytes, &scales, x, type, 6, 3, 20)
                    return (bytes, scales)
                }
                let expected = at(CK_LEVEL_PORTABLE, stored)
                atEachLevel { level in
                    let found = stored()
                    #expect(found.0 == expected.0 && found.1 == expected.1, "\(level)")
                }
            }
            var halves = [UInt8](repeating: 0, count: 2 * x.count)
            ck_kv_store(&halves, nil, x, CK_KV_F16, 6, 3, 20)
            let values = halves.withUnsafeBytes { Array($0.bindMemory(to: Float16.self)) }
            let finite = values.allSatisfy { $0.isFinite }
            #expect(finite, "large values saturate")
            #expect(zip(values, x).allSatisfy { $0 == Float16(max(-65_504, min(65_504, $1))) })
        }
    }
}
