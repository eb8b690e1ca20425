import Foundation
import Testing

@testable import VLMRuntime

/// The rules a safetensors header must obey, one hostile file each.
struct SafetensorsTests {
    private let folder = try? TemporaryFolder()

    private func open(_ header: String, data: Int = 0, length: UInt64? = nil) throws -> Safetensors
    {
        try open(Data(header.utf8), data: data, length: length)
    }

    private func open(_ header: Data, data: Int = 0, length: UInt64? = nil) throws -> Safetensors {
        var file = Data()
        withUnsafeBytes(of: (length ?? UInt64(header.count)).littleEndian) {
            file.append(contentsOf: $0)
        }
        file.append(header)
        file.append(Data(repeating: 0, count: data))
        return try Safetensors(path: try #require(folder).write(file, to: "model.safetensors"))
    }

    private func expectRefused(
        _ header: String, data: Int = 0, length: UInt64? = nil, because words: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do {
            _ = try open(header, data: data, length: length)
            Issue.record("accepted \(header)", sourceLocation: sourceLocation)
        } catch {
            let sentence = "\(error)"
            #expect(sentence.contains(words), "\(sentence)", sourceLocation: sourceLocation)
            #expect(sentence.contains("model.safetensors"), sourceLocation: sourceLocation)
            #expect(!sentence.contains("\n"), sourceLocation: sourceLocation)
        }
    }

    private static func one(
        _ shape: String = "[2]", _ offsets: String = "[0,8]", dtype: String = "F32"
    ) -> String {
        #"{"a":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
    }

    @Test func aPlainFileIsRead() throws {
        let file = try open(Self.one() + "  ", data: 8)
        #expect(file.tensors["a"]?.floats() == [0, 0])
    }

    @Test func emptyScalarZeroSizedAndReorderedTensorsAreFine() throws {
        #expect(try open("{}").tensors.isEmpty)
        #expect(try open(Self.one("[]", "[0,4]"), data: 4).tensors["a"]?.count == 1)
        #expect(try open(Self.one("[0,3]", "[0,0]")).tensors["a"]?.count == 0)
        let swapped =
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},"#
            + #""b":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"extra":{}},"__metadata__":null}"#
        #expect(try open(swapped, data: 5).tensors.count == 2)
    }

    @Test func shortFilesAndLyingLengthsAreRefused() throws {
        let short = try #require(folder).write(Data([1, 2, 3]), to: "model.safetensors")
        #expect(throws: CheckpointError.self) { try Safetensors(path: short) }
        let empty = try #require(folder).write(Data(), to: "model.safetensors")
        #expect(throws: CheckpointError.self) { try Safetensors(path: empty) }
        expectRefused("{}", length: 100, because: "claims 100 bytes")
        expectRefused("{}", length: 100_000_001, because: "more than 100000000")
        expectRefused("{}", length: .max, because: "more than 100000000")
        expectRefused("", because: "an early end")
    }

    @Test func brokenJSONIsRefused() throws {
        expectRefused("[]", because: "not a JSON object")
        expectRefused("{\"a\":", because: "early end")
        expectRefused("{}\0", because: "after the JSON value")
        expectRefused(Self.one() + "x", data: 8, because: "after the JSON value")
        expectRefused(
            String(repeating: "[", count: 100_000), because: "too deep nesting")
        #expect(throws: CheckpointError.self) { try open(Data([0x7B, 0x22, 0xFF, 0x22])) }
    }

    @Test func wrongFieldsAreRefused() throws {
        expectRefused(Self.one(dtype: "F99"), data: 8, because: "dtype F99")
        expectRefused(Self.one("[-2]"), data: 8, because: "whole number")
        expectRefused(Self.one("[2.5]"), data: 8, because: "whole number")
        expectRefused(Self.one("2"), data: 8, because: "not a list")
        expectRefused(Self.one("[2]", "[0]"), data: 8, because: "a begin and an end")
        expectRefused(Self.one("[2]", "[8,0]"), data: 8, because: "a begin and an end")
        expectRefused(Self.one("[2]", "[-8,0]"), data: 8, because: "whole number")
        expectRefused(#"{"a":{"dtype":"F32","shape":[2]}}"#, data: 8, because: "not a list")
        expectRefused(#"{"a":3}"#, because: "not described by an object")
        expectRefused(#"{"__metadata__":{"x":3}}"#, because: "not a string")
        expectRefused(Self.one("[1,1,1,1,1,1,1,1,2]"), data: 8, because: "dimensions")
    }

    @Test func sizesThatDoNotAddUpAreRefused() throws {
        expectRefused(Self.one("[3]"), data: 8, because: "need 12")
        expectRefused(
            Self.one("[4611686018427387904,4]", "[0,0]"), because: "overflows")
        expectRefused(Self.one("[2]", "[4,12]"), data: 12, because: "expected 0")
        expectRefused(Self.one(), data: 9, because: "it has 9")
        expectRefused(Self.one(), data: 7, because: "it has 7")
    }

    @Test func holesOverlapsAndTwinsAreRefused() throws {
        let pair = { (first: String, second: String) in
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":\#(first)},"#
                + #""b":{"dtype":"U8","shape":[4],"data_offsets":\#(second)}}"#
        }
        expectRefused(pair("[0,4]", "[5,9]"), data: 9, because: "expected 4")
        expectRefused(pair("[0,4]", "[2,6]"), data: 6, because: "expected 4")
        expectRefused(pair("[0,4]", "[0,4]"), data: 4, because: "expected 4")
        let twin = Self.one().dropLast() + "," + Self.one().dropFirst()
        expectRefused(String(twin), data: 8, because: "listed twice")
    }

    /// Names come from a stranger's file: they must not reach the terminal as escape codes.
    @Test func escapeCodesInNamesAreNotRepeated() throws {
        let header = #"{"\u001b[31mx":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#
        do {
            _ = try open(header, data: 8)
            Issue.record("accepted a wrong size")
        } catch {
            #expect(!"\(error)".unicodeScalars.contains("\u{1B}"))
        }
    }

    @Test func unalignedTensorsAreReadRight() throws {
        var header = Data(
            (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
                + #""b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}"#).utf8)
        var file = Data()
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
        header.append(7)
        for value: Float in [1.5, -2] {
            withUnsafeBytes(of: value) { header.append(contentsOf: $0) }
        }
        file.append(header)
        let opened = try Safetensors(
            path: try #require(folder).write(file, to: "model.safetensors"))
        #expect(opened.tensors["b"]?.floats() == [1.5, -2])
        #expect(opened.tensors["a"]?.integers() == [7])
    }

    /// Damage anywhere must end in a sentence, never in a crash.
    @Test func randomDamageNeverCrashes() throws {
        let path = Golden.folder.appendingPathComponent("adapter/adapter_model.safetensors").path
        let original = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(6000)
        var random = RandomSource(seed: 99)
        var refused = 0
        for _ in 0..<500 {
            var bytes = [UInt8](original)
            for _ in 0...Int(random.next() % 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 256)
            }
            let file = try #require(folder).write(Data(bytes), to: "model.safetensors")
            if (try? Safetensors(path: file)) == nil { refused += 1 }
        }
        #expect(refused == 500, "a cut file can never be whole")
    }
}
