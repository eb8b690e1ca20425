internal import Foundation
internal import ImageCodecs

/// The image-processor file of a checkpoint folder, with the checks its values must pass.
struct ImageProcessorFile {
    /// The files that may hold the settings, in order of preference.
    enum Source: String, CaseIterable {
        case preprocessor = "preprocessor_config.json"
        /// Written by Transformers 5 in place of the former.
        case processor = "processor_config.json"
    }

    /// The keys in use, as the file spells them.
    struct JSON: Decodable {
        var minPixels, maxPixels, patchSize, temporalPatchSize, mergeSize: Int?
        var size: Areas?
        var imageMean, imageStd: [Double]?
        var rescaleFactor: Double?
        var doResize, doRescale, doNormalize: Bool?
    }

    /// Areas in pixels, despite their names.
    struct Areas: Decodable {
        var shortestEdge, longestEdge: Int?
    }

    private struct Wrapper: Decodable {
        var imageProcessor: JSON?
    }

    /// Path of the file, for errors.
    let name: String
    let json: JSON

    /// Settings that come from a file of another kind.
    init(name: String, json: JSON) {
        self.name = name
        self.json = json
    }

    /// - Returns: `nil` when the folder has no such file, or the file has no image processor.
    init?(_ source: Source, in directory: URL) throws(ImageConfigurationError) {
        let url = directory.appendingPathComponent(source.rawValue)
        name = directory.relativePath + "/" + source.rawValue
        let data: Data
        do {
            data = try BoundedFile.read(url, limit: 1 << 20)
        } catch .notFound {
            return nil
        } catch {
            throw .unreadable(file: name, reason: Self.reason(error))
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            switch source {
            case .preprocessor: json = try decoder.decode(JSON.self, from: data)
            case .processor:
                let found = try decoder.decode(Wrapper.self, from: data).imageProcessor
                guard let found else { return nil }
                json = found
            }
        } catch {
            throw .malformed(file: name, reason: Self.reason(error))
        }
    }

    /// Refuses files that leave out a step which this program always takes.
    func requireOrdinarySteps() throws(ImageConfigurationError) {
        let steps = [
            ("do_resize", json.doResize), ("do_rescale", json.doRescale),
            ("do_normalize", json.doNormalize),
        ]
        for (key, value) in steps where value == false {
            throw .refused(file: name, key: key, found: "false", expected: "true")
        }
        if let factor = json.rescaleFactor, !(abs(factor * 255 - 1) < 1e-6) {
            throw .refused(file: name, key: "rescale_factor", found: "\(factor)", expected: "1/255")
        }
    }

    /// An integer within bounds.
    func whole(
        _ key: String, _ value: Int, in range: ClosedRange<Int>
    ) throws(ImageConfigurationError) -> Int {
        guard range.contains(value) else {
            throw .refused(
                file: name, key: key, found: "\(value)",
                expected: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Three numbers, for red, green and blue, within bounds.
    func channels(
        _ key: String, _ values: [Double], in range: ClosedRange<Double>
    ) throws(ImageConfigurationError) -> [Double] {
        guard values.count == 3, values.allSatisfy(range.contains) else {
            throw .refused(
                file: name, key: key, found: "\(values.prefix(4))",
                expected: "three numbers from \(range.lowerBound) to \(range.upperBound)")
        }
        return values
    }

    private static func reason(_ error: ImageReadError) -> String {
        switch error {
        case .unreadable(_, let reason): reason
        case .notARegularFile(_, let kind): "it is \(kind)"
        case .tooLarge(_, let bytes, let limit): "it has \(bytes) bytes, more than \(limit)"
        default: "it is no ordinary file"
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(let type, let context):
            "'\(path(context))' is not of type \(type)"
        case DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context):
            context.codingPath.isEmpty ? "it cannot be parsed" : "'\(path(context))' makes no sense"
        default: "it cannot be parsed"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map(\.stringValue).joined(separator: ".")
    }
}
