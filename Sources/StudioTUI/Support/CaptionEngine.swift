import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI
import VLMRuntime

/// A loaded model that captions pictures and shows them being written.
///
/// The only place where the commands meet the captioner and its model.
struct CaptionEngine {
    let choice: ModelChoice
    /// Seconds it took to open the model.
    let loadSeconds: Double
    private let captioner: Captioner
    private let session: Session

    init(
        _ choice: ModelChoice, adapter wish: String? = nil, keyValues: KVStorage? = nil,
        session: Session
    ) throws {
        let start = ContinuousClock.now
        var model = try session.load(choice, keyValues: keyValues)
        var version: String?
        if let wish {
            let adapter = try AdapterShelf(session.home).open(wish, for: model)
            version = "\(wish) \(adapter.fingerprint())"
            model = try model.adapted(by: adapter)
        }
        let profile = try ModelProfile.resolve(directory: choice.folder, modelName: choice.name)
        self.choice = choice
        self.session = session
        loadSeconds = start.secondsUntilNow
        let generator = Generator(
            model, caches: GenerationCaches(for: model, folder: session.home.visionRows),
            adapter: version)
        captioner = Captioner(
            model: generator, modelName: choice.name, adapterName: wish, profile: profile)
    }

    /// Makes one caption.
    ///
    /// - Parameter show: whether the text appears on standard output as it comes.
    func caption(_ request: CaptionRequest, show: Bool) throws -> PersonalCaption.CaptionRecord {
        let names = request.concepts.map { PromptName.shown($0.name) }
        var stream = AnswerStream(
            session: session, highlighter: NameHighlighter(names: names, style: session.style),
            shows: show)
        defer { stream.finish() }
        var record = try captioner.caption(request, cancellation: session.cancellation) {
            stream.receive($0)
        }
        record.timings.load = loadSeconds
        return record
    }
}

extension NewCaption {
    /// The history's form of a caption.
    init(
        _ record: PersonalCaption.CaptionRecord, image: ImageSource, concepts: [Concept],
        modelFolder: URL
    ) throws {
        self.init(
            image: image,
            concepts: concepts.map { concept in
                // The model saw the cover only, so only that belongs to what was shown.
                var snapshot = ConceptDB.CaptionConcept(concept)
                snapshot.images = concept.coverImage.map { [$0.sha256] } ?? []
                return snapshot
            },
            question: record.question, caption: record.caption, model: record.model,
            modelPath: modelFolder.path, adapter: record.adapter,
            options: try JSONValue(encoding: record.sampling), seed: record.seed,
            finishReason: record.finishReason.rawValue,
            usage: try JSONValue(encoding: record.usage),
            timings: try JSONValue(encoding: record.timings), named: record.named,
            unnamed: record.unnamed, absent: record.absent)
    }
}

/// The JSON of `caption`: the record with its number in the history and its picture.
struct CaptionDocument: Encodable {
    let record: PersonalCaption.CaptionRecord
    let id: Int64
    let image: String

    private enum CodingKeys: String, CodingKey {
        case id, image
    }

    func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(image, forKey: .image)
    }
}

/// What is said about a caption after it is written.
enum CaptionSummary {
    /// Who was named and who was not, then tokens and speed; on standard error.
    static func print(_ record: PersonalCaption.CaptionRecord, session: Session) {
        let style = session.noteStyle
        func list(_ title: String, _ names: [String], _ role: TextRole) -> String? {
            guard !names.isEmpty else { return nil }
            let shown = names.map { TerminalText.sanitized($0) }.joined(separator: ", ")
            return "\(title): \(style(shown, role))"
        }
        let parts = [
            list("named", record.named, .good), list("not named", record.unnamed, .warning),
            list("wrongly named", record.absent, .bad),
        ].compactMap { $0 }
        if !parts.isEmpty { session.note(parts.joined(separator: " · ")) }
        session.note(GenerationSummary.line(record.usage, record.timings, style))
    }
}
