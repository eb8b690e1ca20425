import CKernels
import Testing

@testable import VLMRuntime

/// Caches share what they have in common and never write where another one reads.
struct KVCacheTests {
    private let configuration: TextConfiguration

    init() throws { configuration = try Golden.parts("ckpt-new").configuration.text }

    /// A cache with one number for each token.
    private func grown(_ cache: inout KVCache, _ numbers: [Float]) {
        let width = cache.shape.width
        cache.extend(by: numbers.count)
        let rows = numbers.flatMap { Array(repeating: $0, count: width) }
        for layer in 0..<cache.shape.layerCount {
            rows.withUnsafeBufferPointer { rows in
                guard let first = rows.baseAddress else { return }
                cache.write(layer: layer, tokens: numbers.count, keys: first, values: first)
            }
        }
    }

    private func numbers(_ cache: KVCache, layer: Int = 1) -> [Float] {
        let read = cache.segments(layer: layer).flatMap { segment in
            (0..<segment.keys).map { key in
                segment.v.loadUnaligned(
                    fromByteOffset: key * segment.stride * 4, as: Float.self)
            }
        }
        withExtendedLifetime(cache) {}
        return read
    }

    @Test func copiesGrowApart() {
        var first = KVCache(configuration)
        grown(&first, [1, 2, 3])
        var second = first
        grown(&first, [4])
        grown(&second, [5, 6])
        grown(&first, [7])
        #expect(numbers(first) == [1, 2, 3, 4, 7])
        #expect(numbers(second) == [1, 2, 3, 5, 6])
        #expect(first.runs.count == 1, "the first to go on stays in its block")
        #expect(KVCache.sharedCount([first, second]) == 3)
    }

    @Test func growingBeyondABlockGoesOnInTheNext() {
        var cache = KVCache(configuration)
        let all = (0..<300).map(Float.init)
        for start in stride(from: 0, to: 300, by: 7) {
            grown(&cache, Array(all[start..<min(start + 7, 300)]))
        }
        #expect(cache.count == 300)
        #expect(numbers(cache) == all)
        #expect(numbers(cache.prefix(129)) == Array(all.prefix(129)))
    }

    @Test func forgottenTokensAreOverwrittenOnlyWhenNobodyElseKnowsThem() {
        var cache = KVCache(configuration)
        grown(&cache, [1, 2, 3, 4])
        cache.truncate(to: 2)
        grown(&cache, [5])
        #expect(numbers(cache) == [1, 2, 5])
        #expect(cache.runs.count == 1)
        let kept = cache
        cache.truncate(to: 1)
        grown(&cache, [6, 7])
        #expect(numbers(kept) == [1, 2, 5])
        #expect(numbers(cache) == [1, 6, 7])
    }

    @Test func halvesAndBytesTakeLessMemory() {
        let sizes = KVStorage.allCases.map { KVShape(configuration, storage: $0).bytesPerToken }
        #expect(sizes[1] * 2 == sizes[0])
        #expect(sizes[2] * 2 == sizes[0])
        #expect(sizes[3] < sizes[1])
    }
}
