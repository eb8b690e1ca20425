import Foundation
import ImageCodecs
import Testing
import VLMRuntime

@testable import PersonalCaption

/// Concepts in plain colours, with as many pictures as wanted.
enum TrainingFixtures {
    static func concept(
        _ name: String, _ category: String = "dog", pictures: Int = 1, shade: Int = 60
    ) -> TrainingConcept {
        TrainingConcept(
            name: name, info: "about \(name)", category: category,
            pictures: (0..<pictures).map { index in
                let value = UInt8((shade + 40 * index) % 256)
                let image = RGBAImage(Fixtures.picture(40, 30, [value, 255 - value, 90]))
                return TrainingPicture(image: image, digest: "\(name)-\(index)")
            })
    }

    static func split(_ targets: Int = 2, others: Int = 6, pictures: Int = 1) -> LibrarySplit {
        LibrarySplit(
            targets: (0..<targets).map { concept("Target\($0)", pictures: pictures, shade: 20) },
            others: (0..<others).map {
                concept("Other\($0)", $0 % 2 == 0 ? "dog" : "mug", shade: 90 + $0)
            })
    }
}

@Suite struct EpisodeTests {
    private let profile = ModelProfile.mini

    @Test(arguments: [1, 2, 3, 7])
    func heldOutPicturesAreNotTrainedWith(_ pictures: Int) {
        let split = TrainingFixtures.split(pictures: pictures)
        #expect(split.leaks().isEmpty)
        #expect(split.shared.isEmpty == (pictures > 1))
        for (part, kept) in zip(split.targets, split.heldOutTargets) where pictures > 1 {
            let trained = Set(part.scenes.map(\.digest))
            #expect(trained.isDisjoint(with: kept.scenes.map(\.digest)))
            #expect(trained.contains(part.concept.pictures[0].digest))
        }
        let strangers = Set(split.others.map(\.concept.name))
        #expect(strangers.isDisjoint(with: split.heldOutOthers.map(\.concept.name)))
        #expect(!split.heldOutOthers.isEmpty)
    }

    @Test func aPictureThatTwoConceptsShareLeaksNowhere() {
        var copy = TrainingFixtures.concept("Copy")
        copy.pictures[0].digest = "Target-1"
        let split = LibrarySplit(
            targets: [TrainingFixtures.concept("Target", pictures: 3)],
            others: [copy, TrainingFixtures.concept("Other")])
        #expect(split.leaks().isEmpty)
        #expect(!split.others.contains { $0.concept.name == "Copy" })
    }

    @Test func theSameNumberGivesTheSameEpisode() throws {
        let source = LibraryEpisodes(TrainingFixtures.split(), profile: profile)
        let first = try source.episode(seed: 4, number: 9)
        let again = try source.episode(seed: 4, number: 9)
        let other = try source.episode(seed: 5, number: 9)
        #expect(first.goal == again.goal && first.question == again.question)
        #expect(Self.picture(first) == Self.picture(again))
        #expect(Self.picture(first) != Self.picture(other))
    }

    @Test func theMixtureIsRePICs() throws {
        let source = LibraryEpisodes(TrainingFixtures.split(), profile: profile)
        let episodes = try (0..<200).map { try source.episode(seed: 1, number: $0) }
        let counts = Dictionary(grouping: episodes, by: \.goal.task).mapValues(\.count)
        #expect((38...90).contains(counts[.names] ?? 0), "\(counts)")
        #expect((42...98).contains(counts[.box] ?? 0))
        #expect((42...98).contains(counts[.sameObject] ?? 0))
        let yes = episodes.count { $0.goal == .sameObject(isPresent: true) }
        let no = episodes.count { $0.goal == .sameObject(isPresent: false) }
        #expect(yes > 15 && no > 15)
        let scenes = episodes.compactMap { episode -> RewardScene? in
            if case .names(let scene) = episode.goal { scene } else { nil }
        }
        #expect(scenes.contains { $0.present.isEmpty })
        #expect(scenes.contains { $0.present.count > 1 })
        #expect(scenes.contains { !$0.absent.isEmpty })
        // Names are fresh, so a model cannot remember them.
        let names = scenes.flatMap(\.supplied)
        #expect(Set(names).count > names.count * 3 / 4)
        #expect(!names.contains { $0.hasPrefix("Target") || $0.hasPrefix("Other") })
    }

