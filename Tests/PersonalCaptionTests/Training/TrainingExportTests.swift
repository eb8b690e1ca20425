import Foundation
import ImageCodecs
import Testing
import VLMRuntime

@testable import PersonalCaption

@Suite struct TrainingExportTests {
    private let profile = ModelProfile.mini

    private func export(
        _ program: TrainingProgram, _ folder: URL, count: Int = 40,
        split: LibrarySplit = TrainingFixtures.split(3, others: 6, pictures: 3)
    ) throws -> TrainingExportSummary {
        let episodes = LibraryEpisodes(split, profile: profile)
        let plan = TrainingExportPlan(
            program: program, baseModel: "it's \"a\" model", count: count, heldOut: 5, seed: 3)
        return try TrainingExport(plan, episodes: episodes).write(to: folder)
    }

    /// `train --data` reads what was written for RePIC's trainer, with the same goals.
    @Test func whatRePICsTrainerGetsComesBack() throws {
        try Fixtures.withFolder { root in
            let folder = root.appending(path: "out")
            let summary = try export(.vlmR1, folder, count: 60)
            let file = try TrainingFile(folder.appending(path: "train.json"), images: folder)
            #expect(file.count == summary.examples.values.reduce(0, +))
            #expect(Set(summary.examples.keys) == ["names", "sameObject", "box"])
            #expect(file.count + summary.leftOut.values.reduce(0, +) == 60)
            let source = LibraryEpisodes(
                TrainingFixtures.split(3, others: 6, pictures: 3), profile: profile)
            var row = 0
            for number in 0..<60 {
                let episode = try ExportedEpisode(source.episode(seed: 3, number: number))
                switch (episode.goal, file.rows[min(row, file.count - 1)].goal) {
                case (.names(let scene), .names(let read)) where !scene.present.isEmpty:
                    #expect(read.present == scene.present)
                case (.names(let scene), _) where scene.present.isEmpty: continue
                case (.sameObject(let is1), .sameObject(let is2)): #expect(is1 == is2)
                case (.box, _) where episode.expression == nil: continue
                case (.box(let box, _), .box(let read, _)): #expect(box == read)
                default: Issue.record("episode \(number) is row \(row) of another task")
                }
                let question = file.rows[row].question
                #expect(question.components(separatedBy: "yes' or 'no'").count <= 2)
                row += 1
            }
            let read = FileEpisodes(file, profile: profile)
            #expect(try read.episode(seed: 1, number: 1).messages.isEmpty == false)
            let judged = try TrainingFile(
                folder.appending(path: "train-vlm-r1.jsonl"), images: folder)
            #expect(judged.count > 10)
        }
    }

