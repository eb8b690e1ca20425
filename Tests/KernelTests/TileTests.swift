import CKernels
import Testing

extension KernelTests {
    /// GGUF blocks in the order that products want, against the same blocks as they come.
    @Suite(.serialized)
    struct TileTests {
        /// A matrix in tiles.
        private final class Tiles {
            let memory: UnsafeMutableRawPointer
            let format: ck_dtype
            let (rows, columns): (Int, Int)
            /// The values as the file's blocks say, `[rows, columns]`.
            let values: [Float]

            init(_ format: ck_dtype, rows: Int, columns: Int, seed: UInt64) {
                (self.format, self.rows, self.columns) = (format, rows, columns)
                let blocks = BlockFormatTests.blocks(format, count: rows * columns, seed: seed)
                let size = ck_tiles_size(format, rows, columns)
                let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
                var values = [Float](repeating: 0, count: rows * columns)
                BlockFormatTests.withBlocks(blocks) {
                    ck_make_tiles(memory, $0, format, rows, columns)
                    ck_expand_reference(&values, $0, format, rows * columns)
                }
                (self.memory, self.values) = (memory, values)
            }

            deinit { memory.deallocate() }

            typealias Product = (
                UnsafePointer<Float>?, Int, Int, UnsafePointer<ck_tiles_product>?, Int
            ) -> Void

            func product(
                _ x: [Float], _ bias: [Float]?, _ m: Int, _ multiply: Product = ck_linear_tiles
            ) -> [Float] {
                let bias = bias ?? [Float](repeating: 0, count: rows)
                var result = [Float](repeating: .nan, count: m * rows)
                result.withUnsafeMutableBufferPointer { y in
                    bias.withUnsafeBufferPointer { bias in
                        var product = ck_tiles_product(
                            y: y.baseAddress, tiles: memory, dtype: format,
                            bias: bias.baseAddress, n: rows)
                        multiply(x, m, columns, &product, 1)
                    }
                }
                return result
            }
        }

        /// Sizes around the tile (16 rows), the group (2 or 8 blocks), a stretch (16 blocks) and the
        /// numbers of rows where the code changes (8, 192).
        private static func sizes(_ format: ck_dtype) -> [(m: Int, n: Int, k: Int)] {
            let block = ck_dtype_block(format)
            return [
                (1, 1, block), (1, 16, 2 * block), (2, 17, 3 * block), (3, 40, block),
                (5, 15, 5 * block), (7, 33, 3 * block), (8, 16, 2 * block), (9, 47, 9 * block),
                (13, 50, 3 * block), (195, 37, 512 + block),
            ]
        }

        @Test func productsAreTheReferencesToTheLastBit() {
            var numbers = Numbers(seed: 71)
            for format in BlockFormatTests.formats {
                for (m, n, k) in Self.sizes(format) {
                    let tiles = Tiles(format, rows: n, columns: k, seed: UInt64(m + n + k))
                    let x = numbers.floats(m * k)
                    let bias = numbers.floats(n)
                    let expected = tiles.product(x, bias, m, ck_linear_tiles_reference)
                    atEachLevel { level in
                        let found = tiles.product(x, bias, m)
                        #expect(
                            found.map(\.bitPattern) == expected.map(\.bitPattern),
                            "\(format) \(m)×\(n)×\(k) at \(level)")
                    }
                }
            }
        }

        /// With one value of 127 in a row of x nothing is rounded: the product is that weight.
        @Test func tilesHoldEveryValueOfTheBlocks() {
            for format in BlockFormatTests.formats {
                let (n, k) = (19, 3 * ck_dtype_block(format))
                let tiles = Tiles(format, rows: n, columns: k, seed: 72)
                var x = [Float](repeating: 0, count: k * k)
                for i in 0..<k { x[i * k + i] = 127 }
                let found = tiles.product(x, nil, k)
                for i in 0..<k {
                    for row in 0..<n {
                        let weight = tiles.values[row * k + i]
                        let difference = abs(found[i * n + row] / 127 - weight)
                        #expect(difference <= 1e-6 * max(1, abs(weight)), "\(format) \(row) \(i)")
                    }
                }
            }
        }

        @Test func roundingInputsCostsLittle() {
            var numbers = Numbers(seed: 73)
            for format in BlockFormatTests.formats {
                let (m, n, k) = (4, 24, 1024)
                let tiles = Tiles(format, rows: n, columns: k, seed: 74)
                let x = numbers.floats(m * k)
                let found = tiles.product(x, nil, m)
                var (errors, squares) = (0.0, 0.0)
                for row in 0..<m {
                    for column in 0..<n {
                        let exact = (0..<k).reduce(0.0) {
                            $0 + Double(x[row * k + $1]) * Double(tiles.values[column * k + $1])
                        }
                        errors +=
                            (Double(found[row * n + column]) - exact)
                            * (Double(found[row * n + column]) - exact)
                        squares += exact * exact
                    }
                }
                let error = (errors / squares).squareRoot()
                #expect(error < 0.012 && error > 0, "\(format): \(error)")
            }
        }

        /// Cached and uncached prompts give the same tokens only if this holds to the last bit.
        @Test func aRowDoesNotDependOnItsNeighbours() {
            var numbers = Numbers(seed: 75)
            for format in BlockFormatTests.formats {
                let (m, n, k) = (200, 21, 768)
                let tiles = Tiles(format, rows: n, columns: k, seed: 76)
                let x = numbers.floats(m * k)
                let all = tiles.product(x, nil, m)
                for row in [0, 1, 5, 6, 7, 8, 191, 192, 199] {
                    let own = Array(x[row * k..<(row + 1) * k])
                    let alone = tiles.product(own, nil, 1)
                    #expect(alone == Array(all[row * n..<(row + 1) * n]), "\(format) row \(row)")
                }
                let eight = tiles.product(Array(x[..<(8 * k)]), nil, 8)
                #expect(eight == Array(all[..<(8 * n)]), "\(format)")
            }
        }

        @Test func productsTogetherAreTheProductsApart() {
            var numbers = Numbers(seed: 77)
            let (m, k) = (5, 512)
            let x = numbers.floats(m * k)
            let parts = [(CK_GGUF_Q4_K, 40), (CK_GGUF_Q6_K, 7), (CK_GGUF_Q8_0, 16)].map {
                Tiles($0, rows: $1, columns: k, seed: 78)
            }
            var found = parts.map { [Float](repeating: .nan, count: m * $0.rows) }
            let places = found.indices.map { index in
                found[index].withUnsafeMutableBufferPointer { $0 }
            }
            let products = zip(parts, places).map {
                ck_tiles_product(
                    y: $1.baseAddress, tiles: $0.memory, dtype: $0.format, bias: nil, n: $0.rows)
            }
            ck_linear_tiles(x, m, k, products, products.count)
            for (part, found) in zip(parts, found) { #expect(found == part.product(x, nil, m)) }
        }
    }
}