    @Test func ownNamesAreUsedAsOftenAsWanted() throws {
        var mixture = EpisodeMixture.captionsOnly
        mixture.ownNames = 1
        let source = LibraryEpisodes(
            TrainingFixtures.split(), profile: profile, mixture: mixture)
        for number in 0..<20 {
            guard case .names(let scene) = try source.episode(seed: 1, number: number).goal else {
                continue
            }
            #expect(scene.supplied.allSatisfy { $0.hasPrefix("Target") || $0.hasPrefix("Other") })
        }
    }

    /// Runs of earlier versions named fewer shares.
    @Test func aMixtureWithoutNewerSharesIsRead() throws {
        let old =
            #"{"captions":0.5,"several":0.1,"absent":0.2,"nobody":0,"strangers":0,"targets":1}"#
        let mixture = try JSONDecoder().decode(EpisodeMixture.self, from: Data(old.utf8))
        #expect(mixture.captions == 0.5 && mixture.targets == 1 && mixture.ownNames == 0)
        let again = try JSONDecoder().decode(
            EpisodeMixture.self, from: try JSONEncoder().encode(mixture))
        #expect(again == mixture)
    }

    /// The easier chat offers exactly those in view, with the same picture.
    @Test func theEasierQuestionOffersNobodyWhoIsAbsent() throws {
        let source = LibraryEpisodes(
            TrainingFixtures.split(), profile: profile, mixture: .captionsOnly)
        var (easier, same) = (0, 0)
        for number in 0..<40 {
            let episode = try source.episode(seed: 2, number: number)
            guard case .names(let scene) = episode.goal else { continue }
            guard let messages = episode.easier else {
                #expect(scene.absent.isEmpty)
                same += 1
                continue
            }
            easier += 1
            let text = messages.flatMap(\.parts).map { part in
                if case .text(let text) = part { text } else { "" }
            }.joined()
            for name in scene.absent { #expect(!text.contains(name), "\(name) in \(text)") }
            for name in scene.present { #expect(text.contains(name), "\(name) not in \(text)") }
        }
        #expect(easier > 5 && same > 5)
    }

    @Test func boxesLieInThePictureAndAnswersEarnTheirReward() throws {
        let source = LibraryEpisodes(TrainingFixtures.split(), profile: profile)
        let judge = EpisodeJudge()
        for number in 0..<80 {
            let episode = try source.episode(seed: 3, number: number)
            let query = try #require(Self.picture(episode))
            if case .box(let box, _) = episode.goal {
                #expect(box.count == 4 && box[0] >= 0 && box[2] <= query.width)
                #expect(box[1] >= 0 && box[3] <= query.height && box[0] < box[2])
            }
            let answer = episode.answer(seen: .same)
            let verdict = try judge.judge(answer, of: episode)
            #expect(verdict.reward == 1, "\(episode.goal) \(answer) \(verdict.reason)")
        }
    }

    @Test func heldOutScenesHaveRealNamesAndEmptyOnes() throws {
        let source = LibraryEpisodes(TrainingFixtures.split(), profile: profile)
        let scenes = try source.heldOut(count: 10, seed: 1).compactMap { episode -> RewardScene? in
            if case .names(let scene) = episode.goal { scene } else { nil }
        }
        #expect(scenes.count == 10)
        #expect(scenes.allSatisfy { $0.present.allSatisfy { $0.hasPrefix("Target") } })
        #expect(scenes.count { $0.present.isEmpty } == 2)
        #expect(scenes.contains { !$0.absent.isEmpty && !$0.present.isEmpty })
    }

    @Test func oneConceptAloneIsEnough() throws {
        let split = LibrarySplit(targets: [TrainingFixtures.concept("Solo")], others: [])
        let source = LibraryEpisodes(split, profile: profile)
        for number in 0..<40 { _ = try source.episode(seed: 1, number: number) }
        #expect(try source.heldOut(count: 6, seed: 1).count == 6)
    }

    @Test func questionsAreAboutTheScene() throws {
        let source = LibraryEpisodes(
            TrainingFixtures.split(), profile: profile, asksQuestions: true)
        let episode = try source.episode(seed: 1, number: 0)
        guard case .questions(let questions) = episode.goal else {
            Issue.record("not a question episode")
            return
        }
        #expect(questions.allSatisfy { $0.options.indices.contains($0.correct) })
        #expect(questions.count > 1)
    }

    private static func picture(_ episode: Episode) -> RGBImage? {
        episode.messages.flatMap(\.parts).compactMap { part -> RGBImage? in
            if case .image(let image) = part { image.pixels } else { nil }
        }.last
    }
}
