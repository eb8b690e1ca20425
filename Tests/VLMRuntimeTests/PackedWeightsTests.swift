import CKernels
import Foundation
import Testing

@testable import VLMRuntime

/// Packed files: what is written is what is read, and nothing else is taken for it.
struct PackedWeightsTests {
    let folder = Golden.folder.appendingPathComponent("ckpt-new")

    private func packed(_ bits: WeightBits, in temporary: TemporaryFolder) throws -> URL {
        let file = temporary.url.appendingPathComponent("q\(bits.rawValue).safetensors")
        try PackedWeights.write(folder, bits: bits, to: file)
        return file
    }

    @Test(arguments: WeightBits.allCases)
    func aPackedModelSaysAlmostTheSame(bits: WeightBits) throws {
        let temporary = try TemporaryFolder()
        let fingerprint = try CheckpointFingerprint(folder: folder)
        let weights = try PackedWeights(file: packed(bits, in: temporary), for: fingerprint)
        let exact = try VisionLanguageModel.load(folder: folder, arithmetic: .float32)
        let model = try VisionLanguageModel.load(folder: folder, packed: weights)
        #expect(model.arithmetic == .int8)
        #expect(model.weightBits == bits.rawValue)
        #expect(
            model.language.layers.allSatisfy {
                $0.mlp.down.packed?.format == (bits == .eight ? .eight : .four)
            })
        #expect(model.language.head.packed?.format == (bits == .eight ? .eight : .six))
        let prompt = try exact.prepare(Golden.conversation())
        let (a, b) = (try PromptLogits.of(exact, prompt), try PromptLogits.of(model, prompt))
        let cosine = PromptLogits.cosine(a, b)
        #expect(cosine > (bits == .eight ? 0.995 : 0.9), "\(bits): \(cosine)")
        #expect(a != b, "the packed weights are not used")
    }

    @Test func writingTwiceGivesTheSameBytes() throws {
        let temporary = try TemporaryFolder()
        let first = try Data(contentsOf: packed(.four, in: temporary))
        let second = try Data(contentsOf: packed(.four, in: temporary))
        #expect(first == second)
        let names = try FileManager.default.contentsOfDirectory(atPath: temporary.url.path)
        #expect(names == ["q4.safetensors"], "no temporary file is left")
    }

    @Test func aFileOfAnotherCheckpointIsRefused() throws {
        let temporary = try TemporaryFolder()
        let file = try packed(.eight, in: temporary)
        let other = try CheckpointFingerprint(
            folder: Golden.folder.appendingPathComponent("ckpt-tied"))
        #expect(throws: CheckpointError.self) { try PackedWeights(file: file, for: other) }
    }

    @Test func aCutFileIsRefused() throws {
        let temporary = try TemporaryFolder()
        let file = try packed(.four, in: temporary)
        let fingerprint = try CheckpointFingerprint(folder: folder)
        let bytes = try Data(contentsOf: file)
        for count in [0, 7, 100, bytes.count / 2, bytes.count - 1] {
            try bytes.prefix(count).write(to: file)
            #expect(throws: CheckpointError.self, "\(count) bytes") {
                try PackedWeights(file: file, for: fingerprint)
            }
        }
    }

    @Test func aTensorOfTheWrongSizeIsRefused() throws {
        let temporary = try TemporaryFolder()
        let fingerprint = try CheckpointFingerprint(folder: folder)
        let file = temporary.url.appendingPathComponent("q8.safetensors")
        let header =
            "{\"__metadata__\":{\"format\":\"studio-packed-2\",\"bits\":\"8\",\"source\":"
            + "\"\(fingerprint)\"},\"lm_head.q8\":{\"dtype\":\"U8\",\"shape\":[64],"
            + "\"data_offsets\":[0,64]}}"
        var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
        bytes += Data(header.utf8) + Data(repeating: 1, count: 64)
        try bytes.write(to: file)
        let weights = try PackedWeights(file: file, for: fingerprint)
        #expect(throws: CheckpointError.self) {
            try VisionLanguageModel.load(folder: folder, packed: weights)
        }
    }

    @Test func fingerprintsFollowTheContents() throws {
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appendingPathComponent("copy", isDirectory: true)
        try FileManager.default.copyItem(at: folder, to: copy)
        let first = try CheckpointFingerprint(folder: folder)
        #expect(try CheckpointFingerprint(folder: copy) == first)
        let weights = copy.appendingPathComponent("model.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: weights)
        // Small files are read whole.
        if bytes.count < CheckpointFingerprint.samples * CheckpointFingerprint.sampleBytes {
            #expect(try CheckpointFingerprint(folder: copy) != first)
        }
        try Data("{}".utf8).write(to: copy.appendingPathComponent("config.json"))
        #expect(try CheckpointFingerprint(folder: copy) != first)
    }

    @Test func cancellingLeavesNothing() throws {
        let temporary = try TemporaryFolder()
        let flag = CancellationFlag()
        flag.cancel()
        let file = temporary.url.appendingPathComponent("q8.safetensors")
        #expect(throws: CancellationError.self) {
            try PackedWeights.write(folder, bits: .eight, to: file, cancellation: flag)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.url.path) == [])
    }
}
