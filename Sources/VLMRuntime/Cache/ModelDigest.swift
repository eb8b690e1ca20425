import CKernels
import COpenBLAS
import Foundation

extension ContentDigest {
    /// What decides the rows a model makes of a picture: its weights and how it computes.
    ///
    /// Results differ in their last bits between instruction sets, so these belong to it; and the
    /// times of the weight files, for changes that the fingerprint's samples may miss.
    ///
    /// - Throws: when a file cannot be read; such a model has no digest and no cache on disk.
    static func model(_ model: VisionLanguageModel) throws -> ContentDigest {
        let fingerprint = try CheckpointFingerprint(folder: model.folder)
        let files = try CheckpointFiles(model.folder)
        return try Self.of { digest in
            digest.add("model")
            digest.add(fingerprint.description)
            digest.add(model.arithmetic.rawValue)
            digest.add(model.weightBits)
            // Blocks as they come or packed anew: both may have as many bits.
            digest.add(model.language.head.tiles == nil ? "" : "tiles")
            digest.add(String(cString: ck_level_name(ck_current_level())))
            digest.add(String(cString: cob_core_type()))
            // How OpenBLAS cuts a product depends on the number of threads.
            digest.add(ck_thread_count())
            for file in files.weights {
                let path = file.resolvingSymlinksInPath().path
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                let time = (attributes[.modificationDate] as? Date) ?? .distantPast
                digest.add(Int(bitPattern: UInt(time.timeIntervalSince1970.bitPattern)))
            }
        }
    }
}
