import Foundation
import PersonalCaption
import Testing

@testable import StudioTUI

@Suite struct TrainExportTests {
    private func studio() throws -> TestStudio {
        let studio = try TestStudio()
        for name in ["milo", "bruna", "pico", "luna"] {
            let picture = TestStudio.samples + "/concepts/\(name).png"
            let outcome = studio.run("concept", "add", name, picture, "--category", "animal")
            #expect(outcome.exit == .done, "\(outcome.error)")
        }
        return studio
    }

    @Test(arguments: TrainingProgram.allCases)
    func writesAFolderAndOnlyOnce(_ program: TrainingProgram) throws {
        let studio = try studio()
        let folder = studio.folder.path("out")
        let line = [
            "train", "export", folder, "--for", program.rawValue, "--count", "6",
            "--held-out", "2", "--concepts", "milo,bruna", "--json",
        ]
        let outcome = studio.run(line)
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(
            try outcome.keys() == [
                "folder", "program", "model", "concepts", "examples", "heldOut", "pictures",
                "leftOut", "files",
            ])
        let readme = try String(contentsOfFile: folder + "/README.md", encoding: .utf8)
        #expect(readme.contains("studio adapter import"))
        let again = studio.run(line)
        #expect(again.exit == .badInput && again.error.contains("exists already"))
    }

    /// What was written for others, this program trains with too.
    @Test func whatWasExportedCanBeTrainedWithHere() throws {
        let studio = try studio()
        for (program, file) in [("vlm-r1", "data.yaml"), ("llama-factory", "train.json")] {
            let folder = studio.folder.path(program)
            let outcome = studio.run(
                "train", "export", folder, "--for", program, "--count", "12", "--held-out", "0")
            #expect(outcome.exit == .done, "\(outcome.error)")
            let recipe = program == "vlm-r1" ? "repic" : "sft"
            let trained = studio.run(
                "train", "--data", "\(folder)/\(file)", "--recipe", recipe, "--steps", "1",
                "--name", recipe, "--answers", "2", "--prompts", "1", "--max-tokens", "4",
                "--held-out", "0", "--rank", "2")
            #expect(trained.exit == .done, "\(trained.error)")
        }
    }

    @Test func wrongWishesAreRefused() throws {
        let studio = try TestStudio()
        let folder = studio.folder.path("out")
        #expect(studio.run("train", "export", folder, "--for", "trl").exit == .badInput)
        #expect(
            studio.run("train", "export", folder, "--for", "trl", "--concepts", "x").exit
                == .notFound)
        for line in ["--for x", "", "--for trl --count 0", "--for trl --rank 999"] {
            let words = line.split(separator: " ").map(String.init)
            #expect(studio.run(["train", "export", folder] + words).exit == .usage, "\(line)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
        #expect(studio.run("train").exit == .usage)
    }
}
