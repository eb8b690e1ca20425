import CKernels
import Synchronization

/// Memory for the keys and values of a run of tokens, in all layers.
///
/// Tokens fill it from the start. Whoever continues a conversation claims the next slots and writes
/// them; everybody who knows of a slot knows that it is written. So many caches may read one block
/// while one of them still grows in it.
final class KVBlock: @unchecked Sendable {
    // Unchecked: a slot is written only by the cache that claimed it, before others can see it.
    let shape: KVShape
    /// Tokens it has room for.
    let capacity: Int
    private let claimed = Atomic<Int>(0)
    private let memory: UnsafeMutableRawPointer

    init(_ shape: KVShape, capacity: Int) {
        self.shape = shape
        self.capacity = capacity
        memory = .allocate(byteCount: max(64, capacity * shape.bytesPerToken), alignment: 64)
    }

    deinit { memory.deallocate() }

    /// Bytes it takes, used or not.
    var byteCount: Int { capacity * shape.bytesPerToken }

    /// Takes up to `wanted` slots behind `end`; none when somebody else has continued there.
    func claim(after end: Int, upTo wanted: Int) -> Int {
        let count = min(wanted, capacity - end)
        guard count > 0 else { return 0 }
        let (exchanged, _) = claimed.compareExchange(
            expected: end, desired: end + count, ordering: .acquiringAndReleasing)
        return exchanged ? count : 0
    }

    /// Gives slots back; only for the one owner of the block.
    func release(to end: Int) { claimed.store(end, ordering: .releasing) }

    /// Stores rows of one layer.
    ///
    /// - Parameters:
    ///   - keys: first of `count` rows of `shape.width` floats; values likewise.
    func write(
        layer: Int, slot: Int, count: Int, keys: UnsafePointer<Float>,
        values: UnsafePointer<Float>
    ) {
        for (part, source) in [keys, values].enumerated() {
            let scales = shape.scaleBytes > 0 ? scales(layer, part) + slot * shape.headCount : nil
            ck_kv_store(
                rows(layer, part) + slot * shape.rowBytes, scales, source,
                shape.storage.kernelType, count, shape.headCount, shape.headDimension)
        }
    }

    /// Some slots of one layer as the attention kernel takes them; valid while the block lives.
    func segment(layer: Int, _ range: Range<Int>) -> ck_kv_segment {
        let offset = range.lowerBound * shape.rowBytes
        let hasScales = shape.scaleBytes > 0
        let first = range.lowerBound * shape.headCount
        return ck_kv_segment(
            k: rows(layer, 0) + offset, v: rows(layer, 1) + offset,
            k_scales: hasScales ? scales(layer, 0) + first : nil,
            v_scales: hasScales ? scales(layer, 1) + first : nil,
            keys: range.count, stride: shape.width, type: shape.storage.kernelType)
    }

    // Layer by layer: keys, values, then the scales of both.
    private func rows(_ layer: Int, _ part: Int) -> UnsafeMutableRawPointer {
        memory + capacity * ((2 * layer + part) * shape.rowBytes)
    }

    private func scales(_ layer: Int, _ part: Int) -> UnsafeMutablePointer<Float> {
        let first = capacity * 2 * shape.layerCount * shape.rowBytes
        let offset = capacity * ((2 * layer + part) * shape.scaleBytes)
        return (memory + first + offset).assumingMemoryBound(to: Float.self)
    }
}
