import Foundation

/// The tensors of one safetensors file.
///
/// Follows the rules that the reference library enforces and is stricter in one: a name given
/// twice is refused. Source: the format's README in huggingface/safetensors.
public struct Safetensors: Sendable {
    /// Tensors by the name they have in the file.
    public let tensors: [String: Tensor]
    /// The `__metadata__` strings.
    public let metadata: [String: String]

    static let largestHeader = 100_000_000
    static let mostTensors = 100_000
    static let longestName = 1024
    static let highestRank = 8

    /// Maps the file and checks its header against its length.
    ///
    /// - Throws: `CheckpointError` naming the file and what is wrong with it.
    public init(path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        let header = try Self.headerRange(of: file)
        let entries = try SafetensorsHeader(
            UnsafeRawBufferPointer(rebasing: file.bytes[header]), file: path)
        let dataCount = file.count - header.upperBound
        try Self.checkTiling(entries.tensors, dataCount: dataCount, file: path)
        var tensors: [String: Tensor] = [:]
        for entry in entries.tensors {
            tensors[entry.name] = Tensor(
                name: entry.name, type: entry.type, shape: entry.shape, file: file,
                pointer: file.base + header.upperBound + entry.range.lowerBound)
        }
        self.tensors = tensors
        metadata = entries.metadata
    }

    private static func headerRange(of file: MappedFile) throws(CheckpointError) -> Range<Int> {
        guard file.count >= 8 else {
            throw .malformed(
                file: file.path,
                problem: "only \(file.count) bytes long, a safetensors file has at least 8")
        }
        let length = UInt64(littleEndian: file.base.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(largestHeader) else {
            throw .malformed(
                file: file.path,
                problem: "the header claims \(length) bytes, more than \(largestHeader)")
        }
        guard 8 + Int(length) <= file.count else {
            throw .malformed(
                file: file.path,
                problem: "the header claims \(length) bytes but the file ends after "
                    + "\(file.count - 8)")
        }
        return 8..<(8 + Int(length))
    }

    /// The tensors must cover the data exactly: no hole, no overlap, nothing left over.
    private static func checkTiling(
        _ entries: [SafetensorsHeader.Entry], dataCount: Int, file: String
    ) throws(CheckpointError) {
        var end = 0
        let ordered = entries.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for entry in ordered {
            guard entry.range.lowerBound == end else {
                throw .malformed(
                    file: file,
                    problem: "tensor '\(printable(entry.name))' begins at byte "
                        + "\(entry.range.lowerBound) of the data, expected \(end)")
            }
            end = entry.range.upperBound
        }
        guard end == dataCount else {
            throw .malformed(
                file: file,
                problem: "the tensors end at byte \(end) of the data, but it has "
                    + "\(dataCount)")
        }
    }
}

/// A name from a file, safe to print: control characters replaced, cut at 80 characters.
func printable(_ text: String) -> String {
    let clean = text.unicodeScalars.prefix(80).map { scalar -> Character in
        let isControl = scalar.properties.generalCategory == .control
        return isControl ? "\u{FFFD}" : Character(scalar)
    }
    return String(clean) + (text.unicodeScalars.count > 80 ? "…" : "")
}
