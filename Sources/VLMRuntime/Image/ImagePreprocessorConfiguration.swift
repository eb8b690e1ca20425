public import Foundation
internal import ImageCodecs

/// How a checkpoint wants its pictures: patch sizes, area limits, normalisation.
public struct ImagePreprocessorConfiguration: Sendable, Equatable {
    /// Pixels per side of a patch.
    public private(set) var patchSize = 14
    /// Frames per patch; a still picture is repeated.
    public private(set) var temporalPatchSize = 2
    /// Patches per side of a language-model token.
    public private(set) var mergeSize = 2
    /// Smallest area in pixels after resizing.
    public var minPixels = 3136
    /// Largest area in pixels after resizing.
    public var maxPixels = 1_003_520
    /// Mean of red, green and blue, on a scale of 0…1.
    public private(set) var mean = [0.48145466, 0.4578275, 0.40821073]
    /// Standard deviation of red, green and blue, on a scale of 0…1.
    public private(set) var standardDeviation = [0.26862954, 0.26130258, 0.27577711]

    /// The defaults of the Qwen2-VL image processor, which apply to whatever a file leaves out.
    ///
    /// Published checkpoints state a larger `maxPixels` than this default.
    public init() {}

    /// Reads preprocessor_config.json, or the `image_processor` object of processor_config.json.
    ///
    /// `min_pixels` and `max_pixels` win over `size`, whose "edges" are areas too.
    ///
    /// - Throws: ``ImageConfigurationError`` when neither file is there, or holds values no
    ///   sensible checkpoint has.
    public init(directory: URL) throws(ImageConfigurationError) {
        for source in ImageProcessorFile.Source.allCases {
            guard let file = try ImageProcessorFile(source, in: directory) else { continue }
            try self.init(file)
            return
        }
        throw .missing(folder: directory.relativePath)
    }

    init(_ file: ImageProcessorFile) throws(ImageConfigurationError) {
        let json = file.json
        try file.requireOrdinarySteps()
        patchSize = try file.whole("patch_size", json.patchSize ?? patchSize, in: 1...64)
        temporalPatchSize = try file.whole(
            "temporal_patch_size", json.temporalPatchSize ?? temporalPatchSize, in: 1...4)
        mergeSize = try file.whole("merge_size", json.mergeSize ?? mergeSize, in: 1...8)
        let areas = 1...(1 << 30)
        minPixels = try file.whole(
            "min_pixels", json.minPixels ?? json.size?.shortestEdge ?? minPixels, in: areas)
        maxPixels = try file.whole(
            "max_pixels", json.maxPixels ?? json.size?.longestEdge ?? maxPixels, in: areas)
        guard minPixels <= maxPixels else {
            throw .refused(
                file: file.name, key: "max_pixels", found: "\(maxPixels)",
                expected: "at least min_pixels, \(minPixels),")
        }
        mean = try file.channels("image_mean", json.imageMean ?? mean, in: -10...10)
        standardDeviation = try file.channels(
            "image_std", json.imageStd ?? standardDeviation, in: 1e-3...10)
    }
}
