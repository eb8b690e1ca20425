import Foundation
import Testing

@testable import VLMRuntime

@Suite struct LookMetricTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/look")

    static func metric() throws -> LookMetric {
        let path = folder.appending(path: "metric.safetensors").path
        return try LookMetric(Safetensors(path: path), path: path)
    }

    static func picture() throws -> (rows: PictureRows, expected: [String: Tensor]) {
        let file = try Safetensors(path: folder.appending(path: "expected.safetensors").path)
        let rows = try #require(file.tensors["rows"])
        return (
            PictureRows(
                rows: Matrix(rows: 6, columns: 6, values: rows.floats()), height: 3, width: 2,
                geometry: ImageGeometry(
                    originalWidth: 56, originalHeight: 84, resizedWidth: 56, resizedHeight: 84)),
            file.tensors
        )
    }

    @Test func rowsAreThoseOfTorch() throws {
        let metric = try Self.metric()
        let (picture, expected) = try Self.picture()
        for (found, name) in [
            (metric.query(picture), "query"), (metric.reference(picture), "reference"),
        ] {
            let wanted = try #require(expected[name])
            #expect([found.rows, found.columns] == wanted.shape)
            for (a, b) in zip(found.values, wanted.floats()) { #expect(abs(a - b) < 1e-5) }
        }
        #expect(metric.parts == 2 && metric.width == 4 && metric.features == 6)
    }

    @Test func aFileThatLacksSomethingIsRefusedByName() throws {
        let whole = try Safetensors(path: Self.folder.appending(path: "metric.safetensors").path)
        let temporary = try TemporaryFolder()
        let url = temporary.url.appending(path: "look.safetensors")
        for name in whole.tensors.keys.sorted() {
            let rest = whole.tensors.filter { $0.key != name }
            try SafetensorsWriter.write(Self.parts(rest), metadata: [:], to: url)
            let file = try Safetensors(path: url.path)
            let error = #expect(throws: CheckpointError.self) {
                _ = try LookMetric(file, path: url.path)
            }
            #expect("\(String(describing: error))".contains(name), "\(name)")
        }
        var more = whole.tensors
        more["more"] = whole.tensors["attention.bias"]
        try SafetensorsWriter.write(Self.parts(more), metadata: [:], to: url)
        let file = try Safetensors(path: url.path)
        #expect(throws: CheckpointError.self) { _ = try LookMetric(file, path: url.path) }
    }

    private static func parts(_ tensors: [String: Tensor]) -> [SafetensorsWriter.Part] {
        tensors.sorted { $0.key < $1.key }.map { name, tensor in
            let values = tensor.floats()
            return .init(
                name: name, shape: tensor.shape,
                values: Matrix(rows: 1, columns: values.count, values: values), offset: 0)
        }
    }

    @Test func withoutAFileOrForOtherWeightsThereIsNone() throws {
        let temporary = try TemporaryFolder()
        #expect(try LookMetric(checkpoint: temporary.url) == nil)
        try FileManager.default.createDirectory(
            at: temporary.url.appending(path: "retrieval"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: Self.folder.appending(path: "metric.safetensors"),
            to: temporary.url.appending(path: LookMetric.file))
        try Data("{}".utf8).write(to: temporary.url.appending(path: "config.json"))
        #expect(try LookMetric(checkpoint: temporary.url) == nil)
    }
}

extension LookMetricTests {
    @Test func looksComeBackAndDamageMakesThemAbsent() throws {
        let temporary = try TemporaryFolder()
        let maker = ContentDigest.of { $0.add("maker") }
        let store = LookStore(folder: temporary.url, maker: maker, width: 4)
        #expect(store.read().isEmpty)
        let look = ReferenceLook(try Self.picture().rows, by: try Self.metric())
        let keys = ["a", "b"].map { String(repeating: $0, count: 64) }
        store.write([keys[0]: look, keys[1]: look, "no digest": look])
        let back = store.read()
        #expect(Set(back.keys) == Set(keys))
        #expect(back[keys[0]]?.parts.values == look.parts.values)
        #expect(back[keys[1]]?.cells.values == look.cells.values)

        let bytes = try Data(contentsOf: store.url)
        for index in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[index] ^= 0x10
            #expect(store.decoded(damaged) == nil, "byte \(index)")
            #expect(store.decoded(bytes.prefix(index)) == nil)
        }
        #expect(store.decoded(bytes + [0]) == nil)
        let other = LookStore(
            folder: temporary.url, maker: ContentDigest.of { $0.add("other") }, width: 4)
        #expect(other.decoded(bytes) == nil)
        #expect(LookStore(folder: temporary.url, maker: maker, width: 5).decoded(bytes) == nil)
    }
}
