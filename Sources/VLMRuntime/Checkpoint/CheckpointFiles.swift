public import Foundation

/// The files that make a checkpoint what it is, found without opening them.
public struct CheckpointFiles: Sendable {
    /// `config.json`; `nil` for GGUF, which holds its own description.
    public let configuration: URL?
    /// The files with weights, in order.
    public let weights: [URL]

    /// - Parameter location: a checkpoint folder, or a `.gguf` file with its mmproj beside it.
    /// - Throws: `CheckpointError` when GGUF files do not make a pair.
    public init(_ location: URL) throws(CheckpointError) {
        if let pair = try GGUFLocation(location) {
            configuration = nil
            weights = [pair.text, pair.vision]
            return
        }
        configuration = location.appendingPathComponent("config.json")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: location.path)) ?? []
        weights = names.filter { $0.hasSuffix(".safetensors") }.sorted()
            .map { location.appendingPathComponent($0) }
    }

    /// Bytes of all weights.
    public var byteCount: Int {
        weights.reduce(0) { sum, file in
            let path = file.resolvingSymlinksInPath().path
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return sum + ((attributes?[.size] as? Int) ?? 0)
        }
    }
}
