import CKernels
import Testing

extension KernelTests {
    /// Weights in the blocks of GGUF files: the vector code against the specification.
    @Suite(.serialized)
    struct BlockFormatTests {
        static let formats = [
            CK_GGUF_Q4_0, CK_GGUF_Q4_1, CK_GGUF_Q5_0, CK_GGUF_Q5_1, CK_GGUF_Q8_0, CK_GGUF_Q4_K,
            CK_GGUF_Q5_K, CK_GGUF_Q6_K,
        ]

        /// Random blocks whose scales are of ordinary size; the first byte is there to misalign them.
        static func blocks(_ format: ck_dtype, count: Int, seed: UInt64) -> [UInt8] {
            var numbers = Numbers(seed: seed)
            let bytes = ck_dtype_bytes(format, count)
            let size = ck_dtype_bytes(format, ck_dtype_block(format))
            var result = [UInt8](repeating: 0, count: bytes + 1)
            for i in 1...bytes { result[i] = UInt8(truncatingIfNeeded: Int(numbers.next() * 1e6)) }
            for block in 0..<bytes / size {
                for half in format == CK_GGUF_Q6_K ? [208] : [0, 2] {
                    // Exponents below that of 1: no infinities, and products of ordinary size.
                    result[1 + block * size + half + 1] &= 0xAF
                }
            }
            return result
        }

        static func withBlocks(_ blocks: [UInt8], _ body: (UnsafeRawPointer) -> Void) {
            blocks.withUnsafeBytes { buffer in
                if let base = buffer.baseAddress { body(base + 1) }
            }
        }

        @Test func expandingIsExact() {
            for format in Self.formats {
                for count in [256, 512, 4096, 256 * 300] {
                    let blocks = Self.blocks(format, count: count, seed: UInt64(count))
                    var expected = [Float](repeating: 0, count: count)
                    Self.withBlocks(blocks) { ck_expand_reference(&expected, $0, format, count) }
                    #expect(expected.contains { $0 != 0 })
                    atEachLevel { level in
                        var found = [Float](repeating: .nan, count: count)
                        Self.withBlocks(blocks) { ck_expand(&found, $0, format, count) }
                        #expect(
                            found.map(\.bitPattern) == expected.map(\.bitPattern),
                            "\(format) \(count) at \(level)")
                    }
                }
            }
        }

        @Test func productsMatchTheReference() {
            var numbers = Numbers(seed: 61)
            for format in Self.formats {
                for (m, n, k) in [(1, 1, 256), (1, 9, 768), (3, 5, 512), (4, 8, 256), (9, 7, 1536)]
                {
                    let blocks = Self.blocks(format, count: n * k, seed: UInt64(m + n + k))
                    let x = numbers.floats(m * k)
                    let bias = numbers.floats(n)
                    var expected = [Float](repeating: 0, count: m * n)
                    Self.withBlocks(blocks) {
                        ck_linear_reference(&expected, x, $0, format, bias, m, n, k)
                    }
                    let scale = max(1, expected.map(abs).max() ?? 0)
                    atEachLevel { level in
                        var found = [Float](repeating: .nan, count: m * n)
                        Self.withBlocks(blocks) {
                            ck_linear(&found, x, $0, format, bias, m, n, k)
                        }
                        #expect(
                            largestDifference(found, expected) < 2e-5 * scale,
                            "\(format) \(m)×\(n)×\(k) at \(level)")
                    }
                }
            }
        }

        /// Cached and uncached prompts give the same tokens only if this holds to the last bit.
        @Test func aRowDoesNotDependOnItsNeighbours() {
            var numbers = Numbers(seed: 62)
            let (m, n, k) = (11, 13, 768)
            let x = numbers.floats(m * k)
            for format in Self.formats {
                let blocks = Self.blocks(format, count: n * k, seed: 7)
                atEachLevel { level in
                    var all = [Float](repeating: 0, count: m * n)
                    var one = [Float](repeating: 0, count: n)
                    Self.withBlocks(blocks) { weights in
                        ck_linear(&all, x, weights, format, nil, m, n, k)
                        for row in 0..<m {
                            let own = Array(x[row * k..<(row + 1) * k])
                            ck_linear(&one, own, weights, format, nil, 1, n, k)
                            #expect(
                                one == Array(all[row * n..<(row + 1) * n]), "\(format) \(level)")
                        }
                    }
                }
            }
        }
    }
}
