import CKernels
import COpenBLAS

/// A block of floats inside a larger buffer, read as it is or transposed.
struct MatrixView {
    let pointer: UnsafePointer<Float>
    /// Floats from one stored row to the next.
    let stride: Int
    let isTransposed: Bool

    init(_ pointer: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
        self.pointer = pointer
        self.stride = stride
        isTransposed = transposed
    }

    var transposed: MatrixView {
        MatrixView(pointer, stride: stride, transposed: !isTransposed)
    }
}

/// `c = a · b` or `c += a · b`, `[m, k] · [k, n]`, by OpenBLAS or, without it, our own kernels.
///
/// - Parameters:
///   - c: rows of `n` floats, `stride` apart.
///   - a: `[m, k]`, or its transpose.
///   - b: `[k, n]`, or its transpose.
func multiply(
    _ a: MatrixView, _ b: MatrixView, into c: UnsafeMutablePointer<Float>, stride: Int, m: Int,
    n: Int, k: Int, adding: Bool
) {
    guard m > 0, n > 0, k > 0 else { return }
    if cob_available() {
        cob_multiply(
            c, stride, a.pointer, a.stride, a.isTransposed, b.pointer, b.stride, b.isTransposed,
            m, n, k, 1, adding ? 1 : 0)
        return
    }
    let (row, step) = a.isTransposed ? (1, a.stride) : (a.stride, 1)
    guard b.isTransposed else {
        ck_multiply(c, stride, a.pointer, row, step, b.pointer, b.stride, m, n, k, adding)
        return
    }
    let turned = transposed(b.pointer, rows: n, columns: k, stride: b.stride)
    ck_multiply(c, stride, a.pointer, row, step, turned.pointer, n, m, n, k, adding)
    withExtendedLifetime(turned) {}
}

/// What the two sides of a product are rounded to; sums are in float32.
enum ProductPrecision: Sendable {
    case float32
    /// Faster where the CPU has the dot product.
    case bfloat16

    /// Bytes of a value that is kept.
    var size: Int { self == .float32 ? 4 : 2 }
}

/// `c = a · b` or `c += a · b`, `[m, k] · [k, n]`, with both sides rounded as asked for.
func multiply(
    _ a: MatrixView, _ b: MatrixView, into c: UnsafeMutablePointer<Float>, stride: Int, m: Int,
    n: Int, k: Int, adding: Bool, _ precision: ProductPrecision
) {
    guard precision == .bfloat16 else {
        return multiply(a, b, into: c, stride: stride, m: m, n: n, k: k, adding: adding)
    }
    var product = ck_float_product(
        c: c, a: a.pointer, b: b.pointer, ldc: stride, lda: a.stride, ldb: b.stride,
        c_is_turned: false, a_is_turned: a.isTransposed, b_is_turned: b.isTransposed,
        accumulate: adding, m: m, n: n, k: k)
    ck_multiply_bf16(&product)
}

private func transposed(
    _ source: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int
) -> Matrix {
    var result = Matrix(uninitializedRows: columns, columns: rows)
    let target = result.mutable
    for row in 0..<rows {
        for column in 0..<columns {
            target[column * rows + row] = source[row * stride + column]
        }
    }
    return result
}

extension Matrix {
    /// The whole matrix for a product; the caller keeps it alive.
    var view: MatrixView { MatrixView(pointer, stride: columns) }

    /// Multiplies every value.
    mutating func scale(by factor: Float) {
        let values = mutable
        for index in 0..<count { values[index] *= factor }
    }
}
