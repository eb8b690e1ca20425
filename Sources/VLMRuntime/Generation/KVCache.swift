/// Keys and values of every token a conversation has read so far.
///
/// It belongs to one call; copying it is cheap until one of the copies grows.
public struct KVCache: Sendable {
    var layers: [LayerCache]

    /// An empty cache for a model with these sizes.
    init(_ configuration: TextConfiguration) {
        let width = configuration.keyValueHeadCount * configuration.headDimension
        layers = Array(repeating: LayerCache(width: width), count: configuration.layerCount)
    }

    /// Tokens held.
    public var count: Int { layers.first?.count ?? 0 }
}

/// One layer's keys and values, `[capacity, kvHeads × headDimension]` each.
struct LayerCache: Sendable {
    private(set) var keys: Matrix
    private(set) var values: Matrix
    private(set) var count = 0

    init(width: Int) {
        keys = Matrix(uninitializedRows: 0, columns: width)
        values = Matrix(uninitializedRows: 0, columns: width)
    }

    /// Adds the rows of new tokens; `[tokens, width]` each.
    mutating func append(keys newKeys: Matrix, values newValues: Matrix) {
        precondition(newKeys.rows == newValues.rows && newKeys.columns == keys.columns)
        reserve(count + newKeys.rows)
        let offset = count * keys.columns
        (keys.mutable + offset).update(from: newKeys.pointer, count: newKeys.count)
        (values.mutable + offset).update(from: newValues.pointer, count: newValues.count)
        withExtendedLifetime((newKeys, newValues)) {}
        count += newKeys.rows
    }

    /// Grows by half again each time, so that appending token by token stays cheap.
    private mutating func reserve(_ needed: Int) {
        guard needed > keys.rows else { return }
        let capacity = max(needed, keys.rows + keys.rows / 2, 64)
        keys = Self.grown(keys, to: capacity, keeping: count)
        values = Self.grown(values, to: capacity, keeping: count)
    }

    private static func grown(_ old: Matrix, to rows: Int, keeping count: Int) -> Matrix {
        var new = Matrix(uninitializedRows: rows, columns: old.columns)
        new.mutable.update(from: old.pointer, count: count * old.columns)
        withExtendedLifetime(old) {}
        return new
    }
}
