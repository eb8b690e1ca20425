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
    /// What answers questions besides.
    let generator: Generator
    /// What finds concepts in pictures.
    let search: SearchModel
    private let captioner: Captioner
    private let session: Session

    /// The habits of the model.
    var profile: ModelProfile { captioner.profile }

    init(
        _ choice: ModelChoice, adapter wish: String? = nil, precision: Precision = .usual,
        session: Session
    ) throws {
        let start = ContinuousClock.now
        let loaded = try LoadedModel(
            choice, adapter: wish, precision: precision, rows: session.home.visionRows,
            session: session)
        self.choice = choice
        self.session = session
        loadSeconds = start.secondsUntilNow
        generator = loaded.generator
        search = try loaded.search()
        captioner = loaded.captioner
    }

    /// Makes one caption.
    ///
    /// - Parameter show: whether the text appears on standard output as it comes.
    func caption(
        _ request: CaptionRequest, checking: NameChecking = .off, show: Bool
    ) throws -> PersonalCaption.CaptionRecord {
        let names = request.concepts.map { PromptName.shown($0.name) }
        // A file or a program gets the last caption only; a person may watch the first one.
        let watches =
            show
            && (checking != .correct || request.concepts.isEmpty
                || session.console.outputIsTerminal)
        var stream = AnswerStream(
            session: session, highlighter: NameHighlighter(names: names, style: session.style),
            shows: watches)
        let checked = CheckedCaptioner(
            captioner, model: generator, verifier: search.verifier, checking: checking)
        var isFinished = false
        var record: PersonalCaption.CaptionRecord
        do {
            defer { if !isFinished { stream.finish() } }
            record = try checked.caption(
                request, cancellation: session.cancellation, onEvent: { stream.receive($0) },
                onCorrection: { absent in
                    if !isFinished { stream.finish() }
                    isFinished = true
                    let list = absent.map {
                        "\(TerminalText.sanitized($0.name)) (\(Int(($0.probability * 100).rounded())) %)"
                    }
                    session.note(
                        session.noteStyle(
                            "probably not in the picture: " + list.joined(separator: ", ")
                                + "; writing the caption again without", .warning))
                })
        }
        if show, !watches || record.original != nil {
            var highlighter = NameHighlighter(names: names, style: session.style)
            session.print(highlighter.append(record.caption) + highlighter.finish())
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
        try self.init(record, image: image, concepts: concepts, modelPath: modelFolder.path)
    }

    /// The history's form of a caption.
    ///
    /// - Parameter modelPath: where the model is: a folder, or the addresses of engines.
    init(
        _ record: PersonalCaption.CaptionRecord, image: ImageSource, concepts: [Concept],
        modelPath: String
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
            modelPath: modelPath, adapter: record.adapter,
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
    /// Who was looked for; only with `--auto`.
    var recognition: RecognitionDocument?
    /// Which engine made it; only with `--engine`.
    var engine: EngineDocument?

    private enum CodingKeys: String, CodingKey {
        case id, image, recognition, engine
    }

    func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(image, forKey: .image)
        try container.encodeIfPresent(recognition, forKey: .recognition)
        try container.encodeIfPresent(engine, forKey: .engine)
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
        let found = (record.evidence ?? []).map { evidence in
            let name = TerminalText.sanitized(evidence.name)
            let percent = "\(Int((evidence.probability * 100).rounded())) %"
            let box = evidence.box.map { " at " + $0.map(String.init).joined(separator: ",") } ?? ""
            return style("\(name) \(percent)\(box)", evidence.isPresent ? .faint : .bad)
        }
        if !found.isEmpty { session.note("evidence: " + found.joined(separator: " · ")) }
        session.note(GenerationSummary.line(record.usage, record.timings, style))
    }
}
