import Foundation
import ImageCodecs
import Testing

@testable import VLMRuntime

/// Rows of reference pictures on disk: right, or as good as absent.
struct PictureRowTests {
    private let key = ContentDigest.of { $0.add("a picture") }
    private let rows = Matrix(rows: 3, columns: 5, values: (0..<15).map { Float($0) / 7 })

    @Test func aFileGivesBackItsBits() {
        let data = PictureRowFile.encoded(rows, key: key)
        #expect(data.count == PictureRowFile.size(rows: 3, columns: 5))
        let found = PictureRowFile.decoded(data, key: key, rows: 3, columns: 5)
        #expect(found?.values == rows.values)
    }

    @Test func everyDamagedByteIsNoticed() {
        let data = PictureRowFile.encoded(rows, key: key)
        for index in data.indices {
            var damaged = data
            damaged[index] ^= 0x20
            #expect(
                PictureRowFile.decoded(damaged, key: key, rows: 3, columns: 5) == nil,
                "byte \(index)")
        }
        for length in [0, 7, 87, 88, data.count - 1] {
            #expect(
                PictureRowFile.decoded(data.prefix(length), key: key, rows: 3, columns: 5) == nil)
        }
        #expect(PictureRowFile.decoded(data + [0], key: key, rows: 3, columns: 5) == nil)
    }

    @Test func anotherKeyShapeOrValueThatIsNoNumberDoesNotMatch() {
        let data = PictureRowFile.encoded(rows, key: key)
        let other = ContentDigest.of { $0.add("another") }
        #expect(PictureRowFile.decoded(data, key: other, rows: 3, columns: 5) == nil)
        #expect(PictureRowFile.decoded(data, key: key, rows: 5, columns: 3) == nil)
        let bad = PictureRowFile.encoded(
            Matrix(rows: 1, columns: 2, values: [1, .nan]), key: key)
        #expect(PictureRowFile.decoded(bad, key: key, rows: 1, columns: 2) == nil)
    }

    @Test func theFolderStaysWithinItsBudgetAndMayVanish() throws {
        let temporary = try TemporaryFolder()
        let size = PictureRowFile.size(rows: 3, columns: 5)
        let url = temporary.url.appendingPathComponent("rows")
        let folder = PictureFolder(url: url, budget: 3 * size)
        let keys = (0..<5).map { index in ContentDigest.of { $0.add(index) } }
        for key in keys { folder.keep(rows, key: key) }
        let files = try FileManager.default.contentsOfDirectory(atPath: url.path)
        #expect(files.count == 3)
        #expect(folder.rows(keys[4], rows: 3, columns: 5)?.values == rows.values)
        try FileManager.default.removeItem(at: url)
        #expect(folder.rows(keys[4], rows: 3, columns: 5) == nil)
        folder.keep(rows, key: keys[0])
        #expect(folder.rows(keys[0], rows: 3, columns: 5) != nil)
    }

    private func chat() throws -> [ChatMessage] {
        var messages = try Golden.conversation()
        messages[0].parts = messages[0].parts.map { part in
            guard case .image(var input) = part else { return part }
            input.isReference = true
            return .image(input)
        }
        return messages
    }

    private func load(_ folder: URL) throws -> VisionLanguageModel {
        try VisionLanguageModel.load(folder: folder)
    }

    /// Each `Generator` below starts with nothing but the folder, as another process would.
    @Test func rowsOutliveTheProcessAndDamageIsRepaired() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appendingPathComponent("rows")
        let model = try load(Golden.folder.appendingPathComponent("ckpt-new"))
        let run = {
            try Generator(model, caches: GenerationCaches(for: model, folder: folder))
                .generate(chat(), options: SamplingOptions(maxNewTokens: 12))
        }
        let alone = try model.generate(chat(), options: SamplingOptions(maxNewTokens: 12))
        let first = try run()
        #expect(first.cache == CacheUse(imagesEncoded: 2))
        let second = try run()
        #expect(second.cache == CacheUse(imagesReused: 2))
        #expect(second.tokenIDs == alone.tokenIDs)
        #expect(second.logProbabilities == alone.logProbabilities)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let file = folder.appendingPathComponent(name)
            var data = try Data(contentsOf: file)
            data[data.count / 2] ^= 1
            try data.write(to: file)
        }
        let third = try run()
        #expect(third.cache == CacheUse(imagesEncoded: 2), "damaged files count for nothing")
        #expect(third.tokenIDs == alone.tokenIDs)
        #expect(try run().cache == CacheUse(imagesReused: 2), "and are written again")
    }

    @Test func anotherModelOrArithmeticNeverMatches() throws {
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appendingPathComponent("model")
        let original = Golden.folder.appendingPathComponent("ckpt-new")
        try FileManager.default.copyItem(at: original, to: copy)
        let digest = { (folder: URL, arithmetic: Arithmetic) in
            try ContentDigest.model(
                try VisionLanguageModel.load(folder: folder, arithmetic: arithmetic))
        }
        let first = try digest(copy, .float32)
        #expect(try digest(copy, .float32) == first)
        #expect(try digest(copy, .bfloat16) != first)
        #expect(
            try digest(Golden.folder.appendingPathComponent("ckpt-old"), .float32) != first)
        let weights = copy.appendingPathComponent("model.safetensors")
        var data = try Data(contentsOf: weights)
        data[data.count - 2] ^= 1
        try data.write(to: weights)
        #expect(try digest(copy, .float32) != first)
    }
}
