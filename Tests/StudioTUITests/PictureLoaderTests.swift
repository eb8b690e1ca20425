import Foundation
import ImageCodecs
import Testing

@testable import StudioTUI

@Suite struct PictureLoaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func loader(
        thumbnail: URL? = nil, previews: PreviewCache? = nil
    ) -> PictureLoader {
        PictureLoader(
            thumbnailFile: { _ in
                guard let thumbnail else { throw CancellationError() }
                return thumbnail
            }, previews: previews)
    }

    private func write(_ data: Data, _ name: String) throws -> URL {
        let url = folder.url.appendingPathComponent(name)
        try data.write(to: url)
        return url
    }

    private func pixels(
        _ loader: PictureLoader, _ source: PictureSource, _ width: Int, _ height: Int,
        quality: PictureQuality = .still, background: PictureColour = .black
    ) throws -> PictureLoader.Loaded {
        try loader.pixels(
            source, loader.facts(source), width: width, height: height, quality: quality,
            background: background, token: CancelToken())
    }

    private let red = PictureColour(200, 20, 20)
    private let blue = PictureColour(20, 20, 200)

    /// The colour in the middle.
    private func middle(_ image: RGBImage) -> PictureColour {
        let at = (image.height / 2 * image.width + image.width / 2) * 3
        return PictureColour(image.pixels[at], image.pixels[at + 1], image.pixels[at + 2])
    }

    @Test func thumbnailsServeWhileTheyAreLargeEnough() throws {
        let original = try write(
            ImageEncoder.png(PictureSample.flat(width: 600, height: 300, red)), "original.png")
        let thumbnail = try write(
            ImageEncoder.png(PictureSample.flat(width: 256, height: 128, blue)), "small.png")
        let loader = loader(thumbnail: thumbnail)
        let source = PictureSource.stored(sha256: "a", file: original)
        #expect(try loader.facts(source).width == 600)
        #expect(try middle(pixels(loader, source, 200, 100).image) == blue)
        #expect(try middle(pixels(loader, source, 280, 140).image) == blue)
        #expect(try middle(pixels(loader, source, 400, 200).image) == red)
        #expect(try middle(pixels(loader, source, 400, 200, quality: .moving).image) == blue)
    }

    @Test func eachStandsInForTheOther() throws {
        let thumbnail = try write(
            ImageEncoder.png(PictureSample.flat(width: 256, height: 128, blue)), "small.png")
        let missing = folder.url.appendingPathComponent("gone.png")
        let source = PictureSource.stored(sha256: "a", file: missing)
        let withThumbnail = loader(thumbnail: thumbnail)
        #expect(try middle(pixels(withThumbnail, source, 600, 300).image) == blue)
        #expect(throws: ImageReadError.self) { try loader().facts(source) }

        let original = try write(
            ImageEncoder.png(PictureSample.flat(width: 600, height: 300, red)), "original.png")
        let present = PictureSource.stored(sha256: "a", file: original)
        #expect(try middle(pixels(loader(), present, 100, 50).image) == red)
        let damaged = try write(Data("no picture".utf8), "bad.png")
        #expect(try middle(pixels(loader(thumbnail: damaged), present, 100, 50).image) == red)
    }

    @Test func transparentPicturesShowTheBackground() throws {
        let clear = RGBAImage(
            width: 40, height: 40, pixels: [UInt8](repeating: 0, count: 40 * 40 * 4))
        let url = try write(ImageEncoder.png(clear), "clear.png")
        let background = PictureColour(10, 60, 110)
        let loaded = try pixels(
            loader(), .outside(url), 20, 20, background: background)
        #expect(middle(loaded.image) == background)
    }

    @Test func largeFilesLeaveAPreviewBehind() throws {
        let previews = PreviewCache(folder: folder.url.appendingPathComponent("previews"))
        let loader = loader(previews: previews)
        let big = RGBImage(
            width: 1400, height: 300, pixels: [UInt8](repeating: 90, count: 1400 * 300 * 3))
        let url = try write(ImageEncoder.jpeg(big, quality: 80), "big.jpg")
        let source = PictureSource.outside(url)
        #expect(try pixels(loader, source, 140, 30, quality: .moving).preview == nil)
        let first = try pixels(loader, source, 140, 30)
        let preview = try #require(first.preview)
        #expect(preview.image.width == 1024)
        loader.keep(preview)
        let file = try #require(previews.existing(source.identity))
        #expect(try PictureFile.facts(file, name: "p").width == 1024)

        // From now on the preview serves, as one can see when it is another picture.
        try ImageEncoder.jpeg(PictureSample.flat(width: 1024, height: 219, red), quality: 90)
            .write(to: file)
        let second = try pixels(loader, source, 140, 30)
        #expect(second.preview == nil)
        #expect(middle(second.image).red > 180)

        // A preview that cannot be read is replaced.
        try Data("rubbish".utf8).write(to: file)
        let third = try pixels(loader, source, 140, 30)
        #expect(third.preview != nil)
        #expect(middle(third.image) == PictureColour(90, 90, 90))
        #expect(previews.existing(source.identity) == nil)

        // Another state of the file is another picture.
        try ImageEncoder.jpeg(PictureSample.flat(width: 1400, height: 300, blue), quality: 90)
            .write(to: url)
        #expect(PictureSource.outside(url).identity != source.identity)
        #expect(try pixels(loader, source, 140, 30).preview == nil)
    }

    @Test(arguments: [
        (4000, 480, 1000), (4032, 480, 1008), (6000, 480, 750), (8000, 900, 1000),
        (6000, 800, 1024),
        (1400, 480, 1024), (5000, 480, 1024), (60_000, 480, 1024),
    ])
    func previewsAreOfASizeThatIsQuicklyMade(_ longest: Int, _ needed: Int, _ side: Int) {
        #expect(PreviewCache.side(of: longest, needed: needed) == side)
    }

    @Test func aPreviewThatIsTooSmallIsMadeAnew() throws {
        let previews = PreviewCache(folder: folder.url.appendingPathComponent("previews"))
        let loader = loader(previews: previews)
        let big = PictureSample.flat(width: 1400, height: 60, blue)
        let source = PictureSource.outside(try write(ImageEncoder.png(big), "big.png"))
        let small = PictureSample.flat(width: 700, height: 30, red)
        previews.store(try ImageEncoder.png(small), source.identity, isOpaque: false)
        #expect(try middle(pixels(loader, source, 700, 30).image) == red)
        let larger = try pixels(loader, source, 701, 30)
        #expect(middle(larger.image) == blue)
        #expect(larger.preview != nil)
    }

    @Test func smallFilesLeaveNone() throws {
        let previews = PreviewCache(folder: folder.url.appendingPathComponent("previews"))
        let url = URL(fileURLWithPath: try folder.picture("small.png", size: 64))
        #expect(try pixels(loader(previews: previews), .outside(url), 60, 60).preview == nil)
    }

    @Test func turnedPicturesAreUpright() throws {
        let images = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/images")
        let loader = loader()
        for name in ["orientation-6.jpg", "orientation-6.png", "orientation-8.webp"] {
            let url = images.appendingPathComponent(name)
            let whole = try ImageDecoder.decode(fileAt: url)
            let facts = try loader.facts(.outside(url))
            #expect(facts.width == whole.width && facts.height == whole.height, "\(name)")
            let image = try pixels(loader, .outside(url), whole.width, whole.height).image
            #expect(
                PictureSample.psnr(image.pixels, whole.flattened(onto: (0, 0, 0)).pixels) > 30,
                "\(name)")
        }
    }
}

