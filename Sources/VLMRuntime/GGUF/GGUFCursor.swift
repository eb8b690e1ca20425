/// Reads the head of a GGUF file from front to back and never beyond its end.
struct GGUFCursor {
    /// Longest head read, metadata and list of tensors, in bytes.
    ///
    /// The published vocabulary takes 6 MB.
    static let headLimit = 128 << 20
    /// Longest name of a value or tensor, in bytes.
    static let longestName = 1024

    let file: MappedFile
    private(set) var position: Int

    init(_ file: MappedFile, at position: Int = 0) {
        self.file = file
        self.position = position
    }

    /// The complaint that the file is not what it should be.
    func damaged(_ problem: String) -> CheckpointError {
        .malformed(file: file.path, problem: problem)
    }

    /// Moves over `count` bytes.
    ///
    /// - Returns: where they begin.
    mutating func skip(_ count: Int, _ what: @autoclosure () -> String) throws(CheckpointError)
        -> Int
    {
        let end = min(file.count, Self.headLimit)
        guard count >= 0, count <= end - position else {
            throw damaged(
                file.count > Self.headLimit && count <= file.count - position
                    ? "its head goes on beyond \(Self.headLimit >> 20) MiB"
                    : "it ends in the middle of \(what())")
        }
        defer { position += count }
        return position
    }

    mutating func number<Value: FixedWidthInteger>(
        _ type: Value.Type, _ what: @autoclosure () -> String
    ) throws(CheckpointError) -> Value {
        let start = try skip(MemoryLayout<Value>.size, what())
        return Value(littleEndian: file.base.loadUnaligned(fromByteOffset: start, as: type))
    }

    /// A count or length of 64 bits, at most `limit`.
    mutating func count(
        limit: Int, _ what: @autoclosure () -> String
    ) throws(CheckpointError) -> Int {
        let value = try number(UInt64.self, what())
        guard value <= UInt64(limit) else {
            throw damaged("\(what()) is \(value), more than \(limit)")
        }
        return Int(value)
    }

    /// The bytes of a string.
    mutating func bytes(
        _ what: @autoclosure () -> String, limit: Int = Self.headLimit
    ) throws(CheckpointError) -> UnsafeRawBufferPointer {
        let length = try count(limit: limit, "the length of \(what())")
        let start = try skip(length, what())
        return UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + length])
    }

    mutating func string(
        _ what: @autoclosure () -> String, limit: Int = Self.headLimit
    ) throws(CheckpointError) -> String {
        let found = try bytes(what(), limit: limit)
        guard let text = String(validating: found, as: UTF8.self) else {
            throw damaged("\(what()) is not UTF-8 text")
        }
        return text
    }

    /// The type of a value.
    mutating func valueType(_ what: @autoclosure () -> String) throws(CheckpointError)
        -> GGUFValueType
    {
        let code = try number(UInt32.self, what())
        guard let type = GGUFValueType(rawValue: code) else {
            throw damaged("\(what()) is of the unknown type \(code)")
        }
        return type
    }

    /// A value of a type; moves over lists without keeping them.
    mutating func value(
        _ type: GGUFValueType, _ what: @autoclosure () -> String
    ) throws(CheckpointError) -> GGUFValue {
        switch type {
        case .uint8: return .integer(Int(try number(UInt8.self, what())))
        case .int8: return .integer(Int(try number(Int8.self, what())))
        case .uint16: return .integer(Int(try number(UInt16.self, what())))
        case .int16: return .integer(Int(try number(Int16.self, what())))
        case .uint32: return .integer(Int(try number(UInt32.self, what())))
        case .int32: return .integer(Int(try number(Int32.self, what())))
        case .int64: return .integer(Int(try number(Int64.self, what())))
        case .uint64: return .integer(Int(clamping: try number(UInt64.self, what())))
        case .float32:
            return .number(Double(Float(bitPattern: try number(UInt32.self, what()))))
        case .float64: return .number(Double(bitPattern: try number(UInt64.self, what())))
        case .bool:
            let byte = try number(UInt8.self, what())
            guard byte <= 1 else { throw damaged("\(what()) is \(byte), expected 0 or 1") }
            return .bool(byte == 1)
        case .string: return .string(try string(what()))
        case .list: return try list(what())
        }
    }

    private mutating func list(_ what: @autoclosure () -> String) throws(CheckpointError)
        -> GGUFValue
    {
        let type = try valueType("a value of \(what())")
        let count = try count(limit: Self.headLimit, "the length of \(what())")
        let start = position
        if let size = type.size {
            _ = try skip(count * size, what())
        } else {
            guard type == .string else { throw damaged("\(what()) is a list of lists") }
            for _ in 0..<count { _ = try bytes(what()) }
        }
        return .list(type, count: count, start: start)
    }
}
