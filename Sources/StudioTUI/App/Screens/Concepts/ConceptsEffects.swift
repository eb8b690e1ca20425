import ConceptDB
import Foundation
import ImageCodecs

/// Does what the screen Concepts wants done outside of the state.
enum ConceptsEffects {
    static func run(_ effect: ConceptsEffect, _ context: EffectContext) {
        switch effect {
        case .importPictures(let request): importPictures(request, context)
        case .loadCaptions(let id): loadCaptions(id, context)
        case .saveCrop(let box): saveCrop(box, context)
        }
    }

    // MARK: - Import

    private static func importPictures(_ request: AddRequest, _ context: EffectContext) {
        context.background {
            let found =
                switch request.source {
                case .typed(let line): GlobExpansion.expand(line, in: context.places.paths)
                case .paths(let paths): GlobExpansion.expand(paths: paths)
                }
            guard !found.paths.isEmpty else {
                let reason = found.problems.first ?? "there is no picture"
                return context.post(.concepts(.addFailed(request, reason)))
            }
            let store = try context.library()
            var work = try PictureImport(request, paths: found.paths, store: store)
            guard found.paths.count > 1 else {
                work.run()
                return finish(work, request, found.problems, context)
            }
            let prepared = work
            let title = "adding \(TextForm.count(found.paths.count, "picture"))"
            context.task(title) { reporter in
                var work = prepared
                work.run(isCancelled: { reporter.isCancelled }, progress: reporter.progress)
                finish(work, request, found.problems, context)
            }
        }
    }

    private static func finish(
        _ work: PictureImport, _ request: AddRequest, _ problems: [String],
        _ context: EffectContext
    ) {
        context.post(.concepts(.imported(report: problems + work.report)))
        if let outcome = work.outcome {
            context.post(.library(.edited(outcome, .user)))
        } else {
            context.post(.concepts(.addFailed(request, work.failure)))
        }
    }

    // MARK: - Detail

    /// Captions shown with a concept; the History has the rest.
    static let mostCaptions = 30

    private static func loadCaptions(_ id: Int64, _ context: EffectContext) {
        context.background {
            let page = try context.library().captions(
                CaptionQuery(conceptID: id, limit: mostCaptions))
            context.post(
                .concepts(.detail(.captions(id: id, page.captions, total: page.total))))
        }
    }

    // MARK: - Crop

    private static func saveCrop(_ box: CropBox, _ context: EffectContext) {
        context.background {
            let store = try context.library()
            let file = store.url(of: box.image)
            let pixels = try ImageDecoder.decode(fileAt: file)
            let part = box.cut(pixels)
            // A lossless copy of a photograph would be several times its size.
            let isPhoto = file.pathExtension == "jpg" || file.pathExtension == "jpeg"
            let data =
                isPhoto
                ? try ImageEncoder.jpeg(part.flattened(), quality: 95) : try ImageEncoder.png(part)
            let source = ImageSource.data(data, name: "crop of \(box.image.path)")
            context.post(
                .edit(
                    .addCrop(
                        id: box.conceptID, source, makesCover: box.makesCover)))
        }
    }
}
