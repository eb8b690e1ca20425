import Foundation
import Testing
import VLMRuntime

@testable import PersonalCaption

struct ModelProfileTests {
    private func parse(_ json: String) throws -> ModelProfile {
        try ModelProfile.parse(Data(json.utf8), file: "p.json", fallback: .qwen25VL)
    }

    @Test(arguments: [
        ("mini", "mini"), ("RePIC-7B", "repic"), ("CapRL-3B", "caprl"), ("my_mini", "mini"),
        ("Qwen2.5-VL-3B-Instruct", "qwen2.5-vl"), ("minimal", "qwen2.5-vl"), ("", "qwen2.5-vl"),
        ("Qwen3-VL-4B-Instruct", "qwen3-vl"), ("qwen3vl", "qwen3-vl"),
        ("CapRL-Qwen3VL-4B", "caprl"),
    ])
    func aModelsNameChoosesItsHabits(model: String, profile: String) {
        #expect(ModelProfile.builtIn(forModelNamed: model).name == profile)
    }

    @Test func referencesAreNeverLargerThanTheQuery() {
        for profile in ModelProfile.builtIn {
            #expect(profile.referenceBudget.upperBound <= profile.queryBudget.upperBound)
        }
    }

    @Test func aFileOverridesTheProfileItNames() throws {
        let profile = try parse(
            #"{"name": "mini", "queryPixels": 25088, "system": null, "question": "What?", "other": 1}"#
        )
        var expected = ModelProfile.mini
        expected.queryPixels = 25_088
        expected.question = "What?"
        #expect(profile == expected)
    }

    @Test func aFileWithANewNameCompletesTheFallback() throws {
        let profile = try parse(
            #"{"name": "tuned", "system": null, "repetitionPenalty": 1.2, "maxNewTokens": 64,"#
                + #" "newlineAfterInfo": true, "referencePixels": 12544}"#)
        #expect(profile.name == "tuned")
        #expect(profile.system == nil)
        #expect(profile.repetitionPenalty == 1.2)
        #expect(profile.maxNewTokens == 64)
        #expect(profile.newlineAfterInfo)
        #expect(profile.referenceBudget == 3_136...12_544)
        #expect(profile.queryPixels == ModelProfile.qwen25VL.queryPixels)
    }

    @Test(arguments: [
        (#"{"queryPixels": 0}"#, "queryPixels"), (#"{"queryPixels": 1e9}"#, "queryPixels"),
        (#"{"queryPixels": 99999999999999999999}"#, "queryPixels"),
        (#"{"referencePixels": "many"}"#, "referencePixels"),
        (#"{"referencePixels": -5}"#, "referencePixels"),
        (#"{"maxNewTokens": 40000}"#, "maxNewTokens"), (#"{"maxNewTokens": 1.5}"#, "maxNewTokens"),
        (#"{"repetitionPenalty": 0}"#, "repetitionPenalty"),
        (#"{"repetitionPenalty": null}"#, "repetitionPenalty"),
        (#"{"system": 3}"#, "system"), (#"{"system": ""}"#, "system"),
        (#"{"question": " "}"#, "question"), (#"{"question": []}"#, "question"),
        (#"{"plainQuestion": "Is {name} here?"}"#, "plainQuestion"),
        (#"{"name": {}}"#, "name"), (#"{"newlineAfterInfo": 1}"#, "newlineAfterInfo"),
    ])
    func aFieldOutOfBoundsIsNamed(json: String, field: String) {
        let error = #expect(throws: ModelProfileError.self) { try parse(json) }
        guard case .field("p.json", field, _, _) = error else {
            Issue.record("unexpected error: \(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["", "[]", "{", "\"mini\"", "{\"name\": \"mini\"} more"])
    func whatIsNoObjectIsRefused(json: String) {
        let error = #expect(throws: ModelProfileError.self) { try parse(json) }
        guard case .notAnObject = error else {
            Issue.record("unexpected error: \(String(describing: error))")
            return
        }
    }

    @Test func aFolderWithoutAFileHasTheBuiltInHabits() throws {
        try Fixtures.withFolder { folder in
            #expect(try ModelProfile.resolve(directory: folder, modelName: "mini") == .mini)
            try Data(#"{"name": "repic"}"#.utf8).write(
                to: folder.appending(path: "studio-profile.json"))
            #expect(try ModelProfile.resolve(directory: folder, modelName: "mini") == .repic)
        }
    }

    /// Whatever a folder is called: `config.json` says how the network writes boxes.
    @Test(arguments: [
        ("qwen3vl/ckpt-qwen3vl", "caprl", "caprl", BoxUnits.thousandths),
        ("qwen3vl/ckpt-qwen3vl", "holiday", "qwen3-vl", .thousandths),
        ("qwen2vl/ckpt-qwen2vl", "holiday", "qwen2.5-vl", .thousandths),
        ("golden/ckpt-new", "holiday", "qwen2.5-vl", .pixels),
    ])
    func theFamilyDecidesTheUnitsOfBoxes(
        folder: String, model: String, profile: String, units: BoxUnits
    ) throws {
        let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures")
        let found = try ModelProfile.resolve(
            directory: fixtures.appending(path: folder), modelName: model)
        #expect(found.name == profile && found.boxUnits == units)
        // A file of habits changes the words, not the network.
        try Fixtures.withFolder { copy in
            try FileManager.default.copyItem(
                at: fixtures.appending(path: folder).appending(path: "config.json"),
                to: copy.appending(path: "config.json"))
            try Data(#"{"name": "mini", "queryPixels": 50000}"#.utf8).write(
                to: copy.appending(path: "studio-profile.json"))
            let stated = try ModelProfile.resolve(directory: copy, modelName: model)
            #expect(stated.name == "mini" && stated.queryPixels == 50_000)
            #expect(stated.boxUnits == units)
        }
    }

    @Test func namesOfQwen3VLSayItToo() {
        #expect(ModelProfile.builtIn(forModelNamed: "CapRL-Qwen3VL-4B").boxUnits == .thousandths)
        #expect(ModelProfile.builtIn(forModelNamed: "CapRL-3B").boxUnits == .pixels)
        #expect(ModelProfile.qwen3VL.queryBudget == 65_536...1_048_576)
    }

    @Test func aFolderInPlaceOfTheFileIsRefused() throws {
        try Fixtures.withFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.appending(path: "studio-profile.json"),
                withIntermediateDirectories: true)
            #expect(throws: ModelProfileError.self) { try ModelProfile.resolve(directory: folder) }
        }
    }
}
