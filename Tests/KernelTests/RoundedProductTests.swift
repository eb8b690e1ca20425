import CKernels
import Testing

extension KernelTests {
    /// Products with both sides rounded to bfloat16, against the specification, at sizes around
    /// what the fast version holds at once: 6 rows, 64 columns, 16 and 256 values of the sum.
    @Suite(.serialized)
    struct RoundedProductTests {
        /// Rows, summed values, columns.
        static let sizes = [
            (1, 1, 1), (2, 17, 33), (5, 16, 64), (6, 15, 65), (7, 33, 63), (13, 130, 129),
            (12, 255, 31), (49, 257, 66), (97, 272, 200), (3, 530, 16),
        ]

        @Test func theWayBackThroughPackedWeightsMatchesTheReference() {
            var numbers = Numbers(seed: 61)
            for format in [CK_Q8, CK_Q6, CK_Q4] {
                for (m, n, k) in Self.sizes {
                    let dy = numbers.floats(m * n)
                    let weights = Packed(numbers.floats(n * k), format, rows: n, columns: k)
                    var expected = [Float](repeating: 0, count: m * k)
                    ck_linear_backward_quantized_reference(
                        &expected, dy, weights.memory, format, m, n, k)
                    atEachLevel { level in
                        var found = [Float](repeating: .nan, count: m * k)
                        ck_linear_backward_quantized(&found, dy, weights.memory, format, m, n, k)
                        let difference = largestDifference(found, expected)
                        #expect(difference < Self.tolerance(n), "\(format) \(m)×\(n)×\(k) \(level)")
                    }
                }
            }
        }

        @Test func theWayBackThroughBfloat16WeightsMatchesTheReference() {
            var numbers = Numbers(seed: 62)
            for (m, n, k) in Self.sizes {
                let dy = numbers.floats(m * n)
                let weights = StoredWeights(numbers.floats(n * k), CK_BF16)
                var expected = [Float](repeating: 0, count: m * k)
                weights.withPointer {
                    ck_linear_backward_bf16_reference(&expected, dy, $0, m, n, k)
                }
                atEachLevel { level in
                    var found = [Float](repeating: .nan, count: m * k)
                    weights.withPointer { ck_linear_backward_bf16(&found, dy, $0, m, n, k) }
                    let difference = largestDifference(found, expected)
                    #expect(difference < Self.tolerance(n), "\(m)×\(n)×\(k) at \(level)")
                }
            }
        }

        /// Every way of storing the three matrices gives the product of the same numbers, and
        /// nothing between the rows of the result is touched.
        @Test func turnedMatricesGiveTheSameProduct() {
            var numbers = Numbers(seed: 63)
            for (m, k, n) in Self.sizes {
                let (a, b) = (numbers.floats(m * k), numbers.floats(k * n))
                let start = numbers.floats(m * n)
                for choice in 0..<16 {
                    let turned = (0..<3).map { choice >> $0 & 1 == 1 }
                    let adding = choice >= 8
                    let (left, lda) = Self.stored(a, m, k, turned: turned[0])
                    let (right, ldb) = Self.stored(b, k, n, turned: turned[1])
                    let (before, ldc) = Self.stored(start, m, n, turned: turned[2])
                    func run(
                        _ c: UnsafeMutablePointer<Float>,
                        _ multiply: (UnsafePointer<ck_float_product>) -> Void
                    ) {
                        left.withUnsafeBufferPointer { left in
                            right.withUnsafeBufferPointer { right in
                                var product = ck_float_product(
                                    c: c, a: left.baseAddress, b: right.baseAddress, ldc: ldc,
                                    lda: lda, ldb: ldb, c_is_turned: turned[2],
                                    a_is_turned: turned[0], b_is_turned: turned[1],
                                    accumulate: adding, m: m, n: n, k: k)
                                multiply(&product)
                            }
                        }
                    }
                    var expected = before
                    run(&expected) { ck_multiply_bf16_reference($0) }
                    atEachLevel { level in
                        var found = before
                        run(&found) { ck_multiply_bf16($0) }
                        let difference = largestDifference(found, expected)
                        #expect(
                            difference < Self.tolerance(k), "\(m)×\(k)×\(n) \(choice) at \(level)")
                    }
                }
            }
        }

