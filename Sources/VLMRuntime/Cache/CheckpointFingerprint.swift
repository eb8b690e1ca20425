import CKernels
import COpenBLAS
import Foundation

extension ContentDigest {
    /// What decides the rows a model makes of a picture: its weights and how it computes.
    ///
    /// Gigabytes of weights are not read whole; their names, sizes, times, headers and evenly
    /// spread samples are. Results differ in their last bits between instruction sets, so these
    /// belong to it as well.
    ///
    /// - Throws: when a file cannot be read; such a model has no fingerprint and no cache on disk.
    static func model(_ model: VisionLanguageModel) throws -> ContentDigest {
        let files = try FileManager.default.contentsOfDirectory(atPath: model.folder.path).sorted()
        return try Self.of { digest in
            digest.add("model")
            digest.add(model.arithmetic.rawValue)
            digest.add(String(cString: ck_level_name(ck_current_level())))
            digest.add(String(cString: cob_core_type()))
            // How OpenBLAS cuts a product depends on the number of threads.
            digest.add(model.arithmetic == .float32 ? ck_thread_count() : 0)
            for name in files where name.hasSuffix(".json") && name.contains("config") {
                digest.add(name)
                digest.add(try Data(contentsOf: model.folder.appendingPathComponent(name)))
            }
            for name in files where name.hasSuffix(".safetensors") {
                digest.add(name)
                try addWeights(model.folder.appendingPathComponent(name), to: &digest)
            }
        }
    }

    private static func addWeights(_ url: URL, to digest: inout Builder) throws {
        let (samples, sampleBytes) = (64, 4096)
        let file = try FileHandle(forReadingFrom: url)
        defer { try? file.close() }
        let attributes = try FileManager.default.attributesOfItem(
            atPath: url.resolvingSymlinksInPath().path)
        let size = (attributes[.size] as? Int) ?? 0
        let time = (attributes[.modificationDate] as? Date) ?? .distantPast
        digest.add(size)
        digest.add(Int(bitPattern: UInt(time.timeIntervalSince1970.bitPattern)))
        for index in 0..<samples {
            let offset = max(0, size - sampleBytes) / (samples - 1) * index
            try file.seek(toOffset: UInt64(offset))
            digest.add(try file.read(upToCount: sampleBytes) ?? Data())
        }
    }
}
