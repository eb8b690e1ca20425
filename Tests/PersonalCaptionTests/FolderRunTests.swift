import Foundation
import ImageCodecs
import Testing
import VLMRuntime

@testable import PersonalCaption

/// Captioning folders: nothing twice, nothing lost.
struct FolderRunTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "studio-folder-\(UUID().uuidString)")

    private func make(_ names: [String]) throws {
        for (index, name) in names.enumerated() {
            let url = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            let pixels = (0..<56 * 56 * 3).map { UInt8(truncatingIfNeeded: $0 * (index + 3)) }
            try ImageEncoder.png(
                RGBAImage(RGBImage(width: 56, height: 56, pixels: pixels))
            ).write(to: url)
        }
    }

    private func remove() { try? FileManager.default.removeItem(at: folder) }

    private func lines(_ file: URL) throws -> [FolderCaption] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(FolderCaption.self, from: Data($0.utf8))
        }
    }

    private let checkpoint = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/golden/ckpt-old")

    @Test func picturesAreFoundInOrder() throws {
        defer { remove() }
        try make(["b/2.png", "b/10.png", "a.PNG", ".hidden/x.png", "c/.y.png"])
        try Data().write(to: folder.appending(path: "notes.txt"))
        #expect(try FolderPictures.list(folder) == ["a.PNG", "b/2.png", "b/10.png"])
        #expect(throws: FolderCaptionError.missing(folder.appending(path: "no").relativePath)) {
            try FolderPictures.list(folder.appending(path: "no"))
        }
    }

    @Test func aRunGoesOnWhereItWas() throws {
        defer { remove() }
        let names = (0..<7).map { "\($0).png" }
        try make(names)
        try Data("no picture".utf8).write(to: folder.appending(path: "8.png"))
        let file = folder.appending(path: "out.jsonl")
        let model = try VisionLanguageModel.load(folder: checkpoint)
        let profile = ModelProfile.qwen25VL
        func run(_ flag: CancellationFlag?, stopAfter: Int) throws -> FolderRun.Tally {
            let log = try CaptionLog(file, model: "m", question: profile.plainQuestion)
            let run = try FolderRun(
                folder: folder, pictures: try FolderPictures.list(folder), log: log,
                profile: profile, options: CaptionOptions(maxNewTokens: 5), modelName: "m")
            return try run.perform(Generator(model), batch: 3, cancellation: flag) { tally in
                if tally.captioned >= stopAfter { flag?.cancel() }
            }
        }
        let first = try run(CancellationFlag(), stopAfter: 3)
        #expect(first.captioned >= 3 && first.captioned < 7)
        // The program was killed while it wrote a line.
        let whole = try Data(contentsOf: file)
        try (whole + Data(#"{"image": "6.png", "capt"#.utf8)).write(to: file)
        let second = try run(nil, stopAfter: .max)
        #expect(first.captioned + second.captioned == 7)
        #expect(second.failed == 1)
        let all = try lines(file)
        #expect(Set(all.map(\.image)).count == 8 && all.count == 8)
        #expect(all.filter { $0.error != nil }.map(\.image) == ["8.png"])
        for line in all where line.error == nil {
            let picture = try ImageDecoder.decode(fileAt: folder.appending(path: line.image))
            let alone = try model.generate(
                CaptionPrompt(profile: profile).messages(
                    concepts: [], query: picture.flattened()),
                options: CaptionOptions(maxNewTokens: 5).resolved(for: profile))
            #expect(line.caption == alone.text, "\(line.image)")
        }
        #expect(try run(nil, stopAfter: .max) == FolderRun.Tally())
        let retry = try CaptionLog(
            file, model: "m", question: profile.plainQuestion, retriesFailures: true)
        #expect(retry.done.count == 7 && retry.failures == 0)
    }

    @Test func otherFilesAreNotTouched() throws {
        defer { remove() }
        try make(["a.png"])
        let file = folder.appending(path: "out.jsonl")
        let foreign = "{\"some\": \"data\"}\n"
        try Data(foreign.utf8).write(to: file)
        #expect(throws: FolderCaptionError.self) {
            try CaptionLog(file, model: "m", question: "q")
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == foreign)
        try FileManager.default.removeItem(at: file)
        do {
            let log = try CaptionLog(file, model: "m", question: "q")
            try log.append(FolderCaption(image: "a.png", caption: "x", model: "m", question: "q"))
            #expect(throws: FolderCaptionError.busy(file.relativePath)) {
                try CaptionLog(file, model: "m", question: "q")
            }
            withExtendedLifetime(log) {}
        }
        for (model, question, concepts) in [("n", "q", []), ("m", "r", []), ("m", "q", ["x"])] {
            #expect(throws: FolderCaptionError.self) {
                try CaptionLog(file, model: model, question: question, concepts: concepts)
            }
        }
        #expect(try CaptionLog(file, model: "m", question: "q").done == ["a.png"])
    }
}
