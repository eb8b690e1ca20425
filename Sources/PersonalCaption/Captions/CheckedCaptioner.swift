public import VLMRuntime

/// Captions pictures and then asks the model about every name it used.
///
/// The questions follow references and picture that the caption has read already, so with caches
/// they cost little.
public struct CheckedCaptioner: Sendable {
    /// What is done about absent names.
    public var checking: NameChecking
    /// The probability from which on a name is taken to be right.
    public var threshold: Double
    /// Whether the boxes of present names are asked for.
    public var locates: Bool
    private let captioner: Captioner
    private let model: any PresenceModel
    private let verifier: any PresenceModel

    /// Joins a captioner with the model that answers for it.
    ///
    /// - Parameter verifier: answers whether a concept is visible; `nil` for the model itself.
    public init(
        _ captioner: Captioner, model: any PresenceModel,
        verifier: (any PresenceModel)? = nil, checking: NameChecking = .correct,
        threshold: Double = 0.5, locates: Bool = true
    ) {
        self.captioner = captioner
        self.model = model
        self.verifier = verifier ?? model
        self.checking = checking
        self.threshold = threshold
        self.locates = locates
    }

    /// Makes one caption and checks its names.
    ///
    /// With `.correct`, concepts that are named and not visible are taken away and the caption is
    /// written again, once for each round of discoveries. The record then holds the last caption,
    /// the first one as `original`, and evidence for the names of both.
    ///
    /// - Parameters:
    ///   - onEvent: the events of the first caption.
    ///   - onCorrection: called before another caption is written, with what was found.
    /// - Throws: what `Captioner.caption` throws.
    public func caption(
        _ request: CaptionRequest, cancellation: CancellationFlag? = nil,
        onEvent: (GenerationEvent) -> Void = { _ in },
        onCorrection: ([NameEvidence]) -> Void = { _ in }
    ) throws -> CaptionRecord {
        var record = try captioner.caption(request, cancellation: cancellation, onEvent: onEvent)
        guard checking != .off, record.finishReason != .cancelled else { return record }
        let first = record
        var evidence = try self.evidence(record.named, request, cancellation)
        var remaining = request
        while checking == .correct {
            let absent = Set(evidence.filter { !$0.isPresent }.map { NameKey($0.name) })
            let kept = remaining.concepts.filter { !absent.contains(NameKey($0.name)) }
            guard kept.count < remaining.concepts.count else { break }
            onCorrection(evidence.filter { !$0.isPresent })
            remaining.concepts = kept
            // A question about nobody cannot be asked once everybody is gone.
            if kept.isEmpty, remaining.question?.contains("{name}") == true {
                remaining.question = nil
            }
            record = try captioner.caption(remaining, cancellation: cancellation)
            let known = Set(evidence.map { NameKey($0.name) })
            let fresh = record.named.filter { !known.contains(NameKey($0)) }
            evidence += try self.evidence(fresh, remaining, cancellation)
        }
        return joined(record, first, evidence, request)
    }

    /// Asks about names, and where their concepts are.
    ///
    /// - Parameter names: those of concepts of the request.
    public func evidence(
        _ names: [String], _ request: CaptionRequest, _ cancellation: CancellationFlag? = nil
    ) throws -> [NameEvidence] {
        guard !names.isEmpty else { return [] }
        let found = try PresenceQuestion(profile: captioner.profile).probabilities(
            of: names, among: request.concepts, in: request.query, model: verifier,
            cancellation: cancellation)
        return try zip(names, found).map { name, probability in
            var evidence = NameEvidence(
                name: name, probability: probability, isPresent: probability >= threshold)
            if locates, evidence.isPresent {
                evidence.box = try BoxQuestion(profile: captioner.profile).box(
                    of: name, among: request.concepts, in: request.query, model: model,
                    cancellation: cancellation)
            }
            return evidence
        }
    }

    /// The last caption as an answer to the first request.
    private func joined(
        _ record: CaptionRecord, _ first: CaptionRecord, _ evidence: [NameEvidence],
        _ request: CaptionRequest
    ) -> CaptionRecord {
        var result = record
        result.evidence = evidence
        guard record.concepts != first.concepts else { return result }
        let report = NameCheck(supplied: first.concepts, library: request.libraryNames)
            .report(on: record.caption)
        result.original = first.caption
        result.concepts = first.concepts
        result.named = report.named
        result.unnamed = report.unnamed
        result.absent = report.wrong
        result.question = first.question
        result.cache = first.cache
        result.timings.total += first.timings.total
        result.timings.firstToken = first.timings.firstToken
        return result
    }
}
