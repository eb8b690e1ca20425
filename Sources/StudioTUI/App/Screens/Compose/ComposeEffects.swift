import Foundation
import ImageCodecs
import PersonalCaption

/// Reads, composes and writes pictures away from the interface.
enum ComposeEffects {
    static func run(_ effect: ComposeEffect, _ context: EffectContext) {
        switch effect {
        case .loadPicture(let sha256, let file):
            context.background {
                context.post(.compose(.pictureLoaded(sha256: sha256, picture(file))))
            }
        case .loadBackground(let url, let isChosen):
            context.background {
                context.post(.compose(background(url, isChosen: isChosen)))
            }
        case .render(let job):
            context.background { context.post(.compose(.rendered(ComposePreview.make(job)))) }
        case .suggestPath(let stem):
            context.background {
                let file = freeFile(context.places.home.queries, stem: stem, ending: "png")
                context.post(.compose(.pathSuggested(TypedPath.written(file))))
            }
        case .save(let saving, let replaces): save(saving, replaces: replaces, context)
        }
    }

    /// The picture of a piece, no larger than a preview needs it.
    private static func picture(_ file: URL) -> ComposePicture {
        do {
            let image = try ImageDecoder.decode(fileAt: file)
            let area = PixelArea(width: image.width, height: image.height)
                .fitting(ComposePreviewJob.side)
            return .ready(Resampler.bicubic(image, width: area.width, height: area.height))
        } catch {
            return .failed(EffectContext.sentence(error))
        }
    }

    private static func background(_ url: URL, isChosen: Bool) -> ComposeAction {
        var area = PixelArea.square
        do {
            try RegularFile.check(url)
            let data = try BoundedFile.read(url, limit: ImageLimits.standard.maximumBytes)
            let info = try ImageDecoder.info(data, name: url.path)
            area = PixelArea(width: info.width, height: info.height)
            let small = try ImageDecoder.decodeThumbnail(
                data, name: url.path, fitting: ComposePreviewJob.side)
            return .backgroundLoaded(url, area, .ready(RGBAImage(small)), isChosen: isChosen)
        } catch {
            return .backgroundLoaded(
                url, area, .failed(EffectContext.sentence(error)), isChosen: isChosen)
        }
    }

    /// The first of `stem.png`, `stem-2.png`, … that is free together with its boxes.
    static func freeFile(_ folder: URL, stem: String, ending: String) -> URL {
        var number = 1
        while true {
            let name = number == 1 ? stem : "\(stem)-\(number)"
            let file = folder.appendingPathComponent("\(name).\(ending)")
            let isTaken = [file, ComposeSaver.boxes(of: file)].contains {
                FileManager.default.fileExists(atPath: $0.path)
            }
            if !isTaken || number > 100_000 { return file }
            number += 1
        }
    }

    private static func save(_ saving: ComposeSaving, replaces: Bool, _ context: EffectContext) {
        context.task("Compose \(saving.file.lastPathComponent)") { reporter in
            var saving = saving
            do {
                if saving.findsFreeName {
                    let stem = saving.file.deletingPathExtension().lastPathComponent
                    saving = ComposeSaving(
                        scene: saving.scene,
                        file: freeFile(
                            saving.file.deletingLastPathComponent(), stem: stem,
                            ending: saving.file.pathExtension),
                        purpose: saving.purpose)
                }
                try ComposeSaver(context: context, reporter: reporter)
                    .save(saving.scene, to: saving.file, replaces: replaces)
                let saved = SavedComposition(scene: saving.scene, file: saving.file)
                context.post(.compose(.saved(saved, saving.purpose)))
            } catch is NewFile.Exists {
                context.post(.compose(.fileExists(saving)))
            } catch {
                context.post(.compose(.savingFailed))
                throw error
            }
        }
    }
}
