import Foundation
import Testing

@testable import PersonalCaption

/// Judgements that `rewards.py` of `train export --for trl` must share;
/// `Tools/check_train_export.py` holds the Python side to them.
@Suite struct RewardVectorTests {
    private struct Vector: Codable, Equatable {
        var task: EpisodeTask
        var text: String
        var present, supplied, others, infos: [String]
        var box: [Int]
        var answer: String
        var reward: Float
    }

    private static let file = Fixtures.golden.deletingLastPathComponent()
        .appending(path: "rewards/vectors.json")

    private func reward(_ vector: Vector) throws -> Float {
        let goal: EpisodeGoal =
            switch vector.task {
            case .sameObject: .sameObject(isPresent: vector.answer == "yes")
            case .box: .box(vector.box, name: "Milo")
            default:
                .names(
                    RewardScene(
                        present: vector.present, supplied: vector.supplied, others: vector.others,
                        infos: vector.infos))
            }
        let episode = Episode(messages: [], goal: goal, question: "", answer: vector.answer)
        return try EpisodeJudge().judge(vector.text, of: episode).reward
    }

    /// With `STUDIO_WRITE_FIXTURE=1` the rewards are written anew.
    @Test func theRewardsAreThoseWrittenDown() throws {
        var vectors = try JSONDecoder().decode([Vector].self, from: Data(contentsOf: Self.file))
        #expect(vectors.count > 200)
        if ProcessInfo.processInfo.environment["STUDIO_WRITE_FIXTURE"] == "1" {
            for index in vectors.indices { vectors[index].reward = try reward(vectors[index]) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let lines = try vectors.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
            try Data("[\n\(lines.joined(separator: ",\n"))\n]\n".utf8).write(to: Self.file)
        }
        for vector in vectors {
            let found = try reward(vector)
            #expect(abs(found - vector.reward) < 1e-6, "\(vector.text): \(found)")
        }
        let rewards = Set(vectors.map(\.reward))
        #expect(rewards.contains(0) && rewards.contains(0.5) && rewards.contains(1))
    }
}
