import CKernels

/// A tensor where it lies in its file; nothing is copied or converted.
public struct Tensor: @unchecked Sendable {
    // Unchecked: points into a read-only mapping that `file` keeps alive.
    /// The name in the file.
    public let name: String
    /// How values are stored.
    public let type: TensorType
    /// Extents, outermost first.
    public let shape: [Int]
    let file: MappedFile
    let pointer: UnsafeRawPointer

    /// Number of values.
    public var count: Int { shape.reduce(1, *) }

    /// Bytes of all values.
    var byteCount: Int { type.byteCount(of: count) }

    /// The values as floats, in row-major order.
    ///
    /// - Precondition: a floating-point tensor.
    public func floats() -> [Float] {
        guard let kernelType = type.kernelType else {
            preconditionFailure("\(name) holds integers")
        }
        return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress { ck_expand(base, pointer, kernelType, count) }
            initialized = count
        }
    }

    /// The values as integers, in row-major order; empty for floating-point tensors.
    public func integers() -> [Int] {
        (0..<count).compactMap { index in
            switch type {
            case .int64: Int(pointer.loadUnaligned(fromByteOffset: index * 8, as: Int64.self))
            case .int32: Int(pointer.loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
            case .uint8: Int(pointer.load(fromByteOffset: index, as: UInt8.self))
            default: nil
            }
        }
    }
}
