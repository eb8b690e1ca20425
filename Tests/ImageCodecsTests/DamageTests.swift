import Foundation
import Testing

@testable import ImageCodecs

@Suite struct DamageTests {
    @Test(arguments: Sample.goodNames)
    func cutShortPicturesAreRefused(name: String) throws {
        let data = try Sample.data(name)
        // The trailer of the private samples is not part of the picture.
        let end = name.hasPrefix("private") ? data.count - 40 : data.count - 3
        for length in [end, end * 9 / 10, end / 2, end / 4, 20, 13] where length < data.count {
            let error = #expect(throws: ImageReadError.self, "\(length) of \(data.count)") {
                try ImageDecoder.decode(data.prefix(length), name: name)
            }
            #expect(error?.description.contains(name) == true)
        }
    }

    @Test(arguments: ["plain.png", "plain.jpg", "progressive.jpg", "lossy.webp"])
    func cutShortIsSaidPlainly(name: String) throws {
        let data = try Sample.data(name)
        let format = try #require(ImageFormat(sniffing: data))
        #expect(throws: ImageReadError.truncated(file: name, format: format)) {
            try ImageDecoder.decode(data.prefix(data.count * 3 / 4), name: name)
        }
    }

    @Test func missingRowsAreRefused() throws {
        let data = try Sample.data("fewer-rows.png")
        #expect(throws: ImageReadError.self) { try ImageDecoder.decode(data, name: "x.png") }
    }

    @Test func animationIsRefusedClearly() throws {
        let data = try Sample.data("animated.webp")
        let error = #expect(throws: ImageReadError.self) { try ImageDecoder.info(data, name: "a") }
        #expect(error?.description.contains("animation") == true)
    }

    @Test func otherContentIsNamed() {
        let cases: [(Data, String?)] = [
            (Data("just a note\n".utf8), "text"), (Data("GIF89a......".utf8), "a GIF picture"),
            (Data([0, 0, 0, 24]) + Data("ftypheic....".utf8), "a HEIC picture"),
            (Data([1, 2, 3, 4, 5]), nil), (Data([0xFF, 0xD8]), nil),
        ]
        for (data, resembles) in cases {
            let expected = ImageReadError.unknownFormat(file: "x.png", resembles: resembles)
            #expect(throws: expected) { try ImageDecoder.decode(data, name: "x.png") }
        }
        #expect(throws: ImageReadError.empty(file: "x.png")) {
            try ImageDecoder.decode(Data(), name: "x.png")
        }
    }

    /// The header alone decides, so no memory is asked for.
    @Test func hugePictureIsRefusedByItsHeader() {
        let side: [UInt8] = [0, 0, 0xEA, 0x60]  // 60000
        let header =
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + PNGChunks.chunk("IHDR", side + side + [8, 6, 0, 0, 0])
        #expect(
            throws: ImageReadError.tooManyPixels(
                file: "x", width: 60000, height: 60000, limit: 64_000_000)
        ) { try ImageDecoder.decode(Data(header), name: "x") }
    }

    @Test func limitsAreTheCallers() throws {
        let data = try Sample.data("plain.png")
        let few = ImageLimits(maximumPixels: 9 * 17 - 1)
        #expect(throws: ImageReadError.tooManyPixels(file: "x", width: 9, height: 17, limit: 152)) {
            try ImageDecoder.decode(data, name: "x", limits: few)
        }
        let small = ImageLimits(maximumBytes: data.count - 1)
        #expect(
            throws: ImageReadError.tooLarge(file: "x", bytes: data.count, limit: data.count - 1)
        ) { try ImageDecoder.decode(data, name: "x", limits: small) }
        let enough = ImageLimits(maximumBytes: data.count, maximumPixels: 9 * 17)
        #expect(throws: Never.self) { try ImageDecoder.decode(data, name: "x", limits: enough) }
    }

    /// Each pass is a few bytes that cost work on the whole picture.
    @Test func endlessPassesAreRefused() throws {
        let bytes = [UInt8](try Sample.data("progressive.jpg"))
        let scans = Array(JPEGSegments(bytes)).filter { $0.marker == 0xDA }
        let last = try #require(scans.last)
        let many = (0..<500).reduce(into: Array(bytes[..<last.whole.upperBound])) { file, _ in
            file += bytes[last.whole]
        }
        let error = #expect(throws: ImageReadError.self) {
            try ImageDecoder.decode(Data(many + [0xFF, 0xD9]), name: "x")
        }
        #expect(error?.description.contains("passes") == true)
    }

    @Test func messagesObeyNoTerminal() {
        let name = "a\u{1B}[2J\u{202E}\n.png"
        let errors: [ImageReadError] = [
            .notFound(file: name), .unreadable(file: name, reason: name), .empty(file: name),
            .unknownFormat(file: name, resembles: nil),
            .damaged(file: name, format: .png, reason: name),
        ]
        for error in errors {
            #expect(
                !error.description.unicodeScalars.contains { $0.value < 32 || $0 == "\u{202E}" })
            #expect(error.description.contains("a\u{FFFD}[2J\u{FFFD}\u{FFFD}.png"))
        }
    }

    /// Broken in any way, a picture decodes or throws; it never crashes or hangs.
    @Test(arguments: Sample.names)
    func randomDamageNeverCrashes(name: String) throws {
        let original = [UInt8](try Sample.data(name))
        let limits = ImageLimits(maximumPixels: 100_000)
        var random = SplitMix(state: UInt64(original.count))
        var refused = 0
        for _ in 0..<2000 {
            var bytes = original
            for _ in 0...random.next(below: 4) {
                let at = random.next(below: bytes.count)
                switch random.next(below: 4) {
                case 0: bytes[at] ^= 1 << UInt8(random.next(below: 8))
                case 1: bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][random.next(below: 5)]
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.next(below: 4)))
                default: bytes.insert(UInt8(random.next(below: 256)), at: at)
                }
                if bytes.isEmpty { break }
            }
            let data = Data(bytes)
            do {
                let image = try ImageDecoder.decode(data, name: name, limits: limits)
                #expect(image.width * image.height <= limits.maximumPixels)
            } catch {
                refused += 1
            }
            _ = try? MetadataStripper.strip(data, name: name, limits: limits)
            _ = try? ImageDecoder.decodeThumbnail(data, name: name, fitting: 5, limits: limits)
        }
        #expect(refused > 0)
    }
}

/// A small repeatable random generator (Steele et al., 2014).
private struct SplitMix {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(max(1, bound)))
    }
}
