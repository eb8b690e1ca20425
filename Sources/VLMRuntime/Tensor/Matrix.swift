/// A row-major block of floats; rows are tokens or patches, columns are features.
///
/// Copying shares storage until one of the copies is written to. Fresh storage is not cleared
/// unless asked for: kernels overwrite it anyway.
public struct Matrix: @unchecked Sendable {
    // Unchecked: the storage is only written through `mutable`, which first makes it unique.
    /// Tokens or patches.
    public let rows: Int
    /// Features.
    public let columns: Int
    private var storage: Storage

    /// Makes a `[rows, columns]` matrix of zeros.
    public init(rows: Int, columns: Int) {
        self.init(uninitializedRows: rows, columns: columns)
        storage.base.initialize(repeating: 0, count: count)
    }

    /// Makes a `[rows, columns]` matrix whose values the caller is about to write.
    init(uninitializedRows rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "a matrix cannot be \(rows)×\(columns)")
        self.rows = rows
        self.columns = columns
        storage = Storage(count: rows * columns)
    }

    /// Wraps values given row by row.
    ///
    /// - Precondition: `values.count == rows * columns`.
    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(
            values.count == rows * columns, "\(values.count) values for \(rows)×\(columns)")
        self.init(uninitializedRows: rows, columns: columns)
        values.withUnsafeBufferPointer { source in
            guard let first = source.baseAddress else { return }
            storage.base.initialize(from: first, count: source.count)
        }
    }

    /// Number of values.
    public var count: Int { rows * columns }

    /// All values, row by row.
    public var values: [Float] { Array(UnsafeBufferPointer(start: storage.base, count: count)) }

    /// One value.
    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            return storage.base[row * columns + column]
        }
        set {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            mutable[row * columns + column] = newValue
        }
    }

    /// First value, for kernels that only read.
    ///
    /// The caller keeps the matrix alive for as long as it uses the pointer
    /// (`withExtendedLifetime`, or a later use of the matrix).
    var pointer: UnsafePointer<Float> { UnsafePointer(storage.base) }

    /// First value, for kernels that write; unshares the storage first.
    var mutable: UnsafeMutablePointer<Float> {
        mutating get {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
            return storage.base
        }
    }

    /// The rows of `range` as a new matrix.
    public func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        let result = Matrix(uninitializedRows: range.count, columns: columns)
        result.storage.base.initialize(
            from: storage.base + range.lowerBound * columns, count: result.count)
        return result
    }

    /// The rows of several matrices one below the other.
    ///
    /// - Precondition: at least one, all of one width.
    init(joining parts: [Matrix]) {
        let columns = parts[0].columns
        self.init(uninitializedRows: parts.reduce(0) { $0 + $1.rows }, columns: columns)
        var start = storage.base
        for part in parts {
            precondition(part.columns == columns)
            start.initialize(from: part.storage.base, count: part.count)
            start += part.count
        }
    }

    /// The same values under another shape of equal size.
    func reshaped(rows: Int, columns: Int) -> Matrix {
        precondition(
            rows * columns == count, "\(self.rows)×\(self.columns) is not \(rows)×\(columns)")
        return Matrix(rows: rows, columns: columns, sharing: storage)
    }

    private init(rows: Int, columns: Int, sharing storage: Storage) {
        self.rows = rows
        self.columns = columns
        self.storage = storage
    }
}

/// Owns the memory of a matrix, aligned for the widest vector registers.
private final class Storage {
    let base: UnsafeMutablePointer<Float>
    let count: Int

    init(count: Int) {
        self.count = count
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
        base = raw.bindMemory(to: Float.self, capacity: max(1, count))
    }

    convenience init(copying other: Storage) {
        self.init(count: other.count)
        base.initialize(from: other.base, count: count)
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }
}
