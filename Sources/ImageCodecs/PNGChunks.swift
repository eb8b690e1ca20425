/// The chunks of a PNG file up to its end chunk, or to the first that does not fit the file.
struct PNGChunks: Sequence, IteratorProtocol {
    struct Chunk {
        let name: String
        /// Length, name, payload and checksum.
        let whole: Range<Int>
        let payload: Range<Int>
    }

    private let bytes: [UInt8]
    private var position = 8  // Behind the signature.

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() -> Chunk? {
        guard bytes.count - position >= 12 else { return nil }
        let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - position - 12 else { return nil }
        let start = position
        let payload = start + 8..<start + 8 + length
        let name = String(decoding: bytes[start + 4..<start + 8], as: UTF8.self)
        position = name == "IEND" ? bytes.count : payload.upperBound + 4
        return Chunk(name: name, whole: start..<payload.upperBound + 4, payload: payload)
    }

    /// A chunk ready to be written, checksum included (PNG specification, annex D).
    static func chunk(_ name: String, _ payload: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + payload
        return bigEndian(UInt32(payload.count)) + body + bigEndian(checksum(body))
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in
                value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
            }
        }
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
