import Dispatch
import Foundation
import ImageCodecs
import TerminalUI

/// Gets the pixels of a source from wherever they are cheapest: thumbnail, preview, original.
final class PictureLoader: Sendable {
    /// The longest side of a thumbnail of the library.
    static let thumbnailSide = 256
    /// How much larger than its pixels a thumbnail may be drawn before the original is taken.
    static let thumbnailStretch = 1.1
    /// Pictures that cannot be decoded at a fraction of their size, above so many pixels, are
    /// decoded one at a time: each takes 4 bytes a pixel and more.
    static let heavyPixels = 16_000_000

    private let thumbnailFile: @Sendable (String) throws -> URL
    private let previews: PreviewCache?
    private let heavy = DispatchSemaphore(value: 1)

    init(thumbnailFile: @escaping @Sendable (String) throws -> URL, previews: PreviewCache?) {
        self.thumbnailFile = thumbnailFile
        self.previews = previews
    }

    /// Size and format of the picture itself.
    func facts(_ source: PictureSource) throws -> PictureFacts {
        switch source {
        case .pixels(_, let box):
            return PictureFacts(width: box.image.width, height: box.image.height)
        case .file(let url, _, _):
            return try PictureFile.facts(url, name: url.lastPathComponent)
        case .stored(let sha256, let file):
            do {
                return try PictureFile.facts(file, name: file.lastPathComponent)
            } catch {
                // The original may be gone while its thumbnail is still there.
                guard let url = try? thumbnailFile(sha256),
                    let facts = try? PictureFile.facts(url, name: file.lastPathComponent)
                else { throw error }
                return facts
            }
        }
    }

    /// What `pixels` found.
    struct Loaded {
        let image: RGBImage
        /// To be kept on the disk, once the picture has been shown.
        var preview: (image: RGBAImage, identity: String)?
    }

    /// The pixels at exactly this size.
    func pixels(
        _ source: PictureSource, _ facts: PictureFacts, width: Int, height: Int,
        quality: PictureQuality, background: PictureColour, token: CancelToken
    ) throws -> Loaded {
        let target = Target(
            width: width, height: height, quality: quality, background: background)
        switch source {
        case .pixels(_, let box):
            return Loaded(image: PictureFile.scaled(box.image, width: width, height: height))
        case .file(let url, let modified, let bytes):
            return try large(
                url, source.identity, facts, target, token,
                isCurrent: {
                    PictureSource.outside(url) == .file(url, modified: modified, bytes: bytes)
                })
        case .stored(let sha256, let file):
            let side = Double(min(facts.longest, Self.thumbnailSide)) * Self.thumbnailStretch
            if quality == .moving || Double(max(width, height)) <= side {
                if let image = thumbnail(sha256, target) { return Loaded(image: image) }
                try token.check()
            }
            do {
                return try large(file, source.identity, facts, target, token) { true }
            } catch let error as ImageReadError {
                // Better the thumbnail drawn large than nothing.
                guard let image = thumbnail(sha256, target) else { throw error }
                return Loaded(image: image)
            }
        }
    }

    /// Writes what `pixels` asked to be kept.
    func keep(_ preview: (image: RGBAImage, identity: String)) {
        let isOpaque = preview.image.isOpaque
        let data =
            isOpaque
            ? try? ImageEncoder.jpeg(preview.image.flattened(), quality: 85)
            : try? ImageEncoder.png(preview.image)
        if let data { previews?.store(data, preview.identity, isOpaque: isOpaque) }
    }

    private struct Target {
        let width: Int
        let height: Int
        let quality: PictureQuality
        let background: PictureColour

        var longest: Int { max(width, height) }
    }

    private func thumbnail(_ sha256: String, _ target: Target) -> RGBImage? {
        guard let url = try? thumbnailFile(sha256) else { return nil }
        return try? small(url, target)
    }

    /// The pixels of a thumbnail or preview.
    private func small(_ url: URL, _ target: Target) throws -> RGBImage {
        let name = url.lastPathComponent
        let data = try PictureFile.read(url, name: name)
        let facts = PictureFacts(try ImageDecoder.info(data, name: name), bytes: data.count)
        return try PictureFile.pixels(
            data, facts, width: target.width, height: target.height, name: name,
            background: target.background)
    }

    /// The pixels of a preview, or of the original, from which a preview is made.
    ///
    /// - Parameter isCurrent: whether the file is still the one the identity names.
    private func large(
        _ url: URL, _ identity: String, _ facts: PictureFacts, _ target: Target,
        _ token: CancelToken, isCurrent: () -> Bool
    ) throws -> Loaded {
        let isLarge = facts.longest > PreviewCache.side * 5 / 4
        if isLarge, let image = preview(identity, target) { return Loaded(image: image) }
        try token.check()
        let name = url.lastPathComponent
        let data = try PictureFile.read(url, name: name)
        try token.check()
        // The header read before may have been another file's.
        let now = PictureFacts(try ImageDecoder.info(data, name: name), bytes: data.count)
        let keeps =
            isLarge && target.quality == .still && target.longest <= PreviewCache.side
            && previews != nil && isCurrent()
        return try gated(now) {
            try token.check()
            guard keeps else {
                return Loaded(
                    image: try PictureFile.pixels(
                        data, now, width: target.width, height: target.height, name: name,
                        background: target.background))
            }
            let side = PreviewCache.side(of: now.longest, needed: target.longest)
            let preview = try Self.preview(data, now, side: side, name: name)
            let image = Resampler.bicubic(preview, width: target.width, height: target.height)
            let background = target.background
            return Loaded(
                image: image.flattened(onto: background.channels), preview: (preview, identity))
        }
    }

    /// The pixels of the preview on the disk, if there is one that is large enough.
    private func preview(_ identity: String, _ target: Target) -> RGBImage? {
        guard target.longest <= PreviewCache.side, let file = previews?.existing(identity) else {
            return nil
        }
        let facts = try? PictureFile.facts(file, name: "preview")
        if let facts, facts.longest < target.longest { return nil }
        if facts != nil, let image = try? small(file, target) { return image }
        previews?.remove(identity)
        return nil
    }

    private static func preview(
        _ data: Data, _ facts: PictureFacts, side: Int, name: String
    ) throws -> RGBAImage {
        guard facts.hasAlpha else {
            return RGBAImage(
                try ImageDecoder.decodeThumbnail(data, name: name, fitting: side))
        }
        let image = try ImageDecoder.decode(data, name: name)
        let scale = min(1, Double(side) / Double(max(facts.longest, 1)))
        return Resampler.bicubic(
            image, width: max(1, Int((Double(image.width) * scale).rounded())),
            height: max(1, Int((Double(image.height) * scale).rounded())))
    }

    /// Runs work that takes very much memory alone.
    private func gated<Result>(
        _ facts: PictureFacts, _ work: () throws -> Result
    ) throws -> Result {
        let isHeavy = facts.format != .jpeg && facts.width * facts.height > Self.heavyPixels
        guard isHeavy else { return try work() }
        heavy.wait()
        defer { heavy.signal() }
        return try work()
    }
}
