import CKernels

/// Random numbers that are the same in every run.
struct Numbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// Uniform in -1 ..< 1.
    mutating func next() -> Float {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Float(state >> 40) / Float(1 << 23) - 1
    }

    mutating func floats(_ count: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { _ in next() * scale }
    }
}

/// Every level this machine can run, the reference excepted.
let levels: [ck_level] = [
    CK_LEVEL_PORTABLE, CK_LEVEL_AVX2, CK_LEVEL_AVX512, CK_LEVEL_AVX512_VNNI,
    CK_LEVEL_AVX512_BF16,
].filter { $0.rawValue <= ck_supported_level().rawValue }

/// Weights as bytes of a stored type, starting at an odd address on purpose: tensors in
/// safetensors files are not aligned.
struct StoredWeights {
    let bytes: [UInt8]
    let type: ck_dtype

    init(_ values: [Float], _ type: ck_dtype) {
        self.type = type
        var bytes: [UInt8] = [0]
        for value in values {
            switch type {
            case CK_F16: withUnsafeBytes(of: Float16(value)) { bytes.append(contentsOf: $0) }
            case CK_BF16:
                let bits = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
                withUnsafeBytes(of: bits) { bytes.append(contentsOf: $0) }
            default: withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
            }
        }
        self.bytes = bytes
    }

    func withPointer<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("never empty") }
            return body(base + 1)
        }
    }
}

/// Largest difference between two results.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count)
    return zip(a, b).map { abs($0 - $1) }.max() ?? 0
}

/// Runs `body` at each level and gives the level back afterwards.
func atEachLevel(_ body: (ck_level) -> Void) {
    for level in levels { at(level) { body(level) } }
}

/// What `body` gives at `level`; the thread has its own level back afterwards.
func at<Result>(_ level: ck_level, _ body: () throws -> Result) rethrows -> Result {
    let before = ck_current_level()
    defer { ck_use_level(before) }
    ck_use_level(level)
    return try body()
}
