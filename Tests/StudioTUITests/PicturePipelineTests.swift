import Foundation
import ImageCodecs
import Synchronization
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct PicturePipelineTests {
    private func source(_ id: Int, side: Int = 48) -> PictureSource {
        PictureSample.pixels(
            "\(id)", PictureSample.scene(width: side, height: side, seed: id))
    }

    @Test func aPictureIsWaitedForOnceAndThenThere() async throws {
        let harness = try PicturePipelineHarness()
        let request = PictureSample.request(source(1))
        #expect(harness.pipeline.answer(request).isWaiting)
        harness.pipeline.want([request])
        let answer = try await harness.answer(request)
        let picture = try #require(answer.picture)
        #expect(harness.wakeCount >= 1)
        #expect(picture.columns <= 12 && picture.rows <= 6)
        // The same answer again, with the same key: nothing is drawn anew.
        #expect(harness.pipeline.answer(request).name == answer.name)
        #expect(harness.pipeline.memory == picture.cost)
        let other = PictureSample.request(source(2))
        harness.pipeline.want([other])
        #expect(try await harness.answer(other).name != answer.name)
        // Back to the first: from memory, without being wanted again.
        #expect(harness.pipeline.answer(request).name == answer.name)
    }

    @Test func anotherTerminalMakesAllPicturesAnew() async throws {
        let harness = try PicturePipelineHarness()
        let request = PictureSample.request(source(1))
        harness.pipeline.want([request])
        let first = try await harness.answer(request)
        harness.pipeline.configure(PictureSample.sixelTerminal())
        #expect(harness.pipeline.answer(request).name == first.name)
        harness.pipeline.configure(PictureTerminal(method: .indexed256))
        let second = try await harness.answer(request)
        #expect(second.name != first.name)
        guard case .cells = try #require(second.picture).content else {
            Issue.record("still a sixel")
            return
        }
    }

    @Test func failuresAreSentences() async throws {
        let harness = try PicturePipelineHarness()
        let missing = PictureSource.outside(harness.folder.url.appendingPathComponent("no.png"))
        let request = PictureSample.request(missing)
        harness.pipeline.want([request])
        #expect(try await harness.answer(request).sentence == "There is no file 'no.png'.")
        // Chosen again later, it is tried again.
        harness.pipeline.want([])
        _ = try harness.folder.picture("no.png")
        harness.pipeline.want([request])
        #expect(try await harness.answer(request).picture != nil)
    }

    @Test func quickPicturesAreReplacedByGoodOnes() async throws {
        let harness = try PicturePipelineHarness()
        let image = PictureSample.scene(width: 96, height: 96)
        let first = PictureSample.request(source(1))
        let second = PictureSample.request(PictureSample.pixels("big", image))
        harness.pipeline.want([first])
        harness.pipeline.want([second])
        var colours: [Int] = []
        let last = try await harness.answer(second) { answer in
            guard let picture = answer.picture else { return false }
            let count = PictureSample.decoded(picture)?.colourCount ?? 0
            if colours.last != count { colours.append(count) }
            return count > 64
        }
        #expect(last.picture != nil)
        // Depending on how busy the machine is the quick one may not have been seen at all.
        #expect(colours.dropLast().allSatisfy { $0 <= 64 })
    }

    @Test func picturesInAdvanceAreMadeToo() async throws {
        let harness = try PicturePipelineHarness()
        let focus = PictureSample.request(source(1))
        let next = PictureSample.request(source(2), priority: 2)
        harness.pipeline.want([focus, next])
        var asked = next
        asked.priority = 0
        #expect(try await harness.answer(asked).picture != nil)
        #expect(harness.pipeline.answer(focus).picture != nil)
    }

    @Test func tooManyPicturesInAdvanceDoNotRunInCircles() async throws {
        let harness = try PicturePipelineHarness(capacity: 12_000)
        let focus = PictureSample.request(source(0))
        let others = (1..<40).map { PictureSample.request(source($0), priority: 2) }
        harness.pipeline.want([focus] + others)
        #expect(try await harness.answer(focus).picture != nil)
        // All have been tried when the last one has; then it is quiet.
        var memory = -1
        for _ in 0..<4000 where memory != harness.pipeline.memory || memory < 6000 {
            memory = harness.pipeline.memory
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(harness.pipeline.memory <= 12_000)
        #expect(harness.pipeline.answer(focus).picture != nil)
    }

    @Test func aSlotShowsTheLastPictureUntilTheNextIsReady() async throws {
        let harness = try PicturePipelineHarness()
        let first = PictureSample.request(source(1), slot: "stage")
        #expect(harness.pipeline.answer(first).isWaiting)
        harness.pipeline.want([first])
        _ = try await harness.answer(first)
        for id in 2..<40 {
            let next = PictureSample.request(source(id), slot: "stage")
            #expect(harness.pipeline.answer(next).picture != nil, "empty at \(id)")
            harness.pipeline.want([next])
            #expect(harness.pipeline.answer(next).picture != nil, "empty at \(id)")
        }
        // In the end it is the last one that is seen.
        let last = PictureSample.request(source(39), slot: "stage")
        let expected = PictureSample.scene(width: 48, height: 48, seed: 39)
        _ = try await harness.answer(last) { answer in
            guard let picture = answer.picture, let decoded = PictureSample.decoded(picture)
            else { return false }
            let scaled = Resampler.bicubic(
                expected, width: decoded.width, height: decoded.height)
            return PictureSample.psnr(decoded.pixels, scaled.pixels) > 24
        }
    }

    @Test func movingMarksAreDrawnWhereTheyAre() async throws {
        let harness = try PicturePipelineHarness()
        let image = PictureSample.flat(width: 160, height: 160, PictureColour(90, 90, 90))
        var last: PictureRequest?
        for step in 0..<5 {
            var request = PictureSample.request(
                PictureSample.pixels("flat", image), columns: 20, rows: 10, slot: "crop")
            request.marks = [
                PictureMark(
                    kind: .outline(colour: 2), x: 0.1 * Double(step), y: 0.2, width: 0.5,
                    height: 0.5)
            ]
            harness.pipeline.want([request])
            last = request
        }
        let request = try #require(last)
        _ = try await harness.answer(request) { answer in
            guard let picture = answer.picture, let decoded = PictureSample.decoded(picture)
            else { return false }
            // Two pixels inside the left edge at 0.4.
            let x = Int(0.4 * Double(decoded.width)) + 2
            let at = (decoded.height / 2 * decoded.width + x) * 3
            return decoded.pixels[at] > 200 && decoded.pixels[at + 2] < 100
        }
    }

    /// A thumbnail that takes for ever keeps one worker busy and nobody else waiting.
    @Test func slowFilesDoNotBlockOthers() async throws {
        let gate = DispatchSemaphore(value: 0)
        let harness = try PicturePipelineHarness(thumbnailFile: { _ in
            gate.wait()
            throw CancellationError()
        })
        let stuck = (0..<3).map { id in
            PictureSample.request(
                .stored(
                    sha256: "stuck \(id)", file: harness.folder.url.appendingPathComponent("x")))
        }
        let good = PictureSample.request(source(1), priority: 1)
        harness.pipeline.want(stuck + [good])
        #expect(try await harness.answer(good).picture != nil)
        #expect(harness.pipeline.answer(stuck[0]).isWaiting)
        for _ in 0..<12 { gate.signal() }
        #expect(try await harness.answer(stuck[0]).sentence != nil)
    }

    @Test func theCacheFolderMayBeDeletedMeanwhile() async throws {
        let harness = try PicturePipelineHarness()
        let big = RGBImage(
            width: 1300, height: 40, pixels: [UInt8](repeating: 120, count: 1300 * 40 * 3))
        let data = try ImageEncoder.jpeg(big, quality: 70)
        let previews = harness.folder.url.appendingPathComponent("previews")
        for round in 0..<20 {
            let url = harness.folder.url.appendingPathComponent("\(round).jpg")
            try data.write(to: url)
            let request = PictureSample.request(.outside(url))
            harness.pipeline.want([request])
            try? FileManager.default.removeItem(at: previews)
            #expect(try await harness.answer(request).picture != nil)
        }
    }

    @Test func twoThousandRandomWishesEndInOrder() async throws {
        let harness = try PicturePipelineHarness(capacity: 200_000)
        var random = SeededGenerator(state: 7)
        let file = URL(fileURLWithPath: try harness.folder.picture("one.png"))
        let sources =
            (0..<12).map { source($0, side: 24) } + [
                .outside(file), .outside(harness.folder.url.appendingPathComponent("none")),
            ]
        for round in 0..<2000 {
            let requests = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                PictureSample.request(
                    sources[Int.random(in: 0..<sources.count, using: &random)],
                    columns: Int.random(in: 1...6, using: &random),
                    rows: Int.random(in: 1...3, using: &random),
                    priority: Int.random(in: 0...2, using: &random),
                    slot: Int.random(in: 0...9, using: &random) == 0 ? "stage" : nil)
            }
            for request in requests { _ = harness.pipeline.answer(request) }
            harness.pipeline.want(requests)
            if round % 400 == 399 {
                var terminal = PictureSample.sixelTerminal()
                terminal.isRemote = round % 800 == 399
                harness.pipeline.configure(terminal)
            }
            if round % 25 == 0 { try await Task.sleep(for: .milliseconds(40)) }
        }
        let last = (0..<4).map { PictureSample.request(sources[$0], priority: $0 == 0 ? 0 : 1) }
        harness.pipeline.want(last)
        for request in last { #expect(try await harness.answer(request).picture != nil) }
    }

    /// A pipeline that goes away while it works leaves nothing behind that holds it.
    @Test func nothingKeepsAPipelineAlive() async throws {
        weak var pipeline: PicturePipeline?
        do {
            let harness = try PicturePipelineHarness()
            pipeline = harness.pipeline
            harness.pipeline.want([PictureSample.request(source(1))])
        }
        for _ in 0..<12_000 where pipeline != nil { try await Task.sleep(for: .milliseconds(5)) }
        #expect(pipeline == nil)
    }
}
