import Foundation

/// One GGUF file: its metadata, and its tensors where they lie.
///
/// The file is hostile until checked: every count, length, type and place is compared with the
/// file's size before it is used. Source: ggml's `docs/gguf.md`; versions 2 and 3.
struct GGUFFile: Sendable {
    let path: String
    let metadata: [String: GGUFValue]
    /// Tensors by their names, shapes turned to outermost first.
    let tensors: [String: Tensor]
    private let file: MappedFile

    static let mostTensors = 100_000
    static let mostValues = 100_000
    static let highestRank = 4
    static let largestAlignment = 1 << 20

    /// Maps the file and checks its head against its length.
    ///
    /// - Throws: `CheckpointError` naming the file and what is wrong with it.
    init(path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        var cursor = GGUFCursor(file)
        let counts = try Self.readStart(&cursor)
        metadata = try Self.readMetadata(&cursor, count: counts.values)
        let alignment = try Self.alignment(metadata, file: path)
        var entries: [Entry] = []
        for _ in 0..<counts.tensors { entries.append(try Entry(&cursor, alignment: alignment)) }
        let start = (cursor.position + alignment - 1) / alignment * alignment
        try Self.check(entries, dataCount: file.count - start, file: path)
        var tensors: [String: Tensor] = [:]
        for entry in entries {
            let tensor = Tensor(
                name: entry.name, type: entry.type, shape: entry.shape, file: file,
                pointer: file.base + start + entry.offset)
            guard tensors.updateValue(tensor, forKey: entry.name) == nil else {
                throw .malformed(
                    file: path, problem: "tensor '\(printable(entry.name))' is there a second time")
            }
        }
        self.tensors = tensors
        self.path = path
        self.file = file
    }

    /// Magic, version and the two counts.
    private static func readStart(
        _ cursor: inout GGUFCursor
    ) throws(CheckpointError) -> (tensors: Int, values: Int) {
        let path = cursor.file.path
        guard cursor.file.count >= 4, cursor.file.bytes[0..<4].elementsEqual("GGUF".utf8) else {
            throw .malformed(
                file: path, problem: "it does not begin with GGUF, as such a file must")
        }
        _ = try cursor.skip(4, "its first word")
        let version = try cursor.number(UInt32.self, "its version")
        guard version == 2 || version == 3 else {
            let problem =
                version.byteSwapped < 100
                ? "it is a GGUF file for big-endian machines"
                : "it is GGUF version \(version), and only 2 and 3 are known"
            throw .refused(
                file: path, problem: problem,
                advice: "convert the checkpoint again with a recent "
                    + "convert_hf_to_gguf.py")
        }
        let tensors = try cursor.count(limit: mostTensors, "the number of tensors")
        return (tensors, try cursor.count(limit: mostValues, "the number of metadata values"))
    }

    private static func readMetadata(
        _ cursor: inout GGUFCursor, count: Int
    ) throws(CheckpointError) -> [String: GGUFValue] {
        var result: [String: GGUFValue] = [:]
        for number in 0..<count {
            let key = try cursor.string("key \(number + 1)", limit: GGUFCursor.longestName)
            let type = try cursor.valueType("'\(printable(key))'")
            let value = try cursor.value(type, "'\(printable(key))'")
            guard result.updateValue(value, forKey: key) == nil else {
                throw cursor.damaged("'\(printable(key))' is there a second time")
            }
        }
        return result
    }

    private static func alignment(
        _ metadata: [String: GGUFValue], file: String
    ) throws(CheckpointError) -> Int {
        guard let value = metadata["general.alignment"] else { return 32 }
        guard case .integer(let alignment) = value, alignment > 0,
            alignment <= largestAlignment, alignment & (alignment - 1) == 0
        else {
            throw .malformed(
                file: file,
                problem: "'general.alignment' is \(value.summary), expected a power of two up to "
                    + "\(largestAlignment)")
        }
        return alignment
    }

    /// Tensors lie inside the file and none reaches into another.
    private static func check(
        _ entries: [Entry], dataCount: Int, file: String
    ) throws(CheckpointError) {
        var end = 0
        for entry in entries.sorted(by: { ($0.offset, $0.byteCount) < ($1.offset, $1.byteCount) }) {
            guard entry.offset <= dataCount, entry.byteCount <= dataCount - entry.offset else {
                throw .malformed(
                    file: file,
                    problem: "tensor '\(printable(entry.name))' needs \(entry.byteCount) bytes "
                        + "from byte \(entry.offset) of the data on, which has "
                        + "\(max(0, dataCount))")
            }
            guard entry.offset >= end else {
                throw .malformed(
                    file: file,
                    problem: "tensor '\(printable(entry.name))' begins inside the one before it")
            }
            end = entry.offset + entry.byteCount
        }
    }