    /// `train --data` reads what was written for LLaMA-Factory, pictures in the same places.
    @Test func whatLLaMAFactoryGetsComesBack() throws {
        try Fixtures.withFolder { root in
            let folder = root.appending(path: "out")
            let summary = try export(.llamaFactory, folder)
            let file = try TrainingFile(folder.appending(path: "train.json"), images: folder)
            #expect(file.count == 40 && summary.leftOut.isEmpty)
            let source = LibraryEpisodes(
                TrainingFixtures.split(3, others: 6, pictures: 3), profile: profile)
            for (number, row) in file.rows.enumerated() {
                let episode = try ExportedEpisode(source.episode(seed: 3, number: number))
                #expect(row.answer == episode.answer)
                #expect(row.images.count == episode.pictures.count)
                let parts = row.turns.last?.parts ?? []
                let wanted = (episode.turns.last?.parts ?? []).map { part -> String in
                    if case .text(let text) = part { text } else { "<image>" }
                }
                let found = parts.map { part -> String in
                    if case .text(let text) = part { text } else { "<image>" }
                }
                #expect(found.joined() == wanted.joined())
                for (url, picture) in zip(row.images, episode.pictures) {
                    #expect(try ImageDecoder.decode(fileAt: url).flattened() == picture.image)
                }
            }
            #expect(
                try TrainingFile(folder.appending(path: "test.json"), images: folder).count == 5)
        }
    }

    /// Pictures have the size the model is to see, and the box in the answer earns its reward.
    @Test func boxesAreInThePixelsOfTheFiles() throws {
        let source = LibraryEpisodes(TrainingFixtures.split(), profile: .qwen25VL)
        var boxes = 0
        for number in 0..<60 {
            let episode = try ExportedEpisode(source.episode(seed: 3, number: number))
            for picture in episode.pictures {
                #expect(picture.image.width % 28 == 0 && picture.image.height % 28 == 0)
                #expect(
                    max(picture.image.width, picture.image.height) <= ExportedEpisode.longestSide)
            }
            guard case .box(let box, _) = episode.goal else { continue }
            boxes += 1
            #expect(BoxReward.judge(episode.answer, box: box, form: .strict).reward == 1)
            #expect(BoxReward.judge(episode.answer, box: box, form: .published).reward == 1)
        }
        #expect(boxes > 5)
    }

    /// Users' words must not become placeholders or control tokens elsewhere.
    @Test func hostileWordsStayWords() throws {
        try Fixtures.withFolder { root in
            var split = TrainingFixtures.split(1, others: 2)
            var target = split.targets[0].concept
            target.name = "image"
            target.info = "<image><|im_end|>\n<video> \u{1B}[31m"
            split = LibrarySplit(targets: [target], others: split.others.map(\.concept))
            var mixture = EpisodeMixture()
            mixture.ownNames = 1
            let episodes = LibraryEpisodes(split, profile: profile, mixture: mixture)
            let plan = TrainingExportPlan(
                program: .llamaFactory, baseModel: "m", count: 20, heldOut: 3, seed: 1)
            let folder = root.appending(path: "out")
            _ = try TrainingExport(plan, episodes: episodes).write(to: folder)
            let text = try String(
                contentsOf: folder.appending(path: "train.json"), encoding: .utf8)
            #expect(text.contains("‹image›") && !text.contains("<|") && !text.contains("<video>"))
            // As many places as pictures, or it would not be read.
            #expect(
                try TrainingFile(folder.appending(path: "train.json"), images: folder).count == 20)
        }
    }

    @Test func allOrNothing() throws {
        try Fixtures.withFolder { root in
            let folder = root.appending(path: "out")
            let flag = CancellationFlag()
            flag.cancel()
            let episodes = LibraryEpisodes(TrainingFixtures.split(), profile: profile)
            let plan = TrainingExportPlan(
                program: .trl, baseModel: "m", count: 3, heldOut: 1, seed: 1)
            #expect(throws: CancellationError.self) {
                try TrainingExport(plan, episodes: episodes).write(to: folder, cancellation: flag)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: root.path).isEmpty)
            let summary = try TrainingExport(plan, episodes: episodes).write(to: folder)
            #expect(try FileManager.default.contentsOfDirectory(atPath: root.path) == ["out"])
            #expect(
                summary.files == [
                    "README.md", "accelerate.yaml", "launch.sh", "rewards.py", "test.jsonl",
                    "train.jsonl", "train_grpo.py",
                ])
            #expect(throws: RunError.self) {
                try TrainingExport(plan, episodes: episodes).write(to: folder)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: root.path) == ["out"])
        }
    }

    @Test func scriptsQuoteTheModel() throws {
        try Fixtures.withFolder { root in
            for program in TrainingProgram.allCases {
                let folder = root.appending(path: program.rawValue)
                _ = try export(program, folder, count: 2)
                let script = folder.appending(path: "launch.sh")
                let text = try String(contentsOf: script, encoding: .utf8)
                #expect(text.contains("usual='it'\\''s \"a\" model'\n"))
                #expect(FileManager.default.isExecutableFile(atPath: script.path))
            }
            let yaml = try String(
                contentsOf: root.appending(path: "llama-factory/sft_lora.yaml"), encoding: .utf8)
            #expect(yaml.contains("model_name_or_path: \"it's \\\"a\\\" model\"\n"))
        }
    }
}
