import CKernels

/// Activations that wait for the way back: as floats, or rounded to bfloat16 in half the memory.
enum KeptRows {
    case exact(Matrix)
    case rounded([UInt16], columns: Int)

    init(_ x: Matrix, _ precision: ProductPrecision) {
        guard precision == .bfloat16 else {
            self = .exact(x)
            return
        }
        let values = [UInt16](unsafeUninitializedCapacity: x.count) { buffer, count in
            count = x.count
            guard let base = buffer.baseAddress, count > 0 else { return }
            ck_round_bf16(base, x.pointer, count)
        }
        withExtendedLifetime(x) {}
        self = .rounded(values, columns: x.columns)
    }

    /// The rows as floats again.
    var matrix: Matrix {
        switch self {
        case .exact(let matrix): return matrix
        case .rounded(let values, let columns):
            var result = Matrix(
                uninitializedRows: values.count / max(1, columns), columns: columns)
            ck_expand(result.mutable, values, CK_BF16, values.count)
            return result
        }
    }
}
