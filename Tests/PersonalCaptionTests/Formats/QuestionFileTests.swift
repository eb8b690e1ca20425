import Foundation
import ImageCodecs
import Testing

@testable import PersonalCaption

@Suite struct CapRLQuestionsTests {
    /// As Qwen2.5-VL writes them when CapRL's system prompt asks for five.
    private let response = """
        #### 1. **What colour is the dog?**
           - A) Black
           - B) Brown
           - C) White
           - D) Grey
        **Answer:** B) Brown

        ------
        #### 2. **How many wheels are there?**
           - A) One
           - B) **Two**
        **Answer:** C) Three
        ------
        #### 3. **Where does it stand?**
        A. Left
        B. Right
        Answer: a
        """

    private func read(_ text: String) throws -> CapRLQuestions {
        try Fixtures.withFolder { folder in
            let file = folder.appending(path: "qa.jsonl")
            try Data(text.utf8).write(to: file)
            return try CapRLQuestions.read(file)
        }
    }

    @Test func whatTheModelWroteBecomesQuestions() throws {
        let (questions, problems) = CapRLQuestions.questions(in: response)
        #expect(
            questions == [
                try #require(
                    ChoiceQuestion(
                        stem: "What colour is the dog?",
                        options: ["Black", "Brown", "White", "Grey"],
                        correct: 1)),
                try #require(
                    ChoiceQuestion(
                        stem: "Where does it stand?", options: ["Left", "Right"], correct: 0)),
            ])
        #expect(problems == ["question 2 has no 2 to 9 options with the answer among them"])
    }

    @Test func everyFormOfLineIsReadAndBadOnesAreListed() throws {
        let encoded = try String(
            decoding: JSONSerialization.data(withJSONObject: response, options: .fragmentsAllowed),
            as: UTF8.self)
        let text = """
            {"qa_response": \(encoded), "image_path": "a.jpg"}
            {"image": "b.jpg", "questions": [["Which?\\n   - A) x\\n   - B) y", "B"], ["No options?", "A"]]}

            {"image_path": "b.jpg", "question": "Who?\\n- A) x\\n- B) y", "answer": "A"}
            nonsense
            {"qa_response": "none"}
            {"image_path": "c.jpg", "qa_response": "I cannot do that."}
            [1]
            """
        let found = try read(text)
        #expect(found.pictures.map(\.image) == ["a.jpg", "b.jpg"])
        #expect(found.pictures.map(\.questions.count) == [2, 2])
        #expect(found.pictures[1].questions.map(\.correct) == [1, 0])
        #expect(
            found.problems.map { "\($0.item): \($0.reason)" } == [
                "line 1: question 2 has no 2 to 9 options with the answer among them; left out",
                "line 2: has a question of another form; left out",
                "line 5: is no JSON object; left out",
                "line 6: names no picture ('image_path'); left out",
                "line 7: holds no question that can be asked; left out",
                "line 8: is no JSON object; left out",
            ])
    }

    @Test func linesWithoutEndArePassedOver() throws {
        let long = String(repeating: "x", count: CapRLQuestions.maximumLineBytes + 10)
        let good = #"{"image_path": "a.jpg", "question": "Who?\n- A) x\n- B) y", "answer": "A"}"#
        let found = try read(long + "\n" + good)
        #expect(found.pictures.count == 1)
        #expect(found.problems.map(\.item) == ["line 1"])
    }

    @Test func questionsHaveTwoToNineOptions() {
        #expect(ChoiceQuestion(stem: "x", options: ["a"], correct: 0) == nil)
        #expect(ChoiceQuestion(stem: "x", options: ["a", "b"], correct: 2) == nil)
        #expect(ChoiceQuestion(stem: "", options: ["a", "b"], correct: 0) == nil)
    }
}

@Suite struct VLMEvalTableTests {
    /// Base64 of a picture that is longer than an index could be.
    private func picture(_ red: UInt8) throws -> String {
        try ImageEncoder.png(Fixtures.picture(8, 8, [red, 0, 0])).base64EncodedString()
    }

