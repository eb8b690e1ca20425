import CKernels
import Foundation

/// Cosines and sines of the rotary angles of some tokens or patches, `[rows, headDimension / 2]`.
///
/// A frequency serves feature `j` and feature `j + headDimension / 2`, so half a head is stored.
struct RotaryTable: Sendable {
    let cosine: Matrix
    let sine: Matrix

    /// - Parameters:
    ///   - rows: number of tokens or patches.
    ///   - half: frequencies, half the head dimension.
    ///   - angle: radians of a row and frequency.
    init(rows: Int, half: Int, angle: (_ row: Int, _ frequency: Int) -> Float) {
        var cosine = Matrix(uninitializedRows: rows, columns: half)
        var sine = Matrix(uninitializedRows: rows, columns: half)
        let (cosines, sines) = (cosine.mutable, sine.mutable)
        for row in 0..<rows {
            for frequency in 0..<half {
                let radians = angle(row, frequency)
                cosines[row * half + frequency] = cos(radians)
                sines[row * half + frequency] = sin(radians)
            }
        }
        self.cosine = cosine
        self.sine = sine
    }

    init(cosine: Matrix, sine: Matrix) {
        self.cosine = cosine
        self.sine = sine
    }

    /// The table with groups of `size` rows in another order.
    func permuted(groups order: [Int], size: Int) -> RotaryTable {
        RotaryTable(
            cosine: cosine.permuted(groups: order, size: size),
            sine: sine.permuted(groups: order, size: size))
    }

    /// `θ^(-2j/d)` for `j` in `0..<d/2`, in float32 as the reference computes it.
    static func inverseFrequencies(theta: Double, dimension: Int) -> [Float] {
        (0..<dimension / 2).map { j in
            1 / powf(Float(theta), Float(2 * j) / Float(dimension))
        }
    }
}

extension RotaryTable {
    /// Turns the heads of every row, in place.
    func turn(_ x: inout Matrix, heads: Int, headDimension: Int) {
        ck_rope(
            x.mutable, cosine.pointer, sine.pointer, x.rows, heads, headDimension, x.columns)
        withExtendedLifetime(self) {}
    }
}

extension Matrix {
    /// Groups of `size` consecutive rows, taken in the order given.
    func permuted(groups order: [Int], size: Int) -> Matrix {
        precondition(order.count * size == rows)
        var result = Matrix(uninitializedRows: rows, columns: columns)
        let target = result.mutable
        let length = size * columns
        for (position, group) in order.enumerated() {
            (target + position * length).update(from: pointer + group * length, count: length)
        }
        return result
    }

    /// The inverse of `permuted(groups:size:)` for groups of one row.
    func scattered(to order: [Int]) -> Matrix {
        precondition(order.count == rows)
        var result = Matrix(uninitializedRows: rows, columns: columns)
        let target = result.mutable
        for (position, row) in order.enumerated() {
            (target + row * columns).update(from: pointer + position * columns, count: columns)
        }
        return result
    }
}
