import ImageCodecs
import Testing

@testable import VLMRuntime

/// Questions that are read together get the answers they would get alone.
@Suite struct QuestionBatchTests {
    private func picture(_ seed: Int) -> RGBImage {
        RGBImage(
            width: 56, height: 56,
            pixels: (0..<56 * 56 * 3).map { UInt8(truncatingIfNeeded: $0 * seed / 7) })
    }

    private func chat(_ reference: Int, _ question: String) -> [ChatMessage] {
        [
            ChatMessage(
                .user,
                [
                    .image(ImageInput(picture(reference), isReference: true)),
                    .text("1. Name: <x>, Info: something"), .image(ImageInput(picture(9))),
                    .text("This is the query image. \(question)"),
                ])
        ]
    }

    private let ids: [Int32] = [1, 7, 100, 300]

    private func expectClose(
        _ chats: [[ChatMessage]], _ arithmetic: Arithmetic, within tolerance: Float
    ) throws {
        let model = try Golden.model("ckpt-old", arithmetic)
        let generator = Generator(model, caches: GenerationCaches(for: model, folder: nil))
        let together = try generator.nextTokenProbabilities(ofEach: chats, of: ids)
        #expect(together.count == chats.count)
        for (chat, found) in zip(chats, together) {
            let alone = try model.nextTokenProbabilities(chat, of: ids)
            for (a, b) in zip(alone, found) { #expect(abs(a - b) <= tolerance, "\(a) and \(b)") }
        }
    }

    @Test(arguments: [(Arithmetic.float32, Float(1e-5)), (.bfloat16, 1e-3)])
    func theyShareWhatTheyHaveInCommon(_ arithmetic: Arithmetic, _ tolerance: Float) throws {
        let questions = ["Is <a> there?", "Is <bertha the second> in the picture?", "And <c>?"]
        try expectClose(questions.map { chat(3, $0) }, arithmetic, within: tolerance)
    }

    @Test func moreThanOneBatchIsAnswered() throws {
        let questions = (0..<Generator.largestBatch + 3).map { "Is <name \($0)> there?" }
        try expectClose(questions.map { chat(3, $0) }, .float32, within: 1e-5)
    }

    @Test func otherPicturesAndEqualQuestionsAreAnsweredToo() throws {
        try expectClose([chat(3, "Yes?"), chat(4, "Yes?")], .float32, within: 1e-5)
        try expectClose([chat(3, "Yes?"), chat(3, "Yes?")], .float32, within: 1e-5)
        try expectClose([], .float32, within: 0)
    }

    @Test func stoppingIsNoticed() throws {
        let model = try Golden.model("ckpt-old", .float32)
        let generator = Generator(model, caches: GenerationCaches(for: model, folder: nil))
        let flag = CancellationFlag()
        flag.cancel()
        #expect(throws: CancellationError.self) {
            try generator.nextTokenProbabilities(
                ofEach: [chat(3, "a"), chat(3, "b")], of: ids, cancellation: flag)
        }
    }
}
