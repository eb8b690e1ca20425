import ConceptDB
import Foundation
import PersonalCaption

/// Reads captions and votes, writes votes and comparisons.
enum CompareEffects {
    /// Captions to choose from, at most.
    static let listed = 1000

    static func run(_ effect: CompareEffect, _ context: EffectContext) {
        switch effect {
        case .load(let side, let id):
            context.background {
                do {
                    let caption = try load(id, context)
                    context.post(.compare(.loaded(side, id, caption)))
                } catch {
                    context.post(.compare(.missing(side, id, EffectContext.sentence(error))))
                }
            }
        case .list(let side, let sha256, let id):
            context.background {
                let page = try context.library().captions(CaptionQuery(limit: listed))
                let others = page.captions.filter { $0.id != id }
                let isSame: (ConceptDB.CaptionRecord) -> Bool = {
                    sha256 != nil && $0.image.sha256 == sha256
                }
                let ordered = others.filter(isSame) + others.filter { !isSame($0) }
                context.post(.compare(.choices(side, ordered)))
            }
        case .readVotes:
            let file = CompareVoteFile(context.places.home)
            context.write { context.post(.compare(.votesRead(try file.read()))) }
        case .addVote(let vote):
            let file = CompareVoteFile(context.places.home)
            context.write { context.post(.compare(.votesRead(try file.add(vote)))) }
        case .removeVote(let left, let right):
            let file = CompareVoteFile(context.places.home)
            context.write {
                context.post(.compare(.votesRead(try file.remove(left: left, right: right))))
            }
        case .export(let text, let url, let replaces):
            context.background {
                do {
                    try NewFile.write(Data(text.utf8), to: url, replaces: replaces)
                    context.post(.toast(.good, "saved \(url.path)"))
                } catch is NewFile.Exists {
                    context.post(.compare(.fileExists(url, text)))
                }
            }
        }
    }

    private static func load(_ id: Int64, _ context: EffectContext) throws -> CompareCaption {
        let store = try context.library()
        let record = try store.caption(id: id)
        let check = NameCheck(
            supplied: record.concepts.map(\.name), library: try store.names())
        let picture = store.url(of: record.image).flatMap { url in
            FileManager.default.fileExists(atPath: url.path) ? url : nil
        }
        return CompareCaption(
            record: record, names: check.report(on: record.caption), picture: picture)
    }
}
