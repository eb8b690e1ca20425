import CKernels

/// How a tensor's values are stored: one by one, or in the blocks that GGUF files use.
public enum TensorType: String, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int64 = "I64"
    case int32 = "I32"
    case uint8 = "U8"
    case q4Zero = "Q4_0"
    case q4One = "Q4_1"
    case q5Zero = "Q5_0"
    case q5One = "Q5_1"
    case q8Zero = "Q8_0"
    case q4K = "Q4_K"
    case q5K = "Q5_K"
    case q6K = "Q6_K"

    /// The kernels' name for it; `nil` for integers.
    var kernelType: ck_dtype? {
        switch self {
        case .float32: CK_F32
        case .float16: CK_F16
        case .bfloat16: CK_BF16
        case .int64, .int32, .uint8: nil
        case .q4Zero: CK_GGUF_Q4_0
        case .q4One: CK_GGUF_Q4_1
        case .q5Zero: CK_GGUF_Q5_0
        case .q5One: CK_GGUF_Q5_1
        case .q8Zero: CK_GGUF_Q8_0
        case .q4K: CK_GGUF_Q4_K
        case .q5K: CK_GGUF_Q5_K
        case .q6K: CK_GGUF_Q6_K
        }
    }

    /// Values that share a block; rows are whole blocks.
    var blockLength: Int { kernelType.map { ck_dtype_block($0) } ?? 1 }

    /// Whether values stand in blocks with scales, as in GGUF files only.
    public var isBlocked: Bool { blockLength > 1 }

    /// Bytes of so many values, which are whole blocks.
    public func byteCount(of count: Int) -> Int {
        guard let kernelType else {
            switch self {
            case .int64: return count * 8
            case .int32: return count * 4
            default: return count
            }
        }
        return ck_dtype_bytes(kernelType, count)
    }

    /// Whole bits of one value, scales left out: 32, 16, 8, 6, 5 or 4 for numbers.
    public var bits: Int { 8 * byteCount(of: 256) / 256 }
}

extension TensorType {
    /// By the number that GGUF files use; `nil` for what is not supported.
    init?(gguf code: UInt32) {
        let known: [UInt32: TensorType] = [
            0: .float32, 1: .float16, 2: .q4Zero, 3: .q4One, 6: .q5Zero, 7: .q5One, 8: .q8Zero,
            12: .q4K, 13: .q5K, 14: .q6K, 30: .bfloat16,
        ]
        guard let type = known[code] else { return nil }
        self = type
    }

    /// What ggml calls a type.
    static func ggufName(_ code: UInt32) -> String {
        let names: [UInt32: String] = [
            9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS",
            18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS",
            24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0",
            35: "TQ2_0", 39: "MXFP4", 40: "NVFP4",
        ]
        return names[code] ?? "type \(code)"
    }
}
