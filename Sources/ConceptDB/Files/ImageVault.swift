import Crypto
import Foundation
import ImageCodecs

/// Where the pictures of a library lie, by the SHA-256 of their bytes.
struct ImageVault: Sendable {
    /// The library folder.
    let library: String

    var images: String { library + "/images" }

    /// `images/ab/cdef….png`, relative to the library folder.
    static func path(sha256: String, format: ImageFormat) -> String {
        "images/\(sha256.prefix(2))/\(sha256.dropFirst(2)).\(format.fileExtension)"
    }

    func absolute(_ path: String) -> String { library + "/" + path }

    static func sha256(_ data: Data) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let hex = SHA256.hash(data: data).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: hex, as: UTF8.self)
    }

    /// Whether the file is there with exactly these bytes.
    func holds(_ image: StoredImage) -> Bool {
        let path = absolute(image.path)
        guard DurableFile.size(of: path) == image.byteCount,
            let data = try? Data(contentsOf: URL(fileURLWithPath: path))
        else { return false }
        return Self.sha256(data) == image.sha256
    }
}

/// A picture of the vault.
struct StoredImage: Sendable, Equatable {
    let sha256: String
    let format: ImageFormat
    let width: Int
    let height: Int
    let byteCount: Int
    /// Where the user took it from.
    let originalPath: String

    var path: String { ImageVault.path(sha256: sha256, format: format) }
    /// Its name in a staging folder.
    var fileName: String { "\(sha256).\(format.fileExtension)" }
}

/// A picture that has been read, checked by decoding it whole, and stripped of metadata.
struct PreparedImage {
    let data: Data
    let stored: StoredImage
    let pixels: RGBAImage

    init(_ source: ImageSource) throws {
        let original = try Self.bytes(of: source)
        let name = source.displayName
        // What is stored is what is checked: the stripped bytes, not those of the file.
        let info = try ImageDecoder.info(original, name: name, limits: .standard)
        data = try MetadataStripper.strip(original, name: name)
        pixels = try ImageDecoder.decode(data, name: name, limits: .standard)
        stored = StoredImage(
            sha256: ImageVault.sha256(data), format: info.format, width: pixels.width,
            height: pixels.height, byteCount: data.count, originalPath: name)
    }

    /// The picture as the user has it.
    static func bytes(of source: ImageSource) throws -> Data {
        switch source {
        case .file(let url):
            try BoundedFile.read(url, limit: ImageLimits.standard.maximumBytes)
        case .data(let data, _): data
        }
    }
}
