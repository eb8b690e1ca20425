import ArgumentParser
import Foundation
import PersonalCaption
import VLMRuntime

struct DumpCommand: StudioCommand {
    static let configuration = CommandConfiguration(commandName: "dump", shouldDisplay: false)
    @OptionGroup var source: EvalSource
    @Option var visible = 2
    @Option var limit = 60
    @Option var seed: UInt64 = 1
    @Option var out: String
    @OptionGroup var common: CommonOptions
    func run(_ session: Session) throws {
        let (set, _) = try source.read(visible: visible, pictures: limit, seed: seed, session: session)
        let choice = try ModelChoice.resolve(nil, store: session.store(), samples: session.samples)
        let loaded = try EvalModel.load(choice, session: session)
        let profile = loaded.captioner.profile
        let g = loaded.generator
        var refs: [(concept: Int, picture: PictureRows)] = []
        var concepts: [CaptionConcept] = []
        for (i, c) in set.concepts.enumerated() {
            guard let p = c.picture else { continue }
            let image = try p.image()
            concepts.append(CaptionConcept(name: c.name, info: c.info, category: c.category, image: image))
            refs.append((i, try g.pictureRows(ImageInput(image, pixelBudget: profile.referenceBudget, isReference: true))))
        }
        let index = ConceptIndex(refs)
        let ask = PresenceQuestion(profile: profile)
        var lines = ""
        for q in set.queries {
            guard let p = q.picture else { continue }
            let image = try p.image()
            let rows = try g.pictureRows(ImageInput(image, pixelBudget: profile.queryBudget))
            let t0 = ContinuousClock.now
            let found = index.matches(rows, limit: 32)
            let t1 = ContinuousClock.now
            func groups(_ order: [Int]) throws -> [Int: Double] {
                var r: [Int: Double] = [:]
                for start in stride(from: 0, to: order.count, by: 4) {
                    let part = Array(order[start..<min(start + 4, order.count)])
                    let ps = try ask.probabilities(of: part.map { concepts[$0].name }, among: part.map { concepts[$0] }, in: image, model: g)
                    for (c, p) in zip(part, ps) { r[c] = p }
                }
                return r
            }
            let order = found.map(\.concept)
            let g1 = try groups(order)
            // interleaved groups: 0,8,16,24...
            let n = (order.count + 3) / 4
            let inter = (0..<n).flatMap { k in stride(from: k, to: order.count, by: n).map { order[$0] } }
            let g2 = try groups(inter)
            let t2 = ContinuousClock.now
            var alone: [Int: Double] = [:]
            for c in order { alone[c] = try ask.probability(of: concepts[c].name, among: [concepts[c]], in: image, model: g) }
            let t3 = ContinuousClock.now
            let top = order.sorted { (g1[$0] ?? 0) + (g2[$0] ?? 0) > (g1[$1] ?? 0) + (g2[$1] ?? 0) }
            let fin = try groups(Array(top.prefix(8)))
            let boxes = try q.boxes()
            let d: [String: Any] = ["present": q.present, "cand": found.map { m in
                ["c": m.concept, "cat": set.concepts[m.concept].category, "s": m.similarity, "g1": g1[m.concept] ?? -1, "g2": g2[m.concept] ?? -1, "a": alone[m.concept] ?? -1, "f": fin[m.concept] ?? -1, "box": m.box] as [String: Any] }, "boxes": Dictionary(uniqueKeysWithValues: boxes.map { ("\($0.key)", $0.value) }), "t": [(t1 - t0) / .seconds(1), (t2 - t1) / .seconds(1), (t3 - t2) / .seconds(1)]]
            lines += String(decoding: try JSONSerialization.data(withJSONObject: d), as: UTF8.self) + "\n"
        }
        try Data(lines.utf8).write(to: URL(fileURLWithPath: out))
    }
}
