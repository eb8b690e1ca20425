import Foundation
import ImageCodecs

/// The pictures in Tests/Fixtures/images, which make.py there draws.
enum Sample {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/images")

    static func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

    static func data(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }

    static func image(_ name: String) throws -> RGBAImage {
        try ImageDecoder.decode(data(name), name: name)
    }

    /// Names of all pictures, among them some that cannot be decoded.
    static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { !$0.hasSuffix(".py") }.sorted()

    /// Pictures that decode without complaint.
    static let goodNames = names.filter { $0 != "animated.webp" && $0 != "fewer-rows.png" }

    /// `pattern` of make.py.
    static func pattern(width: Int, height: Int) -> RGBAImage {
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                pixels += [UInt8(x * 29 % 256), UInt8(y * 31 % 256), UInt8(x * y * 7 % 256), 255]
            }
        }
        return RGBAImage(width: width, height: height, pixels: pixels)
    }
}

extension RGBAImage {
    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        Array(pixels[(y * width + x) * 4..<(y * width + x) * 4 + 4])
    }

    /// Whether a pixel has about this colour, as far as lossy coding keeps it.
    func shows(_ color: [UInt8], at x: Int, _ y: Int, within tolerance: Int = 8) -> Bool {
        zip(pixel(x, y), color).allSatisfy { abs(Int($0) - Int($1)) <= tolerance }
    }

    /// Whether this is `quadrants` of make.py, the right way up.
    var showsQuadrants: Bool {
        width == 48 && height == 32 && shows([220, 30, 30], at: 12, 8)
            && shows([30, 160, 50], at: 36, 8) && shows([40, 60, 200], at: 12, 24)
            && shows([230, 210, 40], at: 36, 24)
    }
}