@Suite struct PictureHostileFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// One sentence that names the file, or nothing.
    private func failure(_ url: URL) throws -> String? {
        let loader = PictureLoader(
            thumbnailFile: { _ in throw CancellationError() },
            previews: PreviewCache(folder: folder.url.appendingPathComponent("previews")))
        let request = PictureSample.request(.outside(url))
        do {
            _ = try PictureRenderer(loader: loader).render(
                request, .still, for: PictureSample.sixelTerminal(), token: CancelToken())
            return nil
        } catch {
            return FailureMapping.failure(for: error).description
        }
    }

    @Test func eachGetsOneSentence() throws {
        let good = try Data(contentsOf: URL(fileURLWithPath: folder.picture("good.png", size: 64)))
        func file(_ name: String, _ data: Data) throws -> URL {
            let url = folder.url.appendingPathComponent(name)
            try data.write(to: url)
            return url
        }
        // A header that promises 60000 × 60000 pixels, with its checksum left wrong or not.
        var bomb = good
        bomb.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
        let pipe = folder.url.appendingPathComponent("pipe.png")
        #expect(mkfifo(pipe.path, 0o600) == 0)
        let huge = try file("huge.png", good)
        #expect(truncate(huge.path, 2 << 30) == 0)
        let cases: [(URL, String)] = [
            (try file("cut.png", good.prefix(good.count / 2)), "cut.png"),
            (try file("bomb.png", bomb), "60000×60000"),
            (try file("text.png", Data("hello there".utf8)), "text"),
            (try file("empty.png", Data()), "empty"), (pipe, "a pipe"), (huge, "MiB"),
            (folder.url, "a directory"),
            (folder.url.appendingPathComponent("missing.png"), "no file"),
            (URL(fileURLWithPath: "/dev/zero"), "a device"),
            (try file("film.mp4", Data([0, 0, 0, 24] + Array("ftypisom".utf8))), "film"),
        ]
        for (url, part) in cases {
            let sentence = try #require(try failure(url), "\(url.lastPathComponent)")
            #expect(sentence.contains(part), "\(sentence)")
            #expect(!sentence.contains(folder.url.path), "\(sentence)")
            #expect(!sentence.contains("\n") && !sentence.contains("\u{1B}"))
        }
    }

    /// Whatever bytes are changed, there is a picture or a sentence.
    @Test func damagedPicturesNeverCrash() throws {
        let image = PictureSample.scene(width: 48, height: 40)
        let files = [
            ("png", try ImageEncoder.png(image)),
            ("jpg", try ImageEncoder.jpeg(image, quality: 80)),
        ]
        var random = SeededGenerator(state: 42)
        var failures = 0
        for (ending, data) in files {
            for round in 0..<150 {
                var damaged = data
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    let at = Int.random(in: 0..<damaged.count, using: &random)
                    damaged[at] = UInt8.random(in: 0...255, using: &random)
                }
                if round % 5 == 0 {
                    damaged = damaged.prefix(Int.random(in: 0..<damaged.count, using: &random))
                }
                let url = folder.url.appendingPathComponent("damaged.\(ending)")
                try damaged.write(to: url)
                if let sentence = try failure(url) {
                    failures += 1
                    #expect(!sentence.isEmpty)
                }
            }
        }
        #expect(failures > 50)
    }
}

/// Numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
