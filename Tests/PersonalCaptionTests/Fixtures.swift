import Foundation
import ImageCodecs

/// Files that tests share, and small pictures.
enum Fixtures {
    static let golden = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/golden")

    /// A plain picture.
    static func picture(
        _ width: Int = 4, _ height: Int = 4, _ color: [UInt8] = [10, 20, 30]
    ) -> RGBImage {
        RGBImage(
            width: width, height: height,
            pixels: Array(repeatElement(color, count: width * height).joined()))
    }

    /// A folder for one test, removed when the test ends.
    @discardableResult static func withFolder<Result>(_ body: (URL) throws -> Result) throws
        -> Result
    {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "personal-caption-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}