        /// The specification itself: exact where every number is a small integer.
        @Test func smallIntegersAreMultipliedExactly() {
            let (m, n, k) = (7, 20, 70)
            let dy = (0..<m * n).map { Float($0 % 7 - 3) }
            let w = (0..<n * k).map { Float($0 % 5 - 2) }
            var expected = [Float](repeating: 0, count: m * k)
            for i in 0..<m {
                for j in 0..<k {
                    for t in 0..<n { expected[i * k + j] += dy[i * n + t] * w[t * k + j] }
                }
            }
            let weights = StoredWeights(w, CK_BF16)
            for level in [CK_LEVEL_REFERENCE] + levels {
                var found = [Float](repeating: .nan, count: m * k)
                at(level) {
                    weights.withPointer { ck_linear_backward_bf16(&found, dy, $0, m, n, k) }
                }
                #expect(found == expected, "\(level)")
            }
        }

        /// The same call gives the same bits whatever the number of threads.
        @Test func threadsDoNotChangeTheSums() {
            var numbers = Numbers(seed: 64)
            let (m, n, k) = (101, 333, 130)
            let dy = numbers.floats(m * n)
            let weights = Packed(numbers.floats(n * k), CK_Q8, rows: n, columns: k)
            let before = ck_thread_count()
            atEachLevel { level in
                let results = [1, 2, 3].map { threads in
                    ck_set_thread_count(threads)
                    var dx = [Float](repeating: .nan, count: m * k)
                    ck_linear_backward_quantized(&dx, dy, weights.memory, CK_Q8, m, n, k)
                    return dx
                }
                ck_set_thread_count(before)
                #expect(results[0] == results[1] && results[0] == results[2], "\(level)")
            }
        }

        @Test func roundingIsToNearestEven() {
            var numbers = Numbers(seed: 65)
            let edges: [UInt32] = [
                0, 0x8000_0000, 0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x7f80_0000, 0xff80_0000,
                0x7f7f_ffff,
            ]
            let values = edges.map { Float(bitPattern: $0) } + numbers.floats(100, scale: 1e3)
            let expected = values.map { value in
                let bits = value.bitPattern
                return UInt16(
                    truncatingIfNeeded: (UInt64(bits) + 0x7fff + UInt64(bits >> 16 & 1)) >> 16)
            }
            atEachLevel { level in
                var found = [UInt16](repeating: 1, count: values.count)
                ck_round_bf16(&found, values, values.count)
                #expect(found == expected, "\(level)")
                var nothing: [UInt16] = [0]
                ck_round_bf16(&nothing, [Float.nan], 1)
                #expect(nothing[0] & 0x7fff > 0x7f80, "\(level)")
            }
        }

        @Test func unpackingRowsTogetherIsUnpackingThemOneByOne() {
            var numbers = Numbers(seed: 66)
            for format in [CK_Q8, CK_Q6, CK_Q4] {
                for (rows, columns) in [(1, 1), (16, 64), (37, 129), (50, 200)] {
                    let weights = Packed(
                        numbers.floats(rows * columns), format, rows: rows, columns: columns)
                    let expected = weights.unpacked()
                    for first in stride(from: 0, to: rows, by: 16) {
                        let count = rows - first
                        var found = [Float](repeating: .nan, count: count * columns)
                        ck_unpack(&found, weights.memory, format, columns, first, count)
                        #expect(found == Array(expected[(first * columns)...]))
                    }
                }
            }
        }

        /// Sums run in float32 in the fast versions and in double in the specification.
        private static func tolerance(_ terms: Int) -> Float {
            2e-6 * Float(terms).squareRoot() * 4
        }

        /// A matrix as it is or transposed, its rows three values further apart than they are long.
        private static func stored(
            _ values: [Float], _ rows: Int, _ columns: Int, turned: Bool
        ) -> (values: [Float], stride: Int) {
            let (count, width) = turned ? (columns, rows) : (rows, columns)
            var result = [Float](repeating: 9, count: count * (width + 3))
            for row in 0..<rows {
                for column in 0..<columns {
                    let place = turned ? column * (rows + 3) + row : row * (columns + 3) + column
                    result[place] = values[row * columns + column]
                }
            }
            return (result, width + 3)
        }
    }
}