    private func read(_ text: String, _ body: (VLMEvalTable) throws -> Void) throws {
        try Fixtures.withFolder { folder in
            let file = folder.appending(path: "bench.tsv")
            try Data(text.utf8).write(to: file)
            try Data([7]).write(to: folder.appending(path: "p.png"))
            try body(try VLMEvalTable(file))
        }
    }

    @Test func rowsWithPicturesInBase64AreRead() throws {
        let text = """
            index\timage\tquestion\thint\tA\tB\tC\tanswer\tcategory
            1\t\(try picture(9))\tWhich?\tLook up.\tx\ty\tz\tC\tshape
            2\t1\t"Two
            lines\tand ""quotes""?"\t\tx\ty\t\tA\tcolour
            3\t"\(try picture(5))"\tWhich?\tnan\tx\ty\tnan\tB\t

            """
        try read(text) { table in
            #expect(table.problems.isEmpty)
            #expect(table.rows.map(\.index) == ["1", "2", "3"])
            #expect(table.rows[0].question.stem == "Hint: Look up.\nWhich?")
            #expect(table.rows[0].question.correct == 2)
            #expect(table.rows[0].category == "shape")
            #expect(table.rows[1].question.stem == "Two lines and \"quotes\"?")
            #expect(table.rows[1].question.options == ["x", "y"])
            #expect(table.rows[2].question.options == ["x", "y"])
            let reds = try table.rows.map {
                try ImageDecoder.decode(try table.picture(of: $0), name: "row").pixels[0]
            }
            #expect(reds == [9, 9, 5])
        }
    }

    @Test func badRowsAreListed() throws {
        let long = String(repeating: "q", count: VLMEvalTable.longestText + 5)
        let text = """
            index\timage\timage_path\tquestion\tA\tB\tanswer
            1\t\t../p.png\tWhich?\tx\ty\tA
            2\t\tp.png\tWhich?\tx\ty\tyes
            3\t99\t\tWhich?\tx\ty\tA
            4\t\tp.png\t\(long)\tx\ty\tA
            5\t\tp.png\tWhich?\tx\ty\tB
            6\t6\t\tWhich?\tx\ty\tA
            7\t\tp.png
            """
        try read(text) { table in
            #expect(table.rows.map(\.index) == ["5"])
            let picture = try table.picture(of: table.rows[0])
            #expect(picture == Data([7]))
            #expect(
                Set(table.problems.map(\.item)) == [
                    "row 1", "row 2", "row 3", "row 4", "row 6", "row 7",
                ])
        }
    }

    @Test func picturesThatAreNoBase64AreRefusedWhenTheyAreAskedFor() throws {
        let odd = String(repeating: "!", count: 100)
        try read("index\timage\tquestion\tA\tB\tanswer\n1\t\(odd)\tWhich?\tx\ty\tA\n") { table in
            let error = #expect(throws: VLMEvalError.self) {
                try table.picture(of: table.rows[0])
            }
            #expect(error?.description.contains("not base64") == true)
        }
    }

    @Test(arguments: ["", "index\tquestion\n1\tx\n", "a,b,c\n", "\u{0}\u{1}\u{2}"])
    func otherTablesAreRefused(text: String) {
        #expect(throws: VLMEvalError.self) { try read(text) { _ in } }
    }

    @Test func dataAddressesAndLineBreaksAreUnwrapped() {
        #expect(
            VLMEvalTable.decoded(Array("data:image/png;base64,AQ\nID".utf8)) == Data([1, 2, 3]))
        #expect(VLMEvalTable.decoded(Array("\"AQID\"".utf8)) == Data([1, 2, 3]))
        #expect(VLMEvalTable.decoded([]) == nil)
    }

    @Test func rowsAcrossPiecesOfTheFileAreWhole() throws {
        let filler = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            .base64EncodedString()
        let rows = (0..<4).map { "\($0)\t\(filler)\tWhich \($0)?\tx\ty\tB" }
        let text = "index\timage\tquestion\tA\tB\tanswer\n" + rows.joined(separator: "\n")
        try read(text) { table in
            #expect(table.rows.map(\.question.stem) == (0..<4).map { "Which \($0)?" })
            let picture = try table.picture(of: table.rows[3])
            #expect(picture.count == 300_000)
        }
    }
}
