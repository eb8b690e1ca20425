import Foundation
import ImageCodecs
import Testing
import VLMRuntime

@testable import PersonalCaption

@Suite struct TrainingFileTests {
    private func read(_ text: String, _ name: String = "data.json") throws -> TrainingFile {
        try Fixtures.withFolder { folder in
            for picture in ["a.png", "b.png"] {
                try ImageEncoder.png(Fixtures.picture(32, 32)).write(
                    to: folder.appendingPathComponent(picture))
            }
            let file = folder.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            return try TrainingFile(file, images: folder)
        }
    }

    @Test func rePICsFourMethods() throws {
        let file = try read(
            """
            [{"image": ["a.png", "b.png"], "problem": "Is <x> here?", "solution": "yes",
              "accu_reward_method": "yes_no"},
             {"image": ["a.png", "b.png"], "problem": "Caption <x>.", "solution": "<x>",
              "accu_reward_method": "yes_no_name", "more": 1},
             {"image": ["a.png", "b.png"], "problem": "Caption.", "solution": ["<x>", "<y>"],
              "accu_reward_method": "yes_no_name_multi"},
             {"image": "a.png", "problem": "Where is <x>?", "solution": [1, 2, 30, 31]}]
            """)
        #expect(file.rows.map(\.goal.task) == [.sameObject, .names, .names, .box])
        #expect(file.rows[3].goal == .box([1, 2, 30, 31], name: "x"))
        #expect(file.rows[0].images.map(\.lastPathComponent) == ["a.png", "b.png"])
    }

    @Test func shareGPTAndOpenAIForm() throws {
        let file = try read(
            """
            {"conversations": [{"from": "human", "value": "<image>Who?"}, {"from": "gpt", "value": "Max."}, {"from": "human", "value": "Sure?"}, {"from": "gpt", "value": "Yes."}], "images": ["a.png"]}

            {"messages": [{"role": "user", "content": "a <image> b <image>"}, {"role": "assistant", "content": "c"}], "images": ["a.png", "b.png"]}
            """, "data.jsonl")
        #expect(file.rows.map(\.answer) == ["Max.", "Yes.", "c"])
        #expect(file.rows[1].turns.count == 3)
        #expect(file.rows[2].turns[0].parts.count == 4)
    }

    @Test func capRLsQuestions() throws {
        let response =
            #"#### 1. **What colour?**\n   - A) red\n   - B) blue\n**Answer:** B) blue\n------"#
        let file = try read(#"{"qa_response": "\#(response)", "image_path": "a.png"}"#)
        let question = MultipleChoiceQuestion(
            stem: "What colour?", options: ["red", "blue"], correct: 1)
        #expect(file.rows[0].goal == .questions([question]))
    }

    @Test(arguments: [
        ("[{]", "line 1"), ("{\"a\": 1}\n{\"b\"", "line 2"), ("[3]", "entry 1"),
        (#"[{"image": "../a.png", "problem": "p", "solution": "yes"}]"#, "leads out"),
        (#"[{"image": "/etc/passwd", "problem": "p", "solution": "yes"}]"#, "leads out"),
        (#"[{"image": "no.png", "problem": "p", "solution": [1, 2, 3, 4]}]"#, "does not exist"),
        (#"[{"image": "a.png", "problem": "p", "solution": [9, 2, 3, 4]}]"#, "solution"),
        (
            #"[{"image": "a.png", "problem": "p", "solution": "x", "accu_reward_method": "me"}]"#,
            "me"
        ),
        (#"[{"image": "a.png", "problem": 7, "solution": [1, 2, 3, 4]}]"#, "problem"),
        (
            #"[{"image": "a.png", "problem": "p", "solution": "maybe", "accu_reward_method": "yes_no"}]"#,
            "maybe"
        ),
        (#"[{"conversations": [{"from": "gpt", "value": "x"}], "images": ["a.png"]}]"#, "question"),
        (
            #"[{"conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}], "images": ["a.png"]}]"#,
            "as many <image>"
        ),
        (
            #"[{"conversations": [{"from": "human", "value": "<image><image>"}, {"from": "gpt", "value": "y"}], "images": ["a.png"]}]"#,
            "as many <image>"
        ),
        (#"[{"messages": [{"role": "me", "content": "x"}]}]"#, "human, gpt or system"),
        ("[]", "no training examples"), ("", "no training examples"),
    ])
    func whatIsWrongIsNamed(_ text: String, _ part: String) {
        let error = #expect(throws: TrainingFileError.self) { try read(text) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test func keptPicturesAreNotTrainedWith() throws {
        try Fixtures.withFolder { folder in
            var rows: [String] = []
            for index in 0..<40 {
                try ImageEncoder.png(Fixtures.picture(8, 8)).write(
                    to: folder.appendingPathComponent("\(index).png"))
                rows.append(
                    #"{"image": ["\#((index + 7) % 40).png", "\#(index).png"], "problem": "<x>?", "solution": "no", "accu_reward_method": "yes_no"}"#
                )
            }
            let file = folder.appendingPathComponent("d.jsonl")
            try Data(rows.joined(separator: "\n").utf8).write(to: file)
            let episodes = FileEpisodes(
                try TrainingFile(file, images: folder), profile: .mini)
            #expect(episodes.leaks().isEmpty)
            #expect(try episodes.heldOut(count: 99).count == 4)
            #expect((30..<37).contains(episodes.trainingCount))
            #expect(try episodes.episode(seed: 1, number: 5).goal == .sameObject(isPresent: false))
        }
    }
}
