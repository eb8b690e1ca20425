/// Bytes as text of 64 safe characters, as the clipboard of terminals wants them.
enum Base64 {
    /// How many characters so many bytes become.
    static func length(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    /// The bytes as characters, filled with `=` to whole groups of four.
    static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(length(bytes.count))
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= 8 * UInt32(3 - group.count)
            for place in 0..<4 {
                let isFilled = place <= group.count
                let index = Int(bits >> (18 - 6 * UInt32(place)) & 63)
                text.append(isFilled ? alphabet[index] : UInt8(ascii: "="))
            }
        }
        return text
    }
}
