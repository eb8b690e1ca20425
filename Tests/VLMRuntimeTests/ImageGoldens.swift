import Foundation
import ImageCodecs
import Testing

/// Reads the reference implementation's results from Tests/Fixtures/golden.
enum ImageGoldens {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/golden")

    static func image(_ name: String) throws -> RGBImage {
        try ImageDecoder.decode(fileAt: folder.appendingPathComponent("images/\(name)")).flattened()
    }

    /// Shape and bytes of one tensor of a safetensors file.
    static func tensor(_ name: String, in file: String) throws -> (shape: [Int], bytes: [UInt8]) {
        let data = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
        let length = data[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: Data(data[8..<8 + length]))
        let entries = try #require(header as? [String: Any])
        let entry = try #require(entries[name] as? [String: Any])
        let shape = try #require(entry["shape"] as? [Int])
        let offsets = try #require(entry["data_offsets"] as? [Int])
        return (shape, Array(data[8 + length + offsets[0]..<8 + length + offsets[1]]))
    }

    /// A tensor of 32-bit floats.
    static func floats(_ name: String, in file: String) throws -> (shape: [Int], values: [Float]) {
        let (shape, bytes) = try tensor(name, in: file)
        let values = bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: 4).map {
                raw.loadUnaligned(fromByteOffset: $0, as: Float.self)
            }
        }
        return (shape, values)
    }
}
