import Crypto
public import Foundation
import ImageCodecs

/// The looks of a library's pictures in one file, so that a search need not read the pictures.
///
/// May be deleted at any time; a file that is damaged, or was made by another model, metric or
/// preprocessing, is as good as absent and is written anew. Failing to write costs time, never a
/// result, so errors stay here.
///
/// Header: 8 bytes `studiolk`, version, width and number of entries (three 32-bit numbers), 4 bytes
/// of zero, the 32 bytes of what made them. Each entry: the 32 bytes of the picture's digest, rows of parts
/// and of cells (two 32-bit numbers), the values as 32-bit floats. At the end the SHA-256 of all
/// that. Little-endian.
public struct LookStore: Sendable {
    /// The file.
    public let url: URL
    private let maker: ContentDigest
    private let width: Int

    private static let magic = Array("studiolk".utf8)
    private static let version: UInt32 = 1
    private static let headerBytes = 8 + 4 * 4 + 32
    private static let largestFile = 1 << 30
    private static let mostRows = 1 << 14

    /// The place for the looks that a metric and a model make.
    ///
    /// - Parameters:
    ///   - folder: holds one file for each model and metric.
    ///   - budget: the pixels that references are fitted to.
    /// - Throws: when the model's files cannot be read.
    public init(
        folder: URL, model: VisionLanguageModel, metric: LookMetric,
        budget: ClosedRange<Int>
    ) throws {
        let maker = try ContentDigest.model(model)
        self.init(
            folder: folder,
            maker: ContentDigest.of { digest in
                digest.add(maker.bytes)
                digest.add(metric.version)
                digest.add(budget.lowerBound)
                digest.add(budget.upperBound)
            }, width: metric.width)
    }

    init(folder: URL, maker: ContentDigest, width: Int) {
        self.maker = maker
        self.width = width
        url = folder.appendingPathComponent("\(maker.hexadecimal.prefix(32)).looks")
    }

    /// Everything stored, by the SHA-256 of the pictures' files in hexadecimal digits.
    public func read() -> [String: ReferenceLook] {
        guard let data = try? BoundedFile.read(url, limit: Self.largestFile) else { return [:] }
        return decoded(data) ?? [:]
    }

    /// Puts looks in place of all that were stored; a reader sees the old file or the new one.
    ///
    /// - Parameter looks: by SHA-256; keys of another form are left out.
    public func write(_ looks: [String: ReferenceLook]) {
        try? FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? encoded(looks).write(to: url, options: .atomic)
    }

    func encoded(_ looks: [String: ReferenceLook]) -> Data {
        let entries = looks.compactMap { key, look -> (key: [UInt8], look: ReferenceLook)? in
            guard let key = Self.bytes(key), look.parts.columns == width,
                look.parts.rows <= Self.mostRows, look.cells.rows <= Self.mostRows
            else { return nil }
            return (key, look)
        }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        var data = Data(Self.magic)
        func add(_ number: UInt32) {
            withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
        }
        for number in [Self.version, UInt32(width), UInt32(entries.count), 0] { add(number) }
        data.append(contentsOf: maker.bytes)
        for entry in entries {
            data.append(contentsOf: entry.key)
            add(UInt32(entry.look.parts.rows))
            add(UInt32(entry.look.cells.rows))
            for matrix in [entry.look.parts, entry.look.cells] {
                let values = matrix.values.map(\.bitPattern.littleEndian)
                values.withUnsafeBytes { data.append(contentsOf: $0) }
            }
        }
        data.append(contentsOf: Array(SHA256.hash(data: data)))
        return data
    }

    /// `nil` unless the bytes are a whole file of this maker.
    func decoded(_ data: Data) -> [String: ReferenceLook]? {
        guard data.count >= Self.headerBytes + 32 else { return nil }
        return data.withUnsafeBytes { bytes -> [String: ReferenceLook]? in
            let body = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 32)])
            guard Array(bytes.suffix(32)) == Array(SHA256.hash(data: body)) else { return nil }
            func number(_ offset: Int) -> Int {
                Int(
                    UInt32(
                        littleEndian: body.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            }
            guard Array(body[..<8]) == Self.magic, number(8) == Int(Self.version),
                number(12) == width, number(20) == 0, Array(body[24..<56]) == maker.bytes
            else { return nil }
            var looks: [String: ReferenceLook] = [:]
            var place = Self.headerBytes
            for _ in 0..<number(16) {
                guard place + 40 <= body.count else { return nil }
                let key = ContentDigest(bytes: Array(body[place..<place + 32])).hexadecimal
                let rows = [number(place + 32), number(place + 36)]
                place += 40
                guard rows.allSatisfy({ (1...Self.mostRows).contains($0) }) else { return nil }
                var matrices: [Matrix] = []
                for rows in rows {
                    let count = rows * width
                    guard place + 4 * count <= body.count else { return nil }
                    let values = (0..<count).map { index in
                        Float(bitPattern: UInt32(number(place + 4 * index)))
                    }
                    guard values.allSatisfy(\.isFinite) else { return nil }
                    matrices.append(Matrix(rows: rows, columns: width, values: values))
                    place += 4 * count
                }
                looks[key] = ReferenceLook(parts: matrices[0], cells: matrices[1])
            }
            return place == body.count ? looks : nil
        }
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8]? {
        let digits = Array(hexadecimal.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let text = String(bytes: digits[index..<index + 2], encoding: .ascii),
                let byte = UInt8(text, radix: 16), String(format: "%02x", byte) == text
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
