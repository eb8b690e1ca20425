/// The 256 printable characters that stand for bytes in the vocabulary files of byte-level BPE.
///
/// Bytes 33–126, 161–172 and 174–255 stand for themselves as code points; the other 68, in
/// ascending order, are written as U+0100, U+0101 and so on. A space is `Ġ`, a line feed `Ċ`.
enum ByteAlphabet {
    /// Code point of every byte.
    static let codePoints: [UInt16] = {
        var next: UInt16 = 0x100
        return (0..<256).map { byte in
            switch byte {
            case 33...126, 161...172, 174...255: return UInt16(byte)
            default:
                defer { next += 1 }
                return next
            }
        }
    }()

    /// Byte of every code point below U+0144, or -1 where the alphabet has none.
    private static let bytes: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x144)
        for (byte, codePoint) in codePoints.enumerated() { table[Int(codePoint)] = Int16(byte) }
        return table
    }()

    /// Translates a written token into the bytes it stands for and appends them to `output`.
    ///
    /// - Parameter token: valid UTF-8.
    /// - Returns: `false`, with `output` as it was, when a character is not in the alphabet.
    static func append(_ token: some Collection<UInt8>, to output: inout [UInt8]) -> Bool {
        let start = output.count
        var lead: Int?
        for unit in token {
            let codePoint: Int
            if let pending = lead {
                codePoint = pending << 6 | Int(unit & 0x3F)
                lead = nil
            } else if unit < 0x80 {
                codePoint = Int(unit)
            } else if unit & 0xE0 == 0xC0 {
                lead = Int(unit & 0x1F)
                continue
            } else {
                output.removeSubrange(start...)
                return false
            }
            guard codePoint < bytes.count, bytes[codePoint] >= 0 else {
                output.removeSubrange(start...)
                return false
            }
            output.append(UInt8(bytes[codePoint]))
        }
        return true
    }
}
