import ConceptDB
import Foundation
import Testing

/// The history as a list of numbers of which a few are read.
@Suite struct CaptionListTests {
    @Test func numbersRecordsAndHeadingsAgree() throws {
        let library = try TemporaryLibrary()
        let store = library.store
        let picture = try library.picture(3)
        func add(_ text: String, _ names: [String]) throws -> Int64 {
            try store.addCaption(
                NewCaption(
                    image: .file(picture),
                    concepts: names.map { CaptionConcept(id: nil, name: $0) },
                    question: "What?", caption: text, model: "mini", modelPath: "/nowhere",
                    finishReason: "stop")
            ).id
        }
        let first = try add("A red boat", ["Luna", "Marlo"])
        let second = try add("A green field", [])
        let third = try add("A red house", ["Luna"])
        #expect(try store.captionIDs() == [third, second, first])
        #expect(try store.captionIDs(text: "RED") == [third, first])
        #expect(try store.captionIDs(text: "red marlo") == [first])
        #expect(try store.captions(ids: [first, 99, third]).map(\.id) == [first, third])
        #expect(try store.captions(ids: [second, second]).count == 2)
        let headings = try store.captionHeadings()
        #expect(headings.map(\.id) == [third, second, first])
        #expect(headings.map(\.concepts) == ["Luna", "", "Luna, Marlo"])
        #expect(headings.allSatisfy { $0.originalPath == picture.path })
        try store.removeCaptions([third])
        #expect(try store.captionIDs() == [second, first])
        #expect(try store.captions(ids: [third]).isEmpty)
        #expect(try store.captionHeadings().count == 2)
    }
}
