import CKernels
import Testing

extension KernelTests {
    /// Packed weights and products with them, against the specification, at sizes around the tile
    /// (16 rows), the blocks (64) and the number of rows where the code changes (12, 192).
    @Suite(.serialized)
    struct QuantizedTests {
        static let formats = [CK_Q8, CK_Q6, CK_Q4]

        @Test func productsMatchTheReference() {
            var numbers = Numbers(seed: 51)
            for format in Self.formats {
                for (m, n, k) in [
                    (1, 1, 1), (1, 16, 64), (2, 17, 33), (3, 40, 65), (5, 15, 128), (6, 33, 130),
                    (7, 16, 200), (11, 31, 64), (12, 48, 96), (13, 50, 127), (19, 64, 129),
                    (193, 20, 1100), (4, 24, 3420),
                ] {
                    let x = numbers.floats(m * k)
                    let weights = Packed(numbers.floats(n * k), format, rows: n, columns: k)
                    let bias = numbers.floats(n)
                    let expected = weights.product(x, bias, m, ck_linear_quantized_reference)
                    atEachLevel { level in
                        let found = weights.product(x, bias, m, ck_linear_quantized)
                        let tolerance = 2e-6 * Float(k).squareRoot() * 4
                        #expect(
                            largestDifference(found, expected) < tolerance,
                            "\(format) \(m)×\(n)×\(k) at \(level)")
                    }
                }
            }
        }

        /// Cached and uncached prompts give the same tokens only if this holds to the last bit.
        @Test func aRowDoesNotDependOnItsNeighbours() {
            var numbers = Numbers(seed: 52)
            let (m, n, k) = (200, 37, 1100)
            let x = numbers.floats(m * k)
            for format in Self.formats {
                let weights = Packed(numbers.floats(n * k), format, rows: n, columns: k)
                atEachLevel { level in
                    let all = weights.product(x, nil, m, ck_linear_quantized)
                    for row in [0, 1, 5, 6, 11, 12, 13, 191, 192, 199] {
                        let values = Array(x[row * k..<(row + 1) * k])
                        let alone = weights.product(values, nil, 1, ck_linear_quantized)
                        #expect(
                            alone == Array(all[row * n..<(row + 1) * n]),
                            "\(format) row \(row) at \(level)")
                    }
                    let twelve = weights.product(
                        Array(x[..<(12 * k)]), nil, 12, ck_linear_quantized)
                    #expect(twelve == Array(all[..<(12 * n)]), "\(format) at \(level)")
                }
            }
        }

        @Test func productsTogetherAreTheProductsApart() {
            var numbers = Numbers(seed: 53)
            let (m, k) = (5, 150)
            let x = numbers.floats(m * k)
            let parts = [(CK_Q8, 40), (CK_Q4, 7), (CK_Q6, 16)].map { format, n in
                Packed(numbers.floats(n * k), format, rows: n, columns: k)
            }
            atEachLevel { level in
                var together = parts.map { [Float](repeating: .nan, count: m * $0.rows) }
                Packed.products(parts, x, m, into: &together)
                for (part, found) in zip(parts, together) {
                    #expect(found == part.product(x, nil, m, ck_linear_quantized), "\(level)")
                }
            }
        }

        @Test func packingKeepsValuesWithinItsSteps() {
            var numbers = Numbers(seed: 54)
            let (n, k) = (19, 333)
            let values = numbers.floats(n * k)
            for (format, bound) in [(CK_Q8, Float(0.008)), (CK_Q6, 0.03), (CK_Q4, 0.12)] {
                atEachLevel { level in
                    let packed = Packed(values, format, rows: n, columns: k)
                    var squares: Float = 0
                    var misses: Float = 0
                    for (found, value) in zip(packed.unpacked(), values) {
                        squares += value * value
                        misses += (found - value) * (found - value)
                    }
                    let error = (misses / squares).squareRoot()
                    #expect(error < bound && error > 0, "\(format) at \(level): \(error)")
                }
            }
        }

        /// The vector search for a scale may not be worse than the plain one by more than a little.
        @Test func everyLevelFindsAScaleAsGoodAsTheReference() {
            var numbers = Numbers(seed: 55)
            let values = numbers.floats(16 * 320)
            func error(_ level: ck_level) -> Float {
                let packed = at(level) { Packed(values, CK_Q4, rows: 16, columns: 320) }
                return zip(packed.unpacked(), values).reduce(0) {
                    $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
                }
            }
            let reference = error(CK_LEVEL_REFERENCE)
            atEachLevel { level in
                let found = error(level)
                #expect(found < reference * 1.02, "\(found) against \(reference) at \(level)")
            }
        }

        @Test func strangeValuesBecomeFiniteWeights() {
            var values = [Float](repeating: 0.5, count: 64)
            values[3] = .nan
            values[7] = .infinity
            values[40] = -.infinity
            for format in Self.formats {
                let unpacked = Packed(values, format, rows: 1, columns: 64).unpacked()
                #expect(unpacked.allSatisfy { $0.isFinite })
                #expect(unpacked[7] > 1000 && unpacked[40] < -1000)
                let zeros = Packed([Float](repeating: 0, count: 64), format, rows: 1, columns: 64)
                #expect(zeros.unpacked().allSatisfy { $0 == 0 })
            }
        }
    }
}

/// A packed matrix in aligned memory.
final class Packed {
    let format: ck_quantized_format
    let rows: Int
    let columns: Int
    let memory: UnsafeMutableRawPointer

    init(_ values: [Float], _ format: ck_quantized_format, rows: Int, columns: Int) {
        (self.format, self.rows, self.columns) = (format, rows, columns)
        let count = ck_packed_size(format, rows, columns)
        memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
        ck_pack(memory, format, values, CK_F32, rows, columns)
    }

    deinit { memory.deallocate() }

    typealias Product = (
        UnsafePointer<Float>?, Int, Int, UnsafePointer<ck_quantized_product>?, Int
    ) -> Void

    func product(_ x: [Float], _ bias: [Float]?, _ m: Int, _ function: Product) -> [Float] {
        var y = [Float](repeating: .nan, count: m * rows)
        y.withUnsafeMutableBufferPointer { y in
            func run(_ bias: UnsafePointer<Float>?) {
                var product = ck_quantized_product(
                    y: y.baseAddress, packed: memory, format: format, bias: bias, n: rows)
                x.withUnsafeBufferPointer { function($0.baseAddress, m, columns, &product, 1) }
            }
            if let bias {
                bias.withUnsafeBufferPointer { run($0.baseAddress) }
            } else {
                run(nil)
            }
        }
        return y
    }

    static func products(_ parts: [Packed], _ x: [Float], _ m: Int, into results: inout [[Float]]) {
        let pointers = parts.map {
            UnsafeMutablePointer<Float>.allocate(capacity: m * $0.rows)
        }
        let products = zip(parts, pointers).map { part, y in
            ck_quantized_product(
                y: y, packed: part.memory, format: part.format, bias: nil, n: part.rows)
        }
        ck_linear_quantized(x, m, parts[0].columns, products, products.count)
        for (index, pointer) in pointers.enumerated() {
            results[index] = Array(
                UnsafeBufferPointer(start: pointer, count: m * parts[index].rows))
            pointer.deallocate()
        }
    }

    func unpacked() -> [Float] {
        var values = [Float](repeating: .nan, count: rows * columns)
        for row in 0..<rows {
            values.withUnsafeMutableBufferPointer {
                guard let base = $0.baseAddress else { return }
                ck_unpack_row(base + row * columns, memory, format, columns, row)
            }
        }
        return values
    }
}
