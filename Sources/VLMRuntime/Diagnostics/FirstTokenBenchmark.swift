import Foundation
import ImageCodecs

/// Time from a question to the first token of its answer, for a caption with reference pictures:
/// when nothing is known, when the references have been seen, when the query has been seen too.
public struct FirstTokenBenchmark: Sendable {
    let references: Int
    let width: Int
    let height: Int
    /// `nil` for a short sentence.
    let questionWords: Int?
    let repeats: Int

    /// Seconds, medians over the repeats.
    public struct Report: Sendable, Codable, Equatable {
        /// Reference pictures before the query.
        public var references: Int
        /// Nothing at hand.
        public var cold: Double
        /// A new process that finds the references' rows on disk.
        public var registered: Double
        /// The same references were shown before, with another query.
        public var known: Double
        /// The same references and query, another question.
        public var again: Double
        /// Tokens of the prompt.
        public var promptTokens: Int
    }

    func run(
        _ model: VisionLanguageModel, cancellation: CancellationFlag?,
        progress: (Double) -> Void
    ) throws -> Report {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("studio-bench-\(UUID().uuidString)", isDirectory: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var times: [[Double]] = [[], [], [], []]
        var promptTokens = 0
        // Untimed, so that the weights are in memory.
        _ = try Generator(model).generate(
            messages([], picture(99), "Who is this?"), options: SamplingOptions(maxNewTokens: 1),
            cancellation: cancellation)
        for round in 0..<repeats {
            // Other pictures in every round: what is on disk from the last one must not help.
            let known = (0..<references).map { picture(100 * round + $0) }
            var generator = Generator(
                model, caches: GenerationCaches(for: model, folder: folder))
            let steps: [(query: Int, question: String, isNew: Bool)] = [
                (90, question("Describe this picture."), false),
                (91, question("Describe this picture."), true),
                (92, question("Describe this picture."), false),
                (92, question("Who is in it?"), false),
            ]
            for (index, step) in steps.enumerated() {
                if cancellation?.isCancelled == true { throw CancellationError() }
                progress(Double(4 * round + index) / Double(4 * repeats))
                if step.isNew {
                    generator = Generator(
                        model, caches: GenerationCaches(for: model, folder: folder))
                }
                let result = try generator.generate(
                    messages(known, picture(100 * round + step.query), step.question),
                    options: SamplingOptions(maxNewTokens: 1), cancellation: cancellation)
                times[index].append(result.timings.firstToken)
                promptTokens = result.usage.promptTokens
            }
        }
        let medians = times.map { $0.sorted()[$0.count / 2] }
        return Report(
            references: references, cold: medians[0], registered: medians[1], known: medians[2],
            again: medians[3], promptTokens: promptTokens)
    }

    private func question(_ sentence: String) -> String {
        guard let questionWords else { return sentence }
        return sentence + String(repeating: " dog", count: questionWords)
    }

    private func messages(
        _ known: [RGBImage], _ query: RGBImage, _ question: String
    ) -> [ChatMessage] {
        let budget = width * height...width * height
        let parts = known.enumerated().flatMap { index, image -> [ChatMessage.Part] in
            [
                .image(ImageInput(image, pixelBudget: budget, isReference: true)),
                .text("This is <name\(index)>, who is known to us."),
            ]
        }
        let last: [ChatMessage.Part] = [
            .image(ImageInput(query, pixelBudget: budget)), .text(question),
        ]
        return [ChatMessage(.user, parts + last)]
    }

    private func picture(_ seed: Int) -> RGBImage {
        let pixels = (0..<width * height * 3).map {
            UInt8(truncatingIfNeeded: ($0 * (7 + seed % 5)) / 3 + seed * 31)
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }
}
