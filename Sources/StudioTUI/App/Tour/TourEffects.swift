import Foundation
import PersonalCaption

/// Finds the samples that the tour is shown on.
enum TourEffects {
    static func run(_ effect: TourEffect, _ context: EffectContext) {
        switch effect {
        case .readSamples(let samples):
            context.background {
                do {
                    let set = try SampleSet.read(folder: samples.directory)
                    guard let chosen = TourSamples(set) else {
                        throw StudioFailure(
                            .notFound,
                            "\(samples.truth.path) has no picture with two concepts, which the "
                                + "tour needs")
                    }
                    context.post(.tour(.samplesRead(chosen)))
                } catch {
                    context.post(.tour(.failed(EffectContext.sentence(error))))
                }
            }
        }
    }
}

extension TourSamples {
    /// The first picture with exactly two known concepts, and two concepts that are not in it.
    init?(_ set: SampleSet) {
        let counts = set.queries.map { Set($0.objects.map(\.concept)).count }
        guard let index = counts.firstIndex(of: 2) ?? counts.firstIndex(where: { $0 > 2 }) else {
            return nil
        }
        let query = set.queries[index]
        var chosen = set.references(for: query, absent: CaptionPrompt.maximumConcepts)
        for concept in set.concepts
        where chosen.count < CaptionPrompt.maximumConcepts && !chosen.contains(concept) {
            chosen.append(concept)
        }
        self.init(concepts: chosen, picture: query.file)
    }
}
