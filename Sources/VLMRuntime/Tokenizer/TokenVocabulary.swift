/// The ordinary tokens: a byte string for every id, and the id of every byte string.
///
/// All strings lie in one array, so 150,000 tokens are four allocations.
struct TokenVocabulary: Sendable {
    /// Ids run from 0 up to this number; larger ones are refused, since they cost memory.
    static let idLimit = 1_000_000

    private var storage: [UInt8] = []
    private var starts: [UInt32] = []
    /// Zero for ids without a token.
    private var lengths: [UInt32] = []
    private var index: [Int32]
    private(set) var count = 0

    /// - Parameter expectedCount: saves time when it is near the true number of tokens.
    init(expectedCount: Int = 160_000) {
        index = Self.emptyIndex(for: expectedCount)
        storage.reserveCapacity(expectedCount * 8)
    }

    /// Highest id with a token, plus one.
    var idCount: Int { starts.count }

    /// The bytes of a token; empty when the id has none.
    subscript(_ id: Int32) -> ArraySlice<UInt8> {
        guard id >= 0, Int(id) < starts.count else { return [] }
        let start = Int(starts[Int(id)])
        return storage[start..<start + Int(lengths[Int(id)])]
    }

    /// The id of a byte string; `nil` when it is no token.
    func id(of token: ArraySlice<UInt8>) -> Int32? {
        let id = index[slot(for: token)]
        return id < 0 ? nil : id
    }

    /// Adds a token of at least one byte.
    ///
    /// - Returns: `false`, with nothing changed, when the id or the byte string is taken.
    /// - Precondition: `id` is within `idLimit`.
    mutating func insert(_ token: ArraySlice<UInt8>, id: Int32) -> Bool {
        precondition(id >= 0 && id < Self.idLimit && !token.isEmpty)
        guard self[id].isEmpty else { return false }
        if (count + 1) * 2 > index.count { grow() }
        let place = slot(for: token)
        guard index[place] < 0 else { return false }
        if Int(id) >= starts.count {
            let missing = Int(id) + 1 - starts.count
            starts.append(contentsOf: repeatElement(0, count: missing))
            lengths.append(contentsOf: repeatElement(0, count: missing))
        }
        starts[Int(id)] = UInt32(storage.count)
        lengths[Int(id)] = UInt32(token.count)
        storage.append(contentsOf: token)
        index[place] = id
        count += 1
        return true
    }

    // MARK: Index: open addressing over ids, twice as many slots as tokens

    private static func emptyIndex(for count: Int) -> [Int32] {
        var slots = 1024
        while slots < count * 2 { slots *= 2 }
        return [Int32](repeating: -1, count: slots)
    }

    /// Where the string is, or the free slot where it belongs.
    private func slot(for token: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        token.withUnsafeBytes { hasher.combine(bytes: $0) }
        let mask = index.count - 1
        var place = hasher.finalize() & mask
        while index[place] >= 0, !equal(self[index[place]], token) { place = (place + 1) & mask }
        return place
    }

    private func equal(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
        one.count == other.count && one.elementsEqual(other)
    }

    private mutating func grow() {
        index = Self.emptyIndex(for: index.count)
        for id in starts.indices where lengths[id] > 0 {
            index[slot(for: self[Int32(id)])] = Int32(id)
        }
    }
}
