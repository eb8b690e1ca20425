/// Bytes that tmux hands to the terminal it runs in, instead of reading them itself.
enum TmuxPassthrough {
    /// The user's word on it; tmux must allow it too (`allow-passthrough on`).
    enum Setting: String, Sendable, CaseIterable {
        /// Never: other panes may be drawn over.
        case off
        /// When the outer terminal answered through it that it has sixel.
        case auto
        /// Without asking.
        case on
    }

    /// One device control string for tmux, with every escape inside doubled.
    static func wrapped(_ bytes: [UInt8]) -> [UInt8] {
        var result = Array("\u{1B}Ptmux;".utf8)
        result.reserveCapacity(bytes.count + 16)
        for byte in bytes {
            if byte == 0x1B { result.append(byte) }
            result.append(byte)
        }
        result += [0x1B, UInt8(ascii: "\\")]
        return result
    }
}
