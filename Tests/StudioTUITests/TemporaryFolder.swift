import Foundation
import ImageCodecs

/// A folder that goes away with its last owner.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("studio-test-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Writes a picture of one colour and returns its path.
    func picture(_ name: String, red: UInt8 = 200, size: Int = 32) throws -> String {
        let pixels = (0..<size * size).flatMap { _ -> [UInt8] in [red, 80, 40] }
        let image = RGBImage(width: size, height: size, pixels: pixels)
        try ImageEncoder.png(image).write(to: url.appendingPathComponent(name))
        return path(name)
    }
}
