import Foundation

/// Reads a ustar archive that may be hostile, one entry after the other, without seeking back.
struct TarReader {
    /// A regular file in the archive.
    struct Entry {
        let name: String
        let size: Int
    }

    /// Why reading cannot go on.
    struct Damage: Error, Equatable {
        let reason: String
    }

    private let descriptor: Int32
    /// Bytes of the present entry not read yet, its padding included.
    private var pending = 0

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Goes on to the next regular file, passing over folders and extended headers.
    ///
    /// - Returns: `nil` at the end of the archive.
    mutating func next() throws(Damage) -> Entry? {
        while true {
            try skip(pending)
            pending = 0
            let header = [UInt8](try read(512))
            if header.allSatisfy({ $0 == 0 }) { return nil }
            let entry = try Self.entry(header)
            pending = (entry.size + 511) / 512 * 512
            switch header[156] {
            case UInt8(ascii: "0"), 0: return entry
            // What common tools write besides files; their content is of no use here.
            case UInt8(ascii: "5"), UInt8(ascii: "g"), UInt8(ascii: "x"):
                guard entry.size <= 1 << 20 else { throw Damage(reason: "an oversized header") }
            default:
                throw Damage(
                    reason: "\"\(entry.name.printable)\" is neither a file nor a folder")
            }
        }
    }

    /// The content of the present entry.
    ///
    /// - Precondition: the caller has checked `size`.
    mutating func content(of entry: Entry) throws(Damage) -> Data {
        let data = try read(entry.size)
        pending -= entry.size
        return data
    }

    private static func entry(_ header: [UInt8]) throws(Damage) -> Entry {
        guard header[257..<262].elementsEqual("ustar".utf8) else {
            throw Damage(reason: "it is no ustar archive")
        }
        let sum = header.enumerated().reduce(0) { sum, byte in
            sum + ((148..<156).contains(byte.offset) ? 32 : Int(byte.element))
        }
        guard octal(header[148..<156]) == sum else { throw Damage(reason: "a checksum is wrong") }
        guard let size = octal(header[124..<136]) else { throw Damage(reason: "a size is wrong") }
        var name = text(header[0..<100])
        let prefix = text(header[345..<500])
        if !prefix.isEmpty { name = prefix + "/" + name }
        if name.hasPrefix("./") { name.removeFirst(2) }
        return Entry(name: name, size: size)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func octal(_ bytes: ArraySlice<UInt8>) -> Int? {
        let digits = bytes.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x37).contains($0) }) else {
            return nil
        }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private func skip(_ count: Int) throws(Damage) {
        var rest = count
        while rest > 0 {
            let portion = min(rest, 1 << 16)
            _ = try read(portion)
            rest -= portion
        }
    }

    /// Exactly so many bytes.
    private func read(_ count: Int) throws(Damage) -> Data {
        // In portions: a size in a header is a claim, not a reason to reserve memory.
        var data = Data()
        var portion = [UInt8](repeating: 0, count: min(max(count, 1), 1 << 20))
        while data.count < count {
            let got = systemRead(descriptor, &portion, min(portion.count, count - data.count))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw Damage(reason: "it ends too early") }
            data.append(contentsOf: portion[0..<got])
        }
        return data
    }
}

/// `read(2)`, whose name a method above hides.
private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(file, bytes, count)
}
