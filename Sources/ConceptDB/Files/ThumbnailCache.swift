import Foundation
import ImageCodecs

/// Small copies of pictures, made when first asked for, in a folder that may vanish any time.
struct ThumbnailCache: Sendable {
    /// Longest side in pixels.
    static let side = 256

    let root: String

    /// The file of a picture's thumbnail if there is one.
    func existing(_ sha256: String) -> URL? {
        for ending in ["jpg", "png"] {
            let path = file(sha256, ending)
            // A power cut may leave an empty file: the cache is not synced.
            if let size = DurableFile.size(of: path), size > 0 { return URL(fileURLWithPath: path) }
        }
        return nil
    }

    /// Makes the thumbnail: JPEG for opaque pictures, PNG where there is transparency.
    func make(_ sha256: String, from pixels: RGBAImage) throws -> URL {
        let opaque = pixels.isOpaque
        let data = try opaque ? Self.jpeg(pixels) : Self.png(pixels)
        let path = file(sha256, opaque ? "jpg" : "png")
        let folder = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let temporary = folder + "/.\(UUID().uuidString)"
        try data.write(to: URL(fileURLWithPath: temporary))
        do {
            try DurableFile.move(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
        return URL(fileURLWithPath: path)
    }

    /// Forgets the thumbnail of a picture that was deleted.
    func remove(_ sha256: String) {
        for ending in ["jpg", "png"] { unlink(file(sha256, ending)) }
    }

    private func file(_ sha256: String, _ ending: String) -> String {
        "\(root)/\(sha256.prefix(2))/\(sha256.dropFirst(2)).\(ending)"
    }

    private static func jpeg(_ pixels: RGBAImage) throws -> Data {
        let small = Resampler.thumbnail(pixels.flattened(), fitting: side)
        return try ImageEncoder.jpeg(small, quality: 85)
    }

    private static func png(_ pixels: RGBAImage) throws -> Data {
        let scale = min(1, Double(side) / Double(max(pixels.width, pixels.height, 1)))
        let small = Resampler.bicubic(
            pixels, width: max(1, Int((Double(pixels.width) * scale).rounded())),
            height: max(1, Int((Double(pixels.height) * scale).rounded())))
        return try ImageEncoder.png(small)
    }
}
