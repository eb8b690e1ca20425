import ConceptDB
import Foundation
import Testing

@testable import StudioTUI

@Suite struct EditorDraftTests {
    static let drafts = [
        EditorDraft(name: "mochi"),
        EditorDraft(
            name: "Blue Mug", category: "mug", tags: ["kitchen", "two words"], info: "Chipped."),
        EditorDraft(
            name: "a: b #c \"d\" 'e' \\", category: "[x]", tags: ["- y", "k: v", "#"],
            info: "--- not a fence"),
        EditorDraft(
            name: "犬 👩‍🚀 é", category: "null", tags: ["yes", "12", "~"], info: "# no comment"),
        EditorDraft(name: "---", category: "---", tags: ["---"], info: "a --- b"),
        EditorDraft(
            name: String(repeating: "x", count: 200),
            info: String(repeating: "word ", count: 300) + "end"),
    ]

    @Test(arguments: drafts)
    func whatIsWrittenIsReadBack(draft: EditorDraft) throws {
        #expect(try EditorDraft.parse(draft.text()) == draft)
        let annotated = draft.text(problems: [
            FileProblem(line: 3, "something\nis wrong \u{1B}[31m")
        ])
        #expect(try EditorDraft.parse(annotated) == draft)
        #expect(!annotated.contains("\u{1B}"))
    }

    @Test func peopleWriteLessStrictly() throws {
        let text = """
            # my notes

            ---
            name:   Blue Mug   # the chipped one
            tags: kitchen, blue ,
            category: mug
            ---

            A blue mug
              with a chip.

            """
        #expect(
            try EditorDraft.parse(text)
                == EditorDraft(
                    name: "Blue Mug", category: "mug", tags: ["kitchen", "blue"],
                    info: "A blue mug with a chip."))
        let block = "---\r\nname: x\r\ntags:\r\n  - a\r\n  - \"b c\"\r\n---\r\ninfo\r\n"
        #expect(
            try EditorDraft.parse(block)
                == EditorDraft(name: "x", tags: ["a", "b c"], info: "info"))
    }

    @Test(arguments: ["", "\n\n", "# only comments\n#\n", "---\n---\n", "  \t\n"])
    func emptyMeansNothingChanges(text: String) throws {
        #expect(try EditorDraft.parse(text) == nil)
    }

    @Test(arguments: [
        ("name: x\n---\ninfo", ["line 1: the line '---' above the name is gone"]),
        ("---\nname: x\ninfo", ["line 3: the line '---' above the info is gone"]),
        ("---\ncategory: mug\n---\n", ["line 3: the concept needs a name"]),
        ("---\nname: \"\"\n---\n", ["line 2: the concept needs a name"]),
        ("---\nname: [a]\n---\n", ["line 2: 'name' takes one text, not a list"]),
        (
            "---\nname: x\ncolour: red\n---\n",
            ["line 3: there is no 'colour' here; name, category and tags can be set"]
        ),
        ("---\nname: x\nwords\n---\n", ["line 3: 'words' is not of the form 'key: value'"]),
        ("---\nname: x\nname: y\n---\n", ["line 3: 'name' is set in line 2 already, which counts"]),
        (
            "---\nname: x\ntags: [a, b\n---\n",
            ["line 3: 'tags' has a list that does not end with ']'"]
        ),
        (
            "---\nname: x\n---\n" + String(repeating: "a", count: 2001),
            ["line 4: the info has 2001 characters; at most 2000 are kept"]
        ),
    ])
    func mistakesAreNamedWithTheirLine(text: String, problems: [String]) {
        let error = #expect(throws: EditorDraft.Mistake.self) { try EditorDraft.parse(text) }
        #expect(error?.problems.map(\.description) == problems)
    }

    @Test func hostileTexts() {
        #expect(throws: EditorDraft.Mistake.self) {
            try EditorDraft.parse(Array(repeating: UInt8(ascii: "a"), count: 2 << 20))
        }
        #expect(throws: EditorDraft.Mistake.self) {
            try EditorDraft.parse([0x2D, 0x2D, 0x2D, 0x0A, 0xFF, 0xFE])
        }
        for text in [
            "---\nname: \u{1B}[31mx\n---\n", "---\nname: \u{0}\n---\n",
            "---\nname: x\n" + String(repeating: "[", count: 100_000) + "\n---\n",
            "---\nname: &a [*a, *a]\n---\n",
        ] {
            #expect(throws: EditorDraft.Mistake.self) { try EditorDraft.parse(text) }
        }
    }

    @Test func onlyDifferencesAreEdited() {
        let now = Timestamp(Date(timeIntervalSince1970: 0))
        let concept = Concept(
            id: 1, name: "mochi", category: "cat", info: "black", tags: ["a", "b"], images: [],
            cover: nil, createdAt: now, updatedAt: now, trashedAt: nil)
        var draft = EditorDraft(concept)
        #expect(draft.edit(of: concept) == nil)
        draft.tags = ["b", "a"]
        #expect(draft.edit(of: concept) == nil)
        draft.info = ""
        draft.tags = []
        #expect(draft.edit(of: concept) == ConceptEdit(info: "", tags: []))
    }
}
