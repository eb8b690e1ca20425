import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI
import VLMRuntime

/// What the screen Ask needs from disk, library and model.
enum AskEffects {
    static func run(_ effect: AskEffect, _ context: EffectContext, _ models: CaptionService) {
        switch effect {
        case .caption(let job, let flag, let title): caption(job, flag, title, context, models)
        case .suggest(let job, let flag, let title):
            AskSearchEffect.run(job, flag, title, context, models)
        case .readPicture(let url, let concepts, let isTyped):
            context.background { read(url, concepts, isTyped, context) }
        case .findSamples: context.background { findSamples(context) }
        case .readQuestions: context.background { try readQuestions(context) }
        case .describeModel(let wish): context.background { describe(wish, context) }
        case .findAdapters(let wish):
            context.background {
                context.post(.ask(.adaptersFound(try adapters(wish, context))))
            }
        case .save(let number, let draft):
            context.write {
                do {
                    let saved = try context.library().addCaption(draft)
                    context.post(.ask(.saved(number, saved.id)))
                } catch {
                    context.post(.ask(.saveFailed(number, EffectContext.sentence(error))))
                }
            }
        case .restore(let id, let isRepeated):
            context.background {
                let store = try context.library()
                let restoration = try AskRestoring(store: store, places: context.places)
                    .restoration(of: try store.caption(id: id), isRepeated: isRepeated)
                context.post(.ask(.restored(restoration)))
            }
        }
    }

    private static func caption(
        _ job: CaptionJob, _ flag: CancellationFlag, _ title: String, _ context: EffectContext,
        _ models: CaptionService
    ) {
        context.task(title, cancellation: flag, showsFailure: false) { reporter in
            do {
                let answer = try models.caption(job, cancellation: flag) { news in
                    if case .stage(let stage, let fraction) = news {
                        reporter.progress(fraction, stage)
                    } else if case .text = news {
                        reporter.progress(nil, "writing")
                    }
                    context.post(.ask(.news(job.number, news)))
                }
                context.post(.ask(.news(job.number, .finished(answer))))
            } catch let error as CancellationError {
                context.post(.ask(.news(job.number, .cancelled)))
                throw error
            } catch {
                context.post(.ask(.news(job.number, .failed(EffectContext.sentence(error)))))
                throw error
            }
        }
    }

    private static func read(
        _ url: URL, _ concepts: [Int64]?, _ isTyped: Bool, _ context: EffectContext
    ) {
        do {
            let picture = try AskPicture(reading: url)
            context.post(.ask(.pictureRead(picture, concepts: concepts)))
        } catch {
            let reason = EffectContext.sentence(error)
            context.post(.ask(.pictureRefused(reason, path: isTyped ? url.path : nil)))
        }
    }

    private static func findSamples(_ context: EffectContext) {
        let folder = context.places.samples?.directory.appendingPathComponent("queries")
        let names =
            folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
        let files = names.filter(PictureName.isPicture).sorted().compactMap {
            folder?.appendingPathComponent($0)
        }
        context.post(.ask(.samplesFound(files)))
    }

    private static func readQuestions(_ context: EffectContext) throws {
        let page = try context.library().captions(CaptionQuery(limit: 300))
        var seen: Set<String> = []
        let questions = page.captions.map(\.question).filter { seen.insert($0).inserted }
        context.post(.ask(.earlierQuestions(Array(questions.prefix(50)))))
    }

    private static func adapters(
        _ wish: String?, _ context: EffectContext
    ) throws -> [AskAdapter] {
        let choice = try ModelChoice.resolve(
            wish, store: try context.library(), samples: context.places.samples)
        let fingerprint = try? CheckpointFingerprint(folder: choice.folder).description
        let shelf = AdapterShelf(context.places.home)
        return shelf.names().map { name in
            let note = shelf.note(name)
            return AskAdapter(
                name: name, model: note?.model ?? "", concepts: note?.concepts ?? [],
                fits: note == nil || note?.modelFingerprint == fingerprint)
        }
    }

    private static func describe(_ wish: String?, _ context: EffectContext) {
        do {
            let choice = try ModelChoice.resolve(
                wish, store: try context.library(), samples: context.places.samples)
            let profile = try ModelProfile.resolve(
                directory: choice.folder, modelName: choice.name)
            context.post(.ask(.modelDescribed(AskModel(name: choice.name, profile: profile))))
        } catch {
            let problem = EffectContext.sentence(error)
            context.post(
                .ask(
                    .modelDescribed(
                        AskModel(name: wish ?? "no model", profile: .mini, problem: problem))))
        }
    }
}

