import Foundation
import ImageCodecs
import Synchronization

/// Smaller copies of large pictures on the disk.
///
/// The folder may vanish at any time, and everything in it can be made again.
final class PreviewCache: Sendable {
    /// Longest side in pixels: enough for most of a screen.
    static let side = 1024
    /// Copies are not made smaller than this only to be made more quickly.
    static let smallestSide = 640

    /// The longest side of the copy of a picture.
    ///
    /// JPEG pictures are decoded at twice the side that is asked for, in eighths of their size; a
    /// half and a quarter take a third less time than the fractions between them.
    ///
    /// - Parameter needed: the side that somebody wants to see now.
    static func side(of longest: Int, needed: Int) -> Int {
        let quick = [longest / 4, longest / 8].first {
            $0 <= side && $0 >= max(smallestSide, needed)
        }
        return quick ?? side
    }

    private let root: String
    private let limit: Int
    /// Bytes in the folder; `nil` until somebody looked.
    private let total = Mutex<Int?>(nil)

    /// - Parameter limit: bytes after which the oldest are removed.
    init(folder: URL, limit: Int = 256 << 20) {
        root = folder.path
        self.limit = limit
    }

    /// The copy's file if there is one; it counts as used now.
    func existing(_ identity: String) -> URL? {
        for ending in ["jpg", "png"] {
            let path = path(identity, ending)
            guard let facts = Self.facts(path), facts.size > 0 else { continue }
            utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW)
            return URL(fileURLWithPath: path)
        }
        return nil
    }

    /// Writes a copy; a full disk or a folder that cannot be written costs nothing but time.
    func store(_ data: Data, _ identity: String, isOpaque: Bool) {
        guard data.count <= limit / 4 else { return }
        let path = path(identity, isOpaque ? "jpg" : "png")
        let folder = (path as NSString).deletingLastPathComponent
        // Private pictures: nobody else on the machine needs to see them.
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let temporary = "\(folder)/\(Self.temporaryPrefix)\(UUID().uuidString)"
        let replaced = Self.facts(path)?.size ?? 0
        guard Self.write(data, to: temporary), rename(temporary, path) == 0 else {
            unlink(temporary)
            return
        }
        grow(by: data.count - replaced)
    }

    /// Removes a copy that turned out to be unreadable.
    func remove(_ identity: String) {
        for ending in ["jpg", "png"] { unlink(path(identity, ending)) }
    }

    /// `aa/bb…` from a hash of the identity, so that no name of the user's appears in it.
    private func path(_ identity: String, _ ending: String) -> String {
        let name = PreviewName.hash(identity)
        return "\(root)/\(name.prefix(2))/\(name.dropFirst(2)).\(ending)"
    }

    private func grow(by bytes: Int) {
        total.withLock { total in
            let known = (total.map { $0 + bytes }) ?? sweep(to: .max)
            total = known > limit ? sweep(to: limit / 10 * 9) : known
        }
    }

    /// Removes leftovers and the oldest copies until no more than so many bytes are left.
    ///
    /// Only files with names like those given here are touched, and links are never followed.
    ///
    /// - Returns: the bytes that are left.
    private func sweep(to goal: Int) -> Int {
        var found: [(path: String, facts: FileFacts)] = []
        let now = time(nil)
        for folder in Self.names(in: root) where PreviewName.isFolder(folder) {
            for name in Self.names(in: "\(root)/\(folder)") {
                let path = "\(root)/\(folder)/\(name)"
                guard let facts = Self.facts(path) else { continue }
                if name.hasPrefix(Self.temporaryPrefix) {
                    // Somebody's write that never ended; an hour is more than any takes.
                    if now - Int(facts.modified / 1_000_000_000) > 3600 { unlink(path) }
                } else if PreviewName.isFile(name) {
                    found.append((path, facts))
                }
            }
        }
        var left = found.reduce(0) { $0 + $1.facts.size }
        for file in found.sorted(by: { $0.facts.modified < $1.facts.modified }) where left > goal {
            if unlink(file.path) == 0 { left -= file.facts.size }
        }
        return left
    }

    private static let temporaryPrefix = ".preview-"

    /// Facts about a regular file, not through links.
    private static func facts(_ path: String) -> FileFacts? {
        let facts = FileFacts(path, followsLinks: false)
        return facts?.kind == .file ? facts : nil
    }

    private static func names(in path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    private static func write(_ data: Data, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        return data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = systemWrite(file, part.baseAddress, part.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}

/// The names of files in the preview cache.
enum PreviewName {
    /// 128 bits of FNV-1a in two lanes; chance meetings are out of the question, and nobody gains
    /// anything from making one.
    static func hash(_ identity: String) -> String {
        var lanes: (UInt64, UInt64) = (0xCBF2_9CE4_8422_2325, 0x6C62_272E_07BB_0142)
        for byte in identity.utf8 {
            lanes.0 = (lanes.0 ^ UInt64(byte)) &* 0x100_0000_01B3
            lanes.1 = (lanes.1 &* 0x100_0000_01B3) ^ UInt64(byte) ^ (lanes.0 >> 29)
        }
        return hex(lanes.0) + hex(lanes.1)
    }

    static func isFolder(_ name: String) -> Bool { name.count == 2 && name.allSatisfy(isHex) }

    static func isFile(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].count == 30 && parts[0].allSatisfy(isHex)
            && ["jpg", "png"].contains(parts[1])
    }

    private static func isHex(_ character: Character) -> Bool {
        character.isASCII && (character.isNumber || ("a"..."f").contains(character))
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// `write(2)`, whose name the cache uses itself.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(file, bytes, count)
}