    /// What the head says about one tensor.
    private struct Entry {
        let name: String
        let type: TensorType
        let shape: [Int]
        let offset: Int
        let byteCount: Int

        init(_ cursor: inout GGUFCursor, alignment: Int) throws(CheckpointError) {
            name = try cursor.string("a tensor's name", limit: GGUFCursor.longestName)
            let shown = printable(name)
            let rank = try cursor.number(UInt32.self, "tensor '\(shown)'")
            guard (1...UInt32(GGUFFile.highestRank)).contains(rank) else {
                throw cursor.damaged("tensor '\(shown)' has \(rank) dimensions, expected 1 to 4")
            }
            var extents: [Int] = []
            for _ in 0..<rank {
                let extent = try cursor.count(
                    limit: 1 << 40, "an extent of tensor '\(shown)'")
                guard extent > 0 else {
                    throw cursor.damaged("an extent of tensor '\(shown)' is 0")
                }
                extents.append(extent)
            }
            let code = try cursor.number(UInt32.self, "the type of tensor '\(shown)'")
            guard let type = TensorType(gguf: code) else {
                throw .refused(
                    file: cursor.file.path,
                    problem: "tensor '\(shown)' is stored as \(TensorType.ggufName(code)), which "
                        + "is not supported",
                    advice: "use a file in F32, F16, BF16, Q8_0, Q6_K, Q5_K, Q5_0, Q4_K or Q4_0")
            }
            self.type = type
            guard extents[0] % type.blockLength == 0 else {
                throw cursor.damaged(
                    "tensor '\(shown)' has rows of \(extents[0]) values, which are no whole blocks "
                        + "of \(type.blockLength)")
            }
            var count = 1
            for extent in extents {
                let (product, overflow) = count.multipliedReportingOverflow(by: extent)
                guard !overflow, product <= Int.max / 8 else {
                    throw cursor.damaged("the size of tensor '\(shown)' overflows")
                }
                count = product
            }
            byteCount = type.byteCount(of: count)
            shape = extents.reversed()
            let place = try cursor.number(UInt64.self, "the place of tensor '\(shown)'")
            guard place <= UInt64(Int.max / 8) else {
                throw cursor.damaged("tensor '\(shown)' begins at byte \(place) of the data")
            }
            offset = Int(place)
            guard offset % alignment == 0 else {
                throw cursor.damaged(
                    "tensor '\(shown)' begins at byte \(offset) of the data, which is no multiple "
                        + "of \(alignment)")
            }
        }
    }
}

// MARK: - Metadata by type

extension GGUFFile {
    /// The complaint that a value is not what was expected.
    func wrong(_ key: String, _ expected: String) -> CheckpointError {
        .value(
            file: path, key: key, expected: expected, found: metadata[key]?.summary ?? "not there")
    }

    /// A string; `nil` when the key is absent.
    func string(_ key: String) throws(CheckpointError) -> String? {
        guard let value = metadata[key] else { return nil }
        guard case .string(let text) = value else { throw wrong(key, "a string") }
        return text
    }

    /// A whole number; `nil` when the key is absent.
    func integer(_ key: String) throws(CheckpointError) -> Int? {
        guard let value = metadata[key] else { return nil }
        guard case .integer(let number) = value else { throw wrong(key, "a whole number") }
        return number
    }

    /// A list of numbers; `nil` when the key is absent.
    func numbers(_ key: String, atMost limit: Int) throws(CheckpointError) -> [JSONValue]? {
        guard let value = metadata[key] else { return nil }
        guard case .list(let type, let count, let start) = value, type.size != nil, count <= limit
        else { throw wrong(key, "a list of at most \(limit) numbers") }
        var cursor = GGUFCursor(file, at: start)
        var result: [JSONValue] = []
        for _ in 0..<count {
            if let number = try cursor.value(type, "'\(key)'").json { result.append(number) }
        }
        return result
    }

    /// Calls `body` with the bytes of every string of a list, in order.
    ///
    /// - Returns: how many there are; `nil` when the key is absent.
    @discardableResult
    func forEachString<Failure: Error>(
        _ key: String, _ body: (Int, UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws -> Int? {
        guard let value = metadata[key] else { return nil }
        guard case .list(.string, let count, let start) = value else {
            throw wrong(key, "a list of strings")
        }
        var cursor = GGUFCursor(file, at: start)
        for index in 0..<count { try body(index, try cursor.bytes("'\(key)'")) }
        return count
    }

    /// Number of values in a list; `nil` when there is no such list.
    func length(_ key: String) -> Int? {
        guard case .list(_, let count, _)? = metadata[key] else { return nil }
        return count
    }
}
