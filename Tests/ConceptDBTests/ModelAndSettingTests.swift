import ConceptDB
import Foundation
import Testing

@Suite struct ModelAndSettingTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }

    init() throws { library = try TemporaryLibrary() }

    private func model(_ name: String, isDefault: Bool = false) -> ModelRecord {
        ModelRecord(
            name: name, path: "/models/\(name)", family: "qwen2.5-vl",
            facts: .object(["parameters": .integer(3_754_622_976)]), isDefault: isDefault)
    }

    @Test func atMostOneModelIsTheDefault() throws {
        try store.addModel(model("mini"))
        #expect(try store.defaultModel() == nil)
        #expect(try store.useModel("MINI") == nil)
        try store.addModel(model("large", isDefault: true))
        #expect(
            try store.models().map { "\($0.name) \($0.isDefault)" } == ["large true", "mini false"])
        #expect(try store.useModel("mini")?.name == "large")
        #expect(try store.useModel(nil)?.name == "mini")
        #expect(try store.defaultModel() == nil)
    }

    @Test func modelNamesAreUniqueAndSuggested() throws {
        try store.addModel(model("mini"))
        #expect(throws: ConceptStoreError.duplicateModel(name: "Mini", existing: "mini")) {
            try store.addModel(model("Mini"))
        }
        #expect(throws: ConceptStoreError.noSuchModel(name: "mimi", nearest: ["mini"])) {
            try store.useModel("mimi")
        }
    }

    @Test func removingAModelCanBeUndone() throws {
        let added = try store.addModel(model("mini", isDefault: true))
        let removed = try store.removeModel("mini")
        #expect(removed == added)
        #expect(try store.models().isEmpty)
        #expect(try store.addModel(removed) == added)
    }

    @Test func settingsRememberAndReturnTheValueBefore() throws {
        #expect(try store.setSetting("theme", to: "dark") == nil)
        #expect(try store.setSetting("theme", to: "light") == "dark")
        #expect(try library.reopened().setting("theme") == "light")
        #expect(try store.settings() == ["theme": "light"])
        #expect(try store.setSetting("theme", to: nil) == "light")
        #expect(try store.setting("theme") == nil)
    }
}
