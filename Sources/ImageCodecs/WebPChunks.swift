/// The chunks of a WebP file (RIFF container), up to the first that does not fit.
struct WebPChunks: Sequence, IteratorProtocol {
    struct Chunk {
        let name: String
        /// Name, length, payload and padding.
        let whole: Range<Int>
        let payload: Range<Int>
    }

    /// Bits of the first byte of the extended header.
    enum Feature {
        static let animation: UInt8 = 0x02
        static let xmp: UInt8 = 0x04
        static let exif: UInt8 = 0x08
        static let alpha: UInt8 = 0x10
        static let profile: UInt8 = 0x20
    }

    private let bytes: [UInt8]
    private let end: Int
    private var position = 12  // Behind "RIFF", the length and "WEBP".

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        end = bytes.count < 12 ? 0 : Swift.min(bytes.count, 8 + Self.length(in: bytes, at: 4))
    }

    mutating func next() -> Chunk? {
        guard end - position >= 8 else { return nil }
        let start = position
        let payload = start + 8..<start + 8 + Self.length(in: bytes, at: start + 4)
        guard payload.upperBound <= end else { return nil }
        position = Swift.min(end, payload.upperBound + payload.count % 2)
        let name = String(decoding: bytes[start..<start + 4], as: UTF8.self)
        return Chunk(name: name, whole: start..<position, payload: payload)
    }

    /// The EXIF block, when the extended header announces one.
    var exif: Range<Int>? {
        var chunks = self
        guard let first = chunks.next(), first.name == "VP8X",
            let flags = bytes[first.payload].first,
            flags & Feature.exif != 0
        else { return nil }
        return chunks.first { $0.name == "EXIF" }?.payload
    }

    /// A chunk ready to be written, with its padding.
    static func chunk(_ name: String, _ payload: [UInt8]) -> [UInt8] {
        Array(name.utf8) + littleEndian(payload.count, size: 4) + payload
            + (payload.count % 2 == 1 ? [0] : [])
    }

    /// A whole file of chunks that are ready to be written.
    static func file(_ chunks: [UInt8]) -> [UInt8] {
        Array("RIFF".utf8) + littleEndian(chunks.count + 4, size: 4) + Array("WEBP".utf8) + chunks
    }

    static func littleEndian(_ value: Int, size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func length(in bytes: [UInt8], at offset: Int) -> Int {
        bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
