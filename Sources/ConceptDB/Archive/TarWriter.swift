import Foundation

/// Writes regular files into a POSIX ustar archive, the same bytes for the same content.
struct TarWriter {
    private let descriptor: Int32
    private let path: String
    private(set) var bytes: Int64 = 0

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Appends a file.
    ///
    /// - Precondition: the name is ASCII and at most 100 bytes, the size below 8 GiB.
    mutating func append(_ name: String, _ data: Data) throws(SystemFailure) {
        try write(Self.header(name, size: data.count))
        try write(data)
        let rest = data.count % 512
        if rest > 0 { try write(Data(count: 512 - rest)) }
    }

    /// Ends the archive with its two empty blocks.
    mutating func finish() throws(SystemFailure) {
        try write(Data(count: 1024))
    }

    private mutating func write(_ data: Data) throws(SystemFailure) {
        try DurableFile.write(data, to: descriptor, path: path)
        bytes += Int64(data.count)
    }

    /// IEEE Std 1003.1, pax, "ustar Interchange Format".
    static func header(_ name: String, size: Int) -> Data {
        precondition(name.utf8.count <= 100 && size < 1 << 33, "a file ustar cannot name")
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, at: 0)
        put(octal(0o644, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(octal(size, digits: 11), at: 124)
        // A fixed time: equal libraries make equal archives.
        put(octal(0, digits: 11), at: 136)
        put(String(repeating: " ", count: 8), at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
        return Data(block)
    }
}
