import Foundation
import GRDB
import Testing

@testable import ConceptDB

/// What only shows in numbers: paging without gaps, search that finds the one among thousands.
@Suite struct LargeLibraryTests {
    @Test func tenThousandConceptsAreListedAndFound() throws {
        let library = try TemporaryLibrary()
        let store = library.store
        // One transaction: ten thousand commits would wait for the disk ten thousand times.
        try store.pool.write { db in
            for number in 0..<10_000 {
                let fields = try CheckedFields(
                    NewConcept(
                        name: "concept \(number)", category: "kind \(number % 10)",
                        info: "number \(number) of many", tags: ["t\(number % 100)"]))
                _ = try ConceptStore.insert(db, fields)
            }
        }
        #expect(try store.counts().concepts == 10_000)
        let all = try store.concepts()
        #expect(all.total == 10_000)
        // The order is by value of the number, so every concept is at its own place.
        #expect(all.concepts.map(\.name) == (0..<10_000).map { "concept \($0)" })
        var paged: [String] = []
        for offset in stride(from: 0, to: 10_000, by: 2500) {
            paged += try store.concepts(ConceptQuery(offset: offset, limit: 2500)).concepts
                .map(\.name)
        }
        #expect(paged == all.concepts.map(\.name))
        #expect(
            try store.concepts(ConceptQuery(text: "concept 7777")).concepts.map(\.name)
                == ["concept 7777"])
        #expect(try store.concepts(ConceptQuery(text: "con", limit: 5)).total == 10_000)
        #expect(try store.concepts(ConceptQuery(tags: ["t42"], category: "Kind 2")).total == 100)
        #expect(throws: ConceptStoreError.self) { try store.concept(named: "concept 10000x") }
    }
}
