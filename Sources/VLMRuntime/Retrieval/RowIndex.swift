import COpenBLAS
import CKernels

/// Rows of equal width that are all compared with those of a query: no approximation.
public struct RowIndex: Sendable {
    /// Features of a row.
    public let columns: Int
    /// Rows held.
    public private(set) var count = 0
    private var values: [Float] = []
    /// Rows compared in one product: its scores stay in the cache.
    private static let blockRows = 4_096

    /// An empty index.
    ///
    /// - Precondition: `columns` is positive.
    public init(columns: Int) {
        precondition(columns > 0)
        self.columns = columns
    }

    /// Makes room for rows to come.
    public mutating func reserve(_ rows: Int) { values.reserveCapacity(rows * columns) }

    /// Adds rows behind those held.
    ///
    /// - Precondition: `rows.columns == columns`.
    public mutating func append(_ rows: Matrix) {
        precondition(rows.columns == columns, "rows of \(rows.columns), not \(columns)")
        values.append(contentsOf: UnsafeBufferPointer(start: rows.pointer, count: rows.count))
        withExtendedLifetime(rows) {}
        count += rows.rows
    }

    /// The largest product of each held row with a row of the query.
    ///
    /// - Parameter query: `[any, columns]`.
    /// - Returns: one value for each held row; empty for an empty query.
    public func bestMatches(_ query: Matrix) -> [Float] {
        precondition(query.columns == columns, "rows of \(query.columns), not \(columns)")
        guard count > 0, query.rows > 0 else { return [] }
        var scores = Matrix(uninitializedRows: query.rows, columns: min(count, Self.blockRows))
        return [Float](unsafeUninitializedCapacity: count) { best, initialized in
            values.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress, let target = best.baseAddress else { return }
                for first in stride(from: 0, to: count, by: Self.blockRows) {
                    let rows = min(Self.blockRows, count - first)
                    let block = base + first * columns
                    let y = scores.mutable
                    if cob_available() {
                        cob_multiply_transposed(
                            y, rows, query.pointer, columns, block, columns, query.rows, rows,
                            columns)
                    } else {
                        ck_linear(
                            y, query.pointer, block, CK_F32, nil, query.rows, rows, columns)
                    }
                    Self.largest(of: y, rows: query.rows, columns: rows, into: target + first)
                }
            }
            initialized = count
        }
    }

    /// The largest value of each column.
    private static func largest(
        of x: UnsafePointer<Float>, rows: Int, columns: Int, into best: UnsafeMutablePointer<Float>
    ) {
        best.update(from: x, count: columns)
        for row in 1..<max(rows, 1) {
            let source = UnsafeRawPointer(x + row * columns)
            let target = UnsafeMutableRawPointer(best)
            var column = 0
            while column + 16 <= columns {
                let offset = column * MemoryLayout<Float>.stride
                let old = target.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
                let new = source.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
                let larger = old.replacing(with: new, where: new .> old)
                target.storeBytes(of: larger, toByteOffset: offset, as: SIMD16<Float>.self)
                column += 16
            }
            while column < columns {
                best[column] = max(best[column], x[row * columns + column])
                column += 1
            }
        }
    }
}
