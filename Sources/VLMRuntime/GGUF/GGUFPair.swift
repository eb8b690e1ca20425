import Foundation

/// The two files of a GGUF model, opened and found to belong together.
struct GGUFPair: Sendable {
    let text: GGUFFile
    let vision: GGUFFile
    let family: ModelFamily

    /// `general.architecture` of Qwen2-VL and Qwen2.5-VL alike.
    static let architecture = "qwen2vl"

    init(_ location: GGUFLocation) throws(CheckpointError) {
        text = try GGUFFile(path: location.text.path)
        try Self.checkText(text)
        vision = try GGUFFile(path: location.vision.path)
        family = try Self.family(vision)
        let width = try text.integer("\(Self.architecture).embedding_length")
        let made = try vision.integer("clip.vision.projection_dim")
        guard let width, let made, width == made else {
            throw .refused(
                file: vision.path,
                problem: "it makes rows of \(made.map(String.init) ?? "unknown") features, and "
                    + "the language model \(text.path) reads rows of "
                    + (width.map(String.init) ?? "unknown"),
                advice: "use the mmproj that was made from the same checkpoint")
        }
    }

    private static func checkText(_ file: GGUFFile) throws(CheckpointError) {
        let found = try file.string("general.architecture")
        if found == "clip" {
            throw .refused(
                file: file.path, problem: "this is an mmproj, the vision half of a model",
                advice: "name the language model's .gguf file; the mmproj is found beside it")
        }
        guard found == architecture else {
            throw .refused(
                file: file.path,
                problem: "'general.architecture' is "
                    + "\(found.map { "\"\(printable($0))\"" } ?? "not there"), expected "
                    + "\"\(architecture)\"",
                advice: "use a GGUF file of Qwen2.5-VL or Qwen2-VL")
        }
        if let parts = try file.integer("split.count"), parts > 1 {
            throw .refused(
                file: file.path, problem: "it is one of \(parts) parts of a model",
                advice: "join them with 'llama-gguf-split --merge' first")
        }
    }

    private static func family(_ file: GGUFFile) throws(CheckpointError) -> ModelFamily {
        guard try file.string("general.architecture") == "clip" else {
            throw .refused(
                file: file.path,
                problem: "this is not an mmproj: 'general.architecture' is "
                    + (file.metadata["general.architecture"]?.summary ?? "not there"),
                advice: "name the model's mmproj-….gguf")
        }
        let key = "clip.projector_type"
        var projector = try file.string(key)
        if projector == nil { projector = try file.string("clip.vision.projector_type") }
        switch projector {
        case "qwen2.5vl_merger": return .qwen25VL
        case "qwen2vl_merger": return .qwen2VL
        default:
            throw .refused(
                file: file.path,
                problem: "'\(key)' is "
                    + "\(projector.map { "\"\(printable($0))\"" } ?? "not there"), expected "
                    + "\"qwen2.5vl_merger\" or \"qwen2vl_merger\"",
                advice: "use the mmproj of a Qwen2.5-VL or Qwen2-VL checkpoint")
        }
    }
}
