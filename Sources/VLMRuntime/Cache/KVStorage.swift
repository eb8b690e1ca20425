import CKernels

/// How keys and values are kept.
public enum KVStorage: String, Sendable, Codable, CaseIterable {
    /// Exactly as computed.
    case float32
    /// Half the memory; 11 bits of precision, values beyond 65,504 saturate.
    case float16
    /// Half the memory; 8 bits of precision, any size.
    case bfloat16
    /// A quarter of the memory: signed bytes with a scale for every token and head.
    case int8

    /// What a model with this arithmetic uses unless told otherwise.
    ///
    /// Float16 rather than bfloat16: keys and values are of moderate size, so the three bits more
    /// of precision count and the range does not (measured in EXPERIMENTS.md).
    static func automatic(_ arithmetic: Arithmetic) -> KVStorage {
        arithmetic == .float32 ? .float32 : .float16
    }

    var kernelType: ck_kv_type {
        switch self {
        case .float32: CK_KV_F32
        case .float16: CK_KV_F16
        case .bfloat16: CK_KV_BF16
        case .int8: CK_KV_I8
        }
    }
}

/// The sizes of one model's keys and values.
struct KVShape: Sendable, Hashable {
    let layerCount: Int
    let headCount: Int
    let headDimension: Int
    let storage: KVStorage

    init(_ configuration: TextConfiguration, storage: KVStorage) {
        layerCount = configuration.layerCount
        headCount = configuration.keyValueHeadCount
        headDimension = configuration.headDimension
        self.storage = storage
    }

    /// Values of a token's keys in one layer.
    var width: Int { headCount * headDimension }
    /// Bytes of a token's keys in one layer, scales aside.
    var rowBytes: Int { width * ck_kv_type_size(storage.kernelType) }
    /// Bytes of the scales of a token's keys in one layer.
    var scaleBytes: Int { storage == .int8 ? headCount * MemoryLayout<Float>.stride : 0 }
    /// Bytes a token takes in all layers, keys and values.
    var bytesPerToken: Int { 2 * layerCount * (rowBytes + scaleBytes) }
}
