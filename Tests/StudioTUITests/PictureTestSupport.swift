import Foundation
import ImageCodecs
import Synchronization
import TerminalUI
import Testing

@testable import StudioTUI

/// Pictures and terminals for tests of the picture pipeline.
enum PictureSample {
    /// Smooth colours with a few shapes: like a photo to a palette, unlike one to a reader.
    static func scene(width: Int, height: Int, seed: Int = 0) -> RGBImage {
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let at = (y * width + x) * 3
                let isDisc =
                    (x - width / 3) * (x - width / 3) + (y - height / 2) * (y - height / 2)
                    < (height / 4) * (height / 4)
                pixels[at] = isDisc ? 230 : UInt8((x * 255 / max(1, width) + seed * 40) % 256)
                pixels[at + 1] = isDisc ? 60 : UInt8(y * 255 / max(1, height))
                pixels[at + 2] = isDisc ? UInt8((50 + seed * 10) % 256) : 128
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    static func flat(width: Int, height: Int, _ colour: PictureColour) -> RGBImage {
        let pixel = [colour.red, colour.green, colour.blue]
        return RGBImage(
            width: width, height: height,
            pixels: (0..<width * height).flatMap { _ in pixel })
    }

    static func sixelTerminal(cell: CellSize = CellSize(width: 8, height: 16)) -> PictureTerminal {
        var terminal = PictureTerminal(method: .sixel)
        terminal.cell = cell
        return terminal
    }

    /// The sixel of a picture made for a sixel terminal.
    static func decoded(
        _ picture: RenderedPicture
    ) -> (width: Int, height: Int, pixels: [UInt8], colourCount: Int)? {
        guard case .overlay(let lines) = picture.content, let line = lines.first else { return nil }
        return SixelDecoder.decode(Data(line))
    }

    /// Peak signal-to-noise ratio in decibels; equal pictures are infinitely far from noise.
    static func psnr(_ a: [UInt8], _ b: [UInt8]) -> Double {
        guard a.count == b.count, !a.isEmpty else { return 0 }
        let squares = zip(a, b).reduce(0) { $0 + (Int($1.0) - Int($1.1)) * (Int($1.0) - Int($1.1)) }
        return squares == 0
            ? .infinity : 10 * log10(255 * 255 * Double(a.count) / Double(squares))
    }

    static func pixels(_ id: String, _ image: RGBImage) -> PictureSource {
        .pixels(id: id, RGBImageBox(image))
    }

    static func request(
        _ source: PictureSource, columns: Int = 12, rows: Int = 6, priority: Int = 0,
        slot: String? = nil
    ) -> PictureRequest {
        PictureRequest(
            source: source, box: Size(columns: columns, rows: rows), priority: priority, slot: slot)
    }
}

/// A pipeline with a library of thumbnails that exist already, or of none.
final class PicturePipelineHarness: Sendable {
    let pipeline: PicturePipeline
    let folder: TemporaryFolder
    private let wakes: WakeCounter

    final class WakeCounter: Sendable {
        let count = Atomic(0)
    }

    struct NoThumbnail: Error {}

    init(
        capacity: Int = PictureCache.standardCapacity, timing: PictureSchedule.Timing? = nil,
        thumbnailFile: @escaping @Sendable (String) throws -> URL = { _ in throw NoThumbnail() }
    ) throws {
        let folder = try TemporaryFolder()
        let wakes = WakeCounter()
        self.folder = folder
        self.wakes = wakes
        pipeline = PicturePipeline(
            thumbnailFile: thumbnailFile,
            previews: folder.url.appendingPathComponent("previews"), capacity: capacity, workers: 2,
            timing: timing ?? PictureSchedule.Timing(),
            onReady: { wakes.count.add(1, ordering: .relaxed) })
        pipeline.configure(PictureSample.sixelTerminal())
    }

    var wakeCount: Int { wakes.count.load(ordering: .relaxed) }

    /// Asks again and again, as the interface does when it is woken, until the answer is final.
    ///
    /// The limit only ends a test that would hang; nothing is measured.
    func answer(
        _ request: PictureRequest, until isDone: (PictureAnswer) -> Bool = { !$0.isWaiting }
    ) async throws -> PictureAnswer {
        for _ in 0..<6000 {
            let answer = pipeline.answer(request)
            if isDone(answer) { return answer }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("no answer to \(request.source.identity)")
        return pipeline.answer(request)
    }
}

extension PictureAnswer {
    var isWaiting: Bool {
        if case .waiting = self { return true }
        return false
    }

    var picture: RenderedPicture? {
        if case .ready(let picture, _) = self { return picture }
        return nil
    }

    var name: String? {
        if case .ready(_, let name) = self { return name }
        return nil
    }

    var sentence: String? {
        if case .failed(let sentence) = self { return sentence }
        return nil
    }
}
