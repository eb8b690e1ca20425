import Foundation
import Testing

@testable import VLMRuntime

/// The container: what is read, and that nothing a stranger writes into it does harm.
struct GGUFFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ builder: GGUFBuilder) throws -> GGUFFile {
        try GGUFFile(path: try folder.write(builder.data, to: "model.gguf"))
    }

    private func expectRefused(
        _ builder: GGUFBuilder, because reason: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do {
            _ = try open(builder)
            Issue.record("accepted", sourceLocation: sourceLocation)
        } catch {
            let text = "\(error)"
            #expect(text.contains(reason), "\(text)", sourceLocation: sourceLocation)
            #expect(error is CheckpointError, sourceLocation: sourceLocation)
        }
    }

    private static let small = GGUFBuilder(
        values: [
            ("general.architecture", .string("test")), ("count", .uint32(7)), ("part", .float(0.5)),
            ("flag", .bool(true)), ("words", .strings(["a", "", "ü"])),
            ("numbers", .integers([1, -2, 3])),
        ],
        parts: [
            .init("first", [2, 3], floats: [1, 2, 3, 4, 5, 6]),
            .init("second", [1, 32], type: 8, data: Data([0, 0x3C] + (0..<32).map { UInt8($0) })),
        ])

    @Test(arguments: [2, 3])
    func valuesAndTensorsAreRead(version: UInt32) throws {
        var builder = Self.small
        builder.version = version
        let file = try open(builder)
        #expect(try file.string("general.architecture") == "test")
        #expect(try file.integer("count") == 7)
        #expect(file.metadata["part"]?.summary == "0.5")
        #expect(file.metadata["flag"]?.summary == "true")
        #expect(file.length("words") == 3)
        var words: [String] = []
        let count = try file.forEachString("words") { _, bytes in
            words.append(String(decoding: bytes, as: UTF8.self))
        }
        #expect(words == ["a", "", "ü"] && count == 3)
        #expect(try file.numbers("numbers", atMost: 3)?.count == 3)
        #expect(throws: CheckpointError.self) { try file.numbers("numbers", atMost: 2) }
        #expect(throws: CheckpointError.self) { try file.string("count") }
        #expect(try file.integer("nothing") == nil)
        let first = try #require(file.tensors["first"])
        #expect(first.shape == [2, 3] && first.floats() == [1, 2, 3, 4, 5, 6])
        let second = try #require(file.tensors["second"])
        #expect(second.type == .q8Zero && second.floats() == (0..<32).map { Float($0) })
    }

    /// Bit for bit what gguf-py makes of the same blocks (`Tests/Fixtures/gguf/make_gguf.py`).
    @Test func everyFormatIsExpandedExactly() throws {
        let file = try GGUFFile(path: GGUFFixture.file("blocks.gguf").path)
        let names = file.tensors.keys.filter { !$0.hasSuffix(".expected") }.sorted()
        #expect(
            names == [
                "BF16", "F16", "Q4_0", "Q4_1", "Q4_K", "Q5_0", "Q5_1", "Q5_K", "Q6_K", "Q8_0",
            ])
        for name in names {
            let found = try #require(file.tensors[name])
            let expected = try #require(file.tensors[name + ".expected"])
            #expect(found.type.rawValue == name && found.shape == [3, 512])
            #expect(
                found.floats().map(\.bitPattern) == expected.floats().map(\.bitPattern), "\(name)")
        }
    }

    @Test func aWrongStartIsRefused() throws {
        var builder = Self.small
        builder.magic = "GGML"
        expectRefused(builder, because: "does not begin with GGUF")
        builder.magic = "GG"
        expectRefused(builder, because: "does not begin with GGUF")
        builder = Self.small
        builder.version = 1
        expectRefused(builder, because: "version 1")
        builder.version = UInt32(3).byteSwapped
        expectRefused(builder, because: "big-endian")
        builder = Self.small
        builder.tensorCount = .max
        expectRefused(builder, because: "the number of tensors")
        builder.tensorCount = 90_000
        expectRefused(builder, because: "the length of a tensor's name")
        builder = Self.small
        builder.valueCount = 1 << 40
        expectRefused(builder, because: "the number of metadata values")
    }

    @Test func wrongValuesAreRefused() throws {
        var builder = Self.small
        builder.values.append(("count", .uint32(1)))
        expectRefused(builder, because: "a second time")
        builder = Self.small
        builder.values.append(("lists", .nested))
        expectRefused(builder, because: "list of lists")
        for alignment: UInt32 in [0, 24, 1 << 30] {
            builder = Self.small
            builder.values.append(("general.alignment", .uint32(alignment)))
            expectRefused(builder, because: "power of two")
        }
        builder = Self.small
        builder.values.append((String(repeating: "k", count: 2000), .bool(true)))
        expectRefused(builder, because: "more than 1024")
    }

    @Test func wrongTensorsAreRefused() throws {
        func with(_ change: (inout GGUFBuilder) -> Void) -> GGUFBuilder {
            var builder = Self.small
            change(&builder)
            return builder
        }
        expectRefused(with { $0.offsets[1] = 1 << 20 }, because: "needs 34 bytes")
        expectRefused(with { $0.offsets[1] = .max }, because: "begins at byte")
        expectRefused(with { $0.offsets[1] = 33 }, because: "no multiple of 32")
        expectRefused(with { $0.offsets[1] = 0 }, because: "begins inside")
        expectRefused(with { $0.parts[1].name = "first" }, because: "a second time")
        expectRefused(with { $0.parts[1].type = 23 }, because: "IQ4_XS")
        expectRefused(with { $0.parts[1].type = 99 }, because: "type 99")
        expectRefused(with { $0.parts[1].shape = [1, 33] }, because: "whole blocks of 32")
        expectRefused(with { $0.parts[0].shape = [1, 1, 1, 2, 3] }, because: "5 dimensions")
        expectRefused(with { $0.parts[0].shape = [0, 3] }, because: "is 0")
        expectRefused(with { $0.parts[0].shape = [-1, 3] }, because: "more than")
        expectRefused(
            with { $0.parts[0].shape = [1 << 39, 1 << 39] }, because: "overflows")
        expectRefused(with { $0.parts[0].shape = [1 << 30, 3] }, because: "needs")
    }

    /// Names come from a stranger's file: they must not reach the terminal as escape codes.
    @Test func escapeCodesInNamesAreNotRepeated() throws {
        var builder = Self.small
        builder.parts[0].name = "\u{1B}[31mx"
        builder.parts[0].type = 20
        expectRefused(builder, because: "IQ4_NL")
        do {
            _ = try open(builder)
        } catch {
            #expect(!"\(error)".unicodeScalars.contains("\u{1B}"))
        }
    }

    /// Damage anywhere must end in a sentence or in a file that can be read to its end.
    @Test func damageNeverCrashes() throws {
        let original = [UInt8](Self.small.data)
        for length in 0..<original.count - 64 {
            let path = try folder.write(Data(original[..<length]), to: "cut.gguf")
            #expect(throws: CheckpointError.self) { try GGUFFile(path: path) }
        }
        var random = RandomSource(seed: 77)
        var refused = 0
        for _ in 0..<600 {
            var bytes = original
            for _ in 0...Int(random.next() % 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 256)
            }
            let path = try folder.write(Data(bytes), to: "damaged.gguf")
            guard let file = try? GGUFFile(path: path) else {
                refused += 1
                continue
            }
            for tensor in file.tensors.values { _ = tensor.floats() }
            for key in file.metadata.keys { _ = try? file.forEachString(key) { _, _ in } }
        }
        #expect(refused > 200)
    }
}
