import ImageCodecs
import Testing
import VLMRuntime

@testable import PersonalCaption

struct CaptionPromptTests {
    private let query = Fixtures.picture(8, 8)

    private func concept(_ name: String, info: String = "a dog") -> CaptionConcept {
        CaptionConcept(name: name, info: info, category: "dog", image: Fixtures.picture())
    }

    /// Turns in one line each: roles, texts, and pictures as `[width, smallest–largest area]`.
    private func transcript(_ messages: [ChatMessage]) -> [String] {
        messages.map { message in
            let parts = message.parts.map { part in
                switch part {
                case .text(let text): text
                case .image(let input):
                    "[\(input.pixels.width), \(input.pixelBudget.map { "\($0.lowerBound)–\($0.upperBound)" } ?? "-")]"
                }
            }
            return "\(message.role.rawValue): " + parts.joined()
        }
    }

    @Test func repicLayoutWithTwoConcepts() throws {
        let messages = try CaptionPrompt(profile: .repic).messages(
            concepts: [concept("Max"), concept("my cup", info: " blue \n cup ")], query: query)
        #expect(
            transcript(messages) == [
                "system: You are a captioning assistant. Your task is to generate an accurate "
                    + "caption for the query image.\n"
                    + "Below is additional information about the reference images.",
                "user: [4, 3136–200704]1. Name: <Max>, Info: a dog"
                    + "[4, 3136–200704]2. Name: <my cup>, Info: blue cup"
                    + "[8, 3136–802816]This is the query image. "
                    + "Give a personalized caption of this image.",
            ])
    }

    @Test func miniLayoutHasNewlinesAndNoSystemText() throws {
        let messages = try CaptionPrompt(profile: .mini).messages(
            concepts: [concept("Max"), concept("Bo", info: "")], query: query)
        #expect(
            transcript(messages) == [
                "user: [4, 12544–12544]1. Name: <Max>, Info: a dog\n"
                    + "[4, 12544–12544]2. Name: <Bo>, Info: none\n"
                    + "[8, 12544–50176]This is the query image. Describe this image in detail."
            ])
    }

    @Test func conceptsWithKeysStandInTheirOrderWhateverOrderTheyComeIn() throws {
        func keyed(_ name: String, _ key: Int64?) -> CaptionConcept {
            var concept = concept(name)
            concept.key = key
            return concept
        }
        let prompt = CaptionPrompt(profile: .mini)
        let make = { (concepts: [CaptionConcept]) in
            transcript(
                try prompt.messages(
                    concepts: concepts, query: query, question: "Where is {name}?"))[0]
        }
        let one = try make([keyed("Max", 7), keyed("Bo", 3)])
        let other = try make([keyed("Bo", 3), keyed("Max", 7)])
        let begin =
            "user: [4, 12544–12544]1. Name: <Bo>, Info: a dog\n[4, 12544–12544]2. Name: <Max>"
        #expect(one.hasPrefix(begin) && other.hasPrefix(begin))
        #expect(one.hasSuffix("Where is <Max> and <Bo>?"), "the question keeps the user's order")
        let plain = try make([keyed("Max", nil), keyed("Bo", 3)])
        #expect(plain.contains("1. Name: <Max>"), "without keys the given order stays")
    }

    @Test func queryFirstLayout() throws {
        let messages = try CaptionPrompt(profile: .mini, order: .queryFirst).messages(
            concepts: [concept("Max"), concept("Bo")], query: query,
            question: "What is {name} up to?")
        #expect(
            transcript(messages) == [
                "user: [8, 12544–50176][1.[4, 12544–12544]\n Name: <Max>, Info: a dog\n"
                    + "2.[4, 12544–12544]\n Name: <Bo>, Info: a dog\n]"
                    + "What is <Max> and <Bo> up to?"
            ])
    }

    @Test func withoutConceptsThePromptIsPlain() throws {
        let plain = try CaptionPrompt(profile: .repic).messages(concepts: [], query: query)
        #expect(transcript(plain) == ["user: [8, 3136–802816]Describe this image in detail."])
        let mini = try CaptionPrompt(profile: .mini).messages(
            concepts: [], query: query, question: "Which colour?")
        #expect(
            transcript(mini) == ["user: [8, 12544–50176]This is the query image. Which colour?"])
    }

    @Test func conceptsKeepTheOrderOfTheUser() throws {
        let names = ["Zoe", "Ann", "Max", "Bo"]
        let messages = try CaptionPrompt(profile: .mini).messages(
            concepts: names.map { concept($0) }, query: query)
        let text = transcript(messages).joined()
        for (index, name) in names.enumerated() {
            #expect(text.contains("\(index + 1). Name: <\(name)>"))
        }
    }

    @Test func fiveConceptsAreRefusedWithTheLimit() {
        let five = (1...5).map { concept("Name \($0)") }
        #expect(throws: CaptionPromptError.tooManyConcepts(found: 5, limit: 4)) {
            try CaptionPrompt(profile: .repic).messages(concepts: five, query: query)
        }
        #expect("\(CaptionPromptError.tooManyConcepts(found: 5, limit: 4))".contains("at most 4"))
    }

    @Test(arguments: [["Max", "max"], ["Max", "<Max>"], ["A<B", "A‹B"], ["Max!", "Max"]])
    func namesACaptionCannotTellApartAreRefused(names: [String]) {
        #expect(throws: CaptionPromptError.namesAlike(names[0], names[1])) {
            try CaptionPrompt.check(names)
        }
    }

    @Test(arguments: ["", " \n", "\u{7}"])
    func aNameNeedsSomethingVisible(name: String) {
        #expect(throws: (any Error).self) { try CaptionPrompt.check([name]) }
    }

    @Test(arguments: [
        ("Max", "<Max>"), ("<Max>", "<Max>"), ("A<B>C", "<A‹B›C>"), ("<a><b>", "<‹a›‹b›>"),
        ("two\nlines\t here", "<two lines here>"), ("Say \"hi\"", "<Say \"hi\">"),
        ("👩‍🌾 Ann", "<👩‍🌾 Ann>"), ("ליאור", "<ליאור>"), ("a\u{0}b\u{1B}[31m", "<a b [31m>"),
        ("<", "<‹>"),
        ("<|im_end|>", "<|im_end|>"),
    ])
    func namesAsThePromptShowsThem(name: String, tag: String) {
        #expect(PromptName.tag(name) == tag)
    }

    @Test(arguments: ["A<B>C", "<a><b>", "x > y", "👩‍🌾 <Ann>"])
    func aShownNameLeadsBackToTheUsersSpelling(name: String) {
        let caption = "Here is \(PromptName.tag(name)) on a bench."
        #expect(NameCheck(supplied: [name]).report(on: caption).named == [name])
    }

    @Test func questionsAreFilledOnceAndBounded() throws {
        let prompt = CaptionPrompt(profile: .repic)
        #expect(try prompt.question("Is {name} here?", names: ["{name}"]) == "Is <{name}> here?")
        #expect(try prompt.question("  ", names: ["Max"]) == ModelProfile.repic.question)
        #expect(throws: CaptionPromptError.nothingToName) {
            try prompt.question("Is {name} here?", names: [])
        }
        #expect(throws: CaptionPromptError.questionTooLong(length: 4_001, limit: 4_000)) {
            try prompt.question(String(repeating: "a", count: 4_001), names: [])
        }
    }

    @Test func questionsRotateByNumberOfConcepts() {
        #expect(CaptionQuestions.rotating(5, conceptCount: 1) == "Give a caption of the image.")
        #expect(
            CaptionQuestions.rotating(5, conceptCount: 2)
                == "Provide a personalized caption of the given image.")
        #expect(CaptionQuestions.rotating(-1, conceptCount: 1) == CaptionQuestions.single[3])
    }
}
