import Foundation
import TerminalUI

/// Data for other programs: one JSON value with sorted keys and a line end.
enum StudioJSON {
    /// The value as text that is also safe to show on a terminal.
    static func text(_ value: some Encodable, compact: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !compact { encoder.outputFormatting.insert(.prettyPrinted) }
        let bytes = closingEmpty([UInt8](try encoder.encode(value)))
        return escapingControls(String(decoding: bytes, as: UTF8.self))
    }

    /// Writes empty lists as `[]`; the encoder spreads them over three lines.
    ///
    /// Line ends inside strings are escaped, so a bare one is always the encoder's own.
    private static func closingEmpty(_ json: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count)
        for byte in json {
            if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
                let open = byte == UInt8(ascii: "]") ? UInt8(ascii: "[") : UInt8(ascii: "{")
                let kept = bytes.lastIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }
                if let kept, bytes[kept] == open { bytes.removeSubrange((kept + 1)...) }
            }
            bytes.append(byte)
        }
        return bytes
    }

    /// Writes control characters that JSON allows in plain text (DEL, C1, marks of direction) as
    /// `\uXXXX`, which means the same and cannot move a cursor.
    private static func escapingControls(_ text: String) -> String {
        // Nearly all output has none, and looking for their first bytes is fast.
        guard text.utf8.contains(where: { $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 || $0 == 0xD8 })
        else { return text }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard scalar.value >= 0x7F, TerminalText.sanitized(String(scalar)) != String(scalar)
            else {
                safe.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
            safe.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
        }
        return String(safe)
    }
}

/// A value whose key is always written, as `null` when there is none.
@propertyWrapper
struct Present<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}
