import Crypto
import Foundation
import ImageCodecs

/// The rows of one picture in a file.
///
/// Header: 8 bytes `studiovr`, format version and rows and columns (three 32-bit numbers), four
/// bytes of zero, the 32 bytes of the key, the SHA-256 of the values. Then the values, 32-bit
/// floats row by row. All little-endian. Such a file may have been written by anybody: whatever is
/// not exactly as expected is as good as absent.
enum PictureRowFile {
    private static let magic = Array("studiovr".utf8)
    private static let version: UInt32 = 1
    private static let headerBytes = 8 + 4 * 4 + 32 + 32

    /// Bytes of a file with so many values.
    static func size(rows: Int, columns: Int) -> Int { headerBytes + rows * columns * 4 }

    static func encoded(_ rows: Matrix, key: ContentDigest) -> Data {
        let values = rows.values.map(\.bitPattern.littleEndian)
        return values.withUnsafeBytes { payload in
            var data = Data(magic)
            for number in [version, UInt32(rows.rows), UInt32(rows.columns), 0] {
                withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
            }
            data.append(contentsOf: key.bytes)
            data.append(contentsOf: Array(SHA256.hash(data: payload)))
            data.append(contentsOf: payload)
            return data
        }
    }

    /// The rows, if the bytes are a whole file of this key and shape with finite values.
    static func decoded(_ data: Data, key: ContentDigest, rows: Int, columns: Int) -> Matrix? {
        guard rows > 0, columns > 0, data.count == size(rows: rows, columns: columns) else {
            return nil
        }
        return data.withUnsafeBytes { bytes -> Matrix? in
            let numbers = (0..<4).map {
                UInt32(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: 8 + 4 * $0, as: UInt32.self))
            }
            let payload = UnsafeRawBufferPointer(rebasing: bytes[headerBytes...])
            guard Array(bytes[..<8]) == magic,
                numbers == [version, UInt32(rows), UInt32(columns), 0],
                Array(bytes[24..<56]) == key.bytes,
                Array(bytes[56..<88]) == Array(SHA256.hash(data: payload))
            else { return nil }
            let values = (0..<rows * columns).map { index in
                Float(
                    bitPattern: UInt32(
                        littleEndian: payload.loadUnaligned(
                            fromByteOffset: 4 * index, as: UInt32.self)))
            }
            let isFinite = values.allSatisfy { $0.isFinite }
            return isFinite ? Matrix(rows: rows, columns: columns, values: values) : nil
        }
    }
}
