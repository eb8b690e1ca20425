import ConceptDB
import Foundation
import TerminalUI

/// What the screen History needs from disk and library.
enum HistoryEffects {
    static func run(_ effect: HistoryEffect, _ context: EffectContext) {
        switch effect {
        case .list:
            // After changes that are on their way, so that the list has them.
            context.write {
                do {
                    context.post(.history(.listed(try context.library().captionIDs())))
                } catch {
                    context.post(.history(.failed(EffectContext.sentence(error))))
                }
            }
        case .read(let ids):
            context.background {
                let entries = try read(ids, try context.library())
                context.post(.history(.entriesRead(entries, asked: ids)))
            }
        case .search(let text, let search):
            context.background {
                do {
                    let store = try context.library()
                    var search = try search ?? HistorySearch(store)
                    let found = try search.captions(text, in: store)
                    context.post(.history(.found(text, found, search)))
                } catch {
                    context.post(.history(.searchFailed(EffectContext.sentence(error))))
                }
            }
        case .export(let request): export(request, context)
        }
    }

    static func read(_ ids: [Int64], _ store: ConceptStore) throws -> [HistoryEntry] {
        let now = Date()
        return try store.captions(ids: ids).map { record in
            HistoryEntry(
                record: record, facts: CaptionFacts(record),
                when: HistoryDate.text(record.createdAt, now: now, in: .current),
                picture: HistoryPicture.find(record.image, in: store))
        }
    }

    private static func export(_ request: HistoryExportRequest, _ context: EffectContext) {
        let file = URL(fileURLWithPath: request.path)
        let count = TextForm.count(request.captions.count, "caption")
        context.task("Export of \(count)") { reporter in
            if FileManager.default.fileExists(atPath: file.path), !request.replaces {
                context.post(.history(.exportExists(request)))
                return
            }
            let store = try context.library()
            var captions: [CaptionRecord] = []
            while captions.count < request.captions.count {
                try reporter.checkCancellation()
                let page = request.captions.dropFirst(captions.count).prefix(500)
                let read = try store.captions(ids: Array(page))
                // Some may have been removed since they were listed.
                guard read.count == page.count else {
                    throw StudioFailure(
                        .failed, "the history has changed meanwhile; export again")
                }
                captions += read
                reporter.progress(
                    Double(captions.count) / Double(request.captions.count), "reading")
            }
            let text = try HistoryText.text(captions, request.format)
            try reporter.checkCancellation()
            try HistoryText.write(text, to: file, shownName: request.path)
            context.post(.history(.exported(file: request.path, captions: captions.count)))
        }
    }
}