extension AskPicture {
    /// Looks at the header of a file.
    ///
    /// - Throws: `ImageReadError` when it cannot be captioned.
    init(reading url: URL) throws {
        let facts = try PictureFile.facts(url, name: url.lastPathComponent)
        self.init(
            file: url, name: url.path, width: facts.width, height: facts.height,
            kind: Self.kind(facts), source: .outside(url))
    }

    static func kind(_ facts: PictureFacts) -> String {
        let format = facts.format.map { "\($0)".uppercased() }
        let bytes = facts.bytes.map { ByteCount.text($0) }
        return [format, bytes].compactMap { $0 }.joined(separator: ", ")
    }
}

/// File sizes as people read them.
enum ByteCount {
    static func text(_ bytes: Int) -> String {
        if bytes < 1000 { return "\(bytes) B" }
        if bytes < 1_000_000 { return "\((bytes + 500) / 1000) kB" }
        return String(format: "%.1f MB", Double(bytes) / 1_000_000)
    }
}

/// Finds out what of a query of the history is still as it was.
struct AskRestoring {
    let store: ConceptStore
    let places: AppPlaces

    func restoration(
        of record: ConceptDB.CaptionRecord, isRepeated: Bool
    ) throws -> AskRestoration {
        var changes: [String] = []
        let picture = picture(record.image, &changes)
        let concepts = record.concepts.compactMap { concept($0, &changes) }
        let model = model(record, &changes)
        return AskRestoration(
            record: record, picture: picture, concepts: concepts, modelWish: model,
            adapterWish: adapter(record, &changes),
            changes: changes, isRepeated: isRepeated)
    }

    private func picture(_ image: QueryImage, _ changes: inout [String]) -> AskPicture? {
        guard let found = HistoryPicture.find(image, in: store) else {
            changes.append(
                "the picture is nowhere any more: neither the copy in the library nor "
                    + "\(image.originalPath); choose another one (o)")
            return nil
        }
        return AskPicture(
            file: found.file, name: image.originalPath, width: image.width ?? 0,
            height: image.height ?? 0, kind: "", source: found.source)
    }

    private func adapter(
        _ record: ConceptDB.CaptionRecord, _ changes: inout [String]
    ) -> String? {
        guard let wish = record.adapter else { return nil }
        if let folder = try? AdapterShelf(places.home).folder(named: wish),
            FileManager.default.fileExists(atPath: folder.path)
        {
            return wish
        }
        changes.append("the adapter \(wish) is not there any more; the model answers without it")
        return nil
    }

    private func concept(
        _ snapshot: ConceptDB.CaptionConcept, _ changes: inout [String]
    ) -> Int64? {
        guard let id = snapshot.id, let concept = try? store.concept(id: id) else {
            changes.append("\(snapshot.name) is not in the library any more; left out")
            return nil
        }
        if concept.trashedAt != nil {
            changes.append("\(snapshot.name) is in the trash; left out until it is restored")
            return nil
        }
        if concept.name != snapshot.name {
            changes.append("\(snapshot.name) is called \(concept.name) now")
        }
        let cover = concept.coverImage?.sha256
        if let cover, !snapshot.images.isEmpty, !snapshot.images.contains(cover) {
            changes.append("\(concept.name) has another cover picture now")
        }
        if concept.info != snapshot.info {
            changes.append("the info line of \(concept.name) is another one now")
        }
        return id
    }

    /// What to ask for to get the model of then; `nil` when it is the one in use.
    private func model(
        _ record: ConceptDB.CaptionRecord, _ changes: inout [String]
    ) -> String? {
        let inUse = try? ModelChoice.resolve(nil, store: store, samples: places.samples)
        func isSame(_ path: String) -> Bool {
            URL(fileURLWithPath: path).standardizedFileURL.path
                == URL(fileURLWithPath: record.modelPath).standardizedFileURL.path
        }
        if let inUse, isSame(inUse.folder.path) { return nil }
        if let registered = (try? store.models())?.first(where: { isSame($0.path) }) {
            return registered.name
        }
        if let samples = places.samples, isSame(samples.model.path) { return Samples.modelName }
        if FileManager.default.fileExists(atPath: record.modelPath) { return record.modelPath }
        if record.modelPath.contains("://") {
            changes.append("\(record.model) was asked at \(record.modelPath)")
            return nil
        }
        let instead = inUse.map { "\($0.name) answers instead" } ?? "no other one is chosen"
        changes.append(
            "the model \(record.model) is not at \(record.modelPath) any more; \(instead)")
        return nil
    }
}
