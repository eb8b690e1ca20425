import Crypto
import Foundation
import ImageCodecs

/// The SHA-256 of something a cache is asked for.
struct ContentDigest: Sendable, Hashable {
    let bytes: [UInt8]

    /// As lower-case hexadecimal digits.
    var hexadecimal: String { bytes.map { String(format: "%02x", $0) }.joined() }

    /// Collects the parts of a digest; each part is preceded by its length, so that no two lists
    /// of parts read the same.
    struct Builder {
        private var hash = SHA256()

        mutating func add(_ bytes: some ContiguousBytes & Collection) {
            add(bytes.count)
            bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }

        mutating func add(_ number: Int) {
            withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) {
                hash.update(bufferPointer: $0)
            }
        }

        mutating func add(_ text: String) { add(Array(text.utf8)) }

        func finish() -> ContentDigest { ContentDigest(bytes: Array(hash.finalize())) }
    }

    /// The digest of what a function adds.
    static func of(_ add: (inout Builder) throws -> Void) rethrows -> ContentDigest {
        var builder = Builder()
        try add(&builder)
        return builder.finish()
    }
}

extension ContentDigest {
    /// Grows when pictures are resized or normalised differently.
    private static let preprocessingVersion = 1

    /// What decides the patches of a picture: its pixels and how they are preprocessed.
    init(picture: RGBImage, as geometry: ImageGeometry, by process: ImagePreprocessorConfiguration)
    {
        self = Self.of { digest in
            digest.add("picture")
            digest.add(Self.preprocessingVersion)
            for number in [
                picture.width, picture.height, geometry.resizedWidth, geometry.resizedHeight,
                process.patchSize, process.temporalPatchSize, process.mergeSize,
            ] { digest.add(number) }
            for value in process.mean + process.standardDeviation {
                digest.add(Int(bitPattern: UInt(value.bitPattern)))
            }
            digest.add(picture.pixels)
        }
    }
}
