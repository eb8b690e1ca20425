import Foundation
import Testing

@testable import PersonalCaption

@Suite struct SharedPageTests {
    private static let nasty =
        "</style><script>alert(1)</script> \" onload='x' & <img src=x onerror=y> \u{1B}[31m\u{202E}"

    /// A page whose every text is hostile.
    private func page() throws -> SharedPage {
        let nasty = Self.nasty
        let picture = try SharedPicture(Fixtures.picture(40, 30))
        func caption() -> SharedCaption {
            SharedCaption(
                text: "<Milo> meets \(nasty), <Zara> and \(nasty).", names: ["Milo", nasty],
                unnamed: [nasty], wrong: ["Zara"], picture: picture, title: nasty,
                boxes: [
                    .init(name: nasty, corners: [1, 2, 30, 20]), .init(name: "Milo", corners: [5]),
                ],
                facts: [nasty])
        }
        var page = SharedPage(title: nasty)
        page.introduction = nasty
        page.note = nasty
        page.concepts = [
            SharedConcept(name: nasty, category: nasty, info: nasty, picture: nil),
            SharedConcept(name: "Milo", category: "", info: "", picture: picture),
        ]
        page.captions = [caption()]
        page.pairs = [SharedPair(labels: [nasty, nasty], captions: [caption(), caption()])]
        page.runs = [try run()]
        return page
    }

    private func run() throws -> SharedRun {
        var settings = RunSettings(
            name: Self.nasty, model: Self.nasty, modelFolder: "", modelFingerprint: "",
            recipe: .repic, concepts: [Self.nasty], steps: 4, seed: 1)
        settings.rank = 4
        func judged(_ step: Int, _ score: Float, _ rewards: [Float]) -> RunEvent {
            RunEvent(
                type: .evaluation, run: "r", step: step, steps: 4,
                evaluation: EvaluationReport(
                    scenes: 2, score: score, precision: 0.5, recall: 0.5, f1: 0.5, exact: 0,
                    length: 1, seconds: 1, answers: ["a", "b"],
                    details: rewards.map {
                        SceneDetail(
                            question: "", present: ["Milo"], supplied: ["Milo"], wrong: [],
                            named: [], reward: $0, reason: "")
                    }))
        }
        let events =
            [judged(0, 0.25, [0, 0.5])]
            + (1...4).map { step in
                RunEvent(
                    type: .step, run: "r", step: step, steps: 4,
                    report: StepReport(
                        reward: Float(step) / 4, rewards: [:], loss: 0, divergence: 0,
                        clippedShare: 0, length: 1, flatGroups: 0, gradientNorm: 1,
                        learningRate: 1, seconds: 1, groups: []))
            } + [judged(4, 0.75, [1, 0.5])]
        return SharedRun(settings, events: events)
    }

    @Test func hostileTextStaysText() throws {
        let html = try page().html()
        let found = try PageElements.read(html)
        let names = Set(found.map(\.name))
        #expect(
            names.isSubset(of: [
                "main", "h1", "h2", "h3", "p", "div", "section", "article", "figure", "figcaption",
                "table", "tr", "th", "td", "b", "br", "sup", "span", "mark", "img", "footer", "svg",
                "g", "rect", "text", "title", "path", "polyline", "circle",
            ]), "\(names)")
        let images = found.filter { $0.name == "img" }
        #expect(
            images.allSatisfy { $0.attributes["src"]?.hasPrefix("data:image/jpeg;base64,") == true }
        )
        #expect(found.allSatisfy { $0.attributes.keys.allSatisfy { !$0.hasPrefix("on") } })
        #expect(!html.contains("\u{1B}") && !html.contains("\u{202E}"))
        #expect(!html.contains("<script") && !html.contains("://"))
        #expect(html.contains("default-src 'none'") && html.contains("base-uri 'none'"))
        #expect(html.components(separatedBy: "</style>").count == 2)
    }

    /// The same number in the picture of the concept, in captions and at the box.
    @Test func everyConceptHasItsNumberEverywhere() throws {
        let picture = try SharedPicture(Fixtures.picture(40, 30))
        var page = SharedPage(title: "t")
        page.concepts = ["Otto", "Milo"].map {
            SharedConcept(name: $0, category: "", info: "", picture: picture)
        }
        page.captions = [
            SharedCaption(
                text: "<Milo> and otto.", names: ["Milo", "Otto"], picture: picture, title: "x",
                boxes: [.init(name: "Milo", corners: [1, 2, 30, 20])])
        ]
        let html = page.html()
        let milo = "<b class=\"name\">Milo</b><sup class=\"number\">2</sup>"
        #expect(html.components(separatedBy: milo).count == 4)
        #expect(html.contains("<b class=\"name\">otto</b><sup class=\"number\">1</sup>"))
        #expect(html.contains("<g class=\"c1\"><title>Milo</title>"))
        #expect(html.contains(">2</text>") && !html.contains("&lt;Milo&gt;"))
        page.showsConcepts = false
        #expect(!page.html().contains("Who is who"))
        #expect(page.html().contains(milo))
    }

    @Test func namesLoseTheirBracketsAndNothingElse() {
        func text(_ caption: String, _ names: [String] = ["Milo", "Otto"]) -> String {
            NamedText(caption, names: names).text
        }
        #expect(text("<Milo> and <Otto>.") == "Milo and Otto.")
        #expect(text("<Milo and Otto> sit; 3 < 5 > 2.") == "Milo and Otto sit; 3 < 5 > 2.")
        #expect(text("<Zara>'s boat") == "Zara's boat")
        #expect(text("", []) == "" && text("a <b> c", []) == "a b c")
        let pieces = NamedText("MILO's <Zara>", names: ["Milo"]).pieces
        #expect(pieces.map(\.kind) == [.concept(0), .plain, .stranger])
    }

    @Test func theScenesThatChangedComeFirst() throws {
        let run = try run()
        #expect(run.scenes(5) == [0, 1])
        #expect(run.judgements.bestStep == 4)
        #expect(run.html.source.contains("after 4"))
        let points = run.html.source.components(separatedBy: "<circle").count - 1
        #expect(points == 2)
    }

    /// Pictures are encoded anew, small, and without what the file said besides.
    @Test func picturesSayNothingElse() throws {
        let folder = Fixtures.golden.deletingLastPathComponent().appending(path: "images")
        let file = folder.appending(path: "private-1.jpg")
        #expect(try Data(contentsOf: file).range(of: Data("SECRET".utf8)) != nil)
        let picture = try SharedPicture(file, fitting: 16)
        #expect(max(picture.width, picture.height) <= 16)
        #expect(picture.originalWidth >= picture.width)
        for word in ["SECRET", "Exif", "ICC_PROFILE", "http"] {
            #expect(picture.data.range(of: Data(word.utf8)) == nil)
        }
    }
}
