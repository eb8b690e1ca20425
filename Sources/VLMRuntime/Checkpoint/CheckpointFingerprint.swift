import Foundation

/// Tells checkpoints apart without reading all of them: `config.json`, the size of every weight
/// file, its head and samples spread over it.
///
/// Of GGUF files the first megabytes are read as a whole, which hold what `config.json` would.
///
/// Two copies of a checkpoint have the same fingerprint wherever they lie; a fine-tuned or
/// re-exported one has another. It keys what is derived from weights (packed files, cached rows);
/// it is no protection against somebody who wants a collision.
public struct CheckpointFingerprint: Sendable, Hashable, CustomStringConvertible {
    /// 32 hexadecimal digits.
    public let description: String

    static let samples = 64
    static let sampleBytes = 4096
    /// Enough for the metadata of a GGUF file with the published vocabulary.
    static let headBytes = 8 << 20

    /// Reads the samples, about a quarter of a megabyte from each file.
    ///
    /// - Throws: `CheckpointError` when a file cannot be read.
    public init(folder: URL) throws(CheckpointError) {
        var hash = TwoHashes()
        hash.add(Array("studio-fingerprint-1".utf8))
        let files = try CheckpointFiles(folder)
        if let configuration = files.configuration {
            let file = try MappedFile(path: configuration.path)
            withExtendedLifetime(file) { hash.add(file.bytes) }
        }
        for url in files.weights {
            let file = try MappedFile(path: url.path)
            withExtendedLifetime(file) {
                if files.configuration == nil {
                    let head = min(file.count, Self.headBytes)
                    hash.add(UnsafeRawBufferPointer(rebasing: file.bytes[..<head]))
                }
                withUnsafeBytes(of: UInt64(file.count).littleEndian) { hash.add($0) }
                let step = max(Self.sampleBytes, file.count / Self.samples)
                for start in stride(from: 0, to: file.count, by: step) {
                    let end = min(start + Self.sampleBytes, file.count)
                    hash.add(UnsafeRawBufferPointer(rebasing: file.bytes[start..<end]))
                }
            }
        }
        description = hash.hexadecimal
    }
}

/// FNV-1a twice, from two starting points: 128 bits to tell files apart, not to resist attackers.
private struct TwoHashes {
    private var first: UInt64 = 0xcbf2_9ce4_8422_2325
    private var second: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            first = (first ^ UInt64(byte)) &* 0x100_0000_01b3
            second = (second ^ UInt64(byte)) &* 0x100_0000_01b3
            second = second &+ (second >> 29)
        }
    }

    var hexadecimal: String {
        [first, second].map { value in
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
