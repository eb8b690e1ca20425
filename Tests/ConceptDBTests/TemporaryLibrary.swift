import ConceptDB
import Foundation
import ImageCodecs

/// A library in a folder of its own, deleted with the value.
final class TemporaryLibrary {
    let folder: URL
    let store: ConceptStore

    var home: URL { folder.appending(path: "library") }

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "concept-db-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try ConceptStore(directory: folder.appending(path: "library"))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The same library as another process would open it.
    func reopened(busyTimeout: TimeInterval = 10) throws -> ConceptStore {
        try ConceptStore(directory: home, busyTimeout: busyTimeout)
    }

    func path(_ relative: String) -> String { home.appending(path: relative).path }

    func exists(_ relative: String) -> Bool {
        FileManager.default.fileExists(atPath: path(relative))
    }

    /// Every file under `images`, staging folders included.
    func imageFiles() -> [String] {
        let images = home.appending(path: "images")
        let found = FileManager.default.enumerator(atPath: images.path)?.allObjects as? [String]
        return (found ?? []).filter { name in
            var isFolder: ObjCBool = false
            let path = images.appending(path: name).path
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }

    /// Writes a picture file outside the library.
    func picture(_ seed: Int, named name: String? = nil) throws -> URL {
        let file = folder.appending(path: name ?? "picture-\(seed).png")
        try Pictures.png(seed).write(to: file)
        return file
    }
}

/// Small pictures, a different one for each seed.
enum Pictures {
    static func png(_ seed: Int, width: Int = 12, height: Int = 8) throws -> Data {
        try ImageEncoder.png(rgb(seed, width: width, height: height))
    }

    static func jpeg(_ seed: Int) throws -> Data {
        try ImageEncoder.jpeg(rgb(seed, width: 16, height: 16), quality: 90)
    }

    static func rgb(_ seed: Int, width: Int, height: Int) -> RGBImage {
        var state = UInt64(truncatingIfNeeded: seed &* 0x9E37 &+ 1)
        let pixels = (0..<width * height * 3).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// A JPEG with an EXIF block that says where it was taken, and one line of comment.
    static func jpegWithMetadata(_ seed: Int) throws -> Data {
        let plain = try jpeg(seed)
        let exif = Data("Exif\0\0II*\0\u{8}\0\0\0\0\0\0\0\0\0SECRET PLACE".utf8)
        let comment = Data("SECRET COMMENT".utf8)
        var data = plain.prefix(2)
        for (marker, body) in [(UInt8(0xE1), exif), (UInt8(0xFE), comment)] {
            let length = UInt16(body.count + 2)
            data += [0xFF, marker, UInt8(length >> 8), UInt8(length & 0xFF)]
            data += body
        }
        return data + plain.dropFirst(2)
    }
}
