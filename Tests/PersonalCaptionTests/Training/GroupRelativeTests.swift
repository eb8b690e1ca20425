import Foundation
import Testing
@testable import VLMRuntime

@testable import PersonalCaption

struct GroupRelativeTests {
    private let options = GroupRelativeOptions()

    private func expectClose(
        _ found: [Float], _ expected: [Float], _ tolerance: Float = 1e-4,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(found.count == expected.count, sourceLocation: sourceLocation)
        for (a, b) in zip(found, expected) {
            #expect(abs(a - b) <= tolerance, "\(a) \(b)", sourceLocation: sourceLocation)
        }
    }

    /// The vectors of the reference notes, section 8.1.
    @Test func advantagesAreThoseOfThePublishedTrainer() {
        let binary = options.advantages([1, 0, 0, 0, 1, 0, 0, 0])
        expectClose(
            binary,
            [1.61984, -0.53995, -0.53995, -0.53995, 1.61984, -0.53995, -0.53995, -0.53995], 1e-5)
        let graded = options.advantages([1, 2.0 / 3, 1.0 / 3, 0, 1, 1, 0, 2.0 / 3])
        expectClose(
            graded, [0.97501, 0.19500, -0.58501, -1.36501, 0.97501, 0.97501, -1.36501, 0.19500],
            1e-5)
        #expect(options.advantages([0.5, 0.5, 0.5]) == [0, 0, 0])
        #expect(options.advantages([1]) == [0])
        var plain = options
        plain.advantageScale = .none
        expectClose(plain.advantages([1, 0, 0, 0]), [0.75, -0.25, -0.25, -0.25])
    }

    @Test func theDivergenceIsTheK3Estimate() {
        for (gap, expected) in [(Float(0.3), Float(0.049859)), (-0.3, 0.040818), (0, 0)] {
            let token = options.tokenLoss(
                current: -1, old: -1, reference: -1 + gap, advantage: 0)
            #expect(abs(token.divergence - expected) < 1e-6)
            #expect(abs(token.loss - 0.04 * expected) < 1e-6)
        }
    }

    /// The ratio's slope against central differences, on both sides of the clip.
    @Test(arguments: [Float(1.5), -0.8, 0])
    func theSlopeIsTheLosssSlope(advantage: Float) {
        for current in stride(from: Float(-1.5), through: -0.5, by: 0.07) {
            func loss(_ p: Float) -> Float {
                options.tokenLoss(current: p, old: -1, reference: -0.7, advantage: advantage).loss
            }
            let token = options.tokenLoss(
                current: current, old: -1, reference: -0.7, advantage: advantage)
            let slope = (loss(current + 1e-3) - loss(current - 1e-3)) / 2e-3
            #expect(abs(slope - token.slope) < 2e-3, "at \(current)")
        }
    }

    @Test func weightsFollowTheReduction() {
        var options = options
        options.groupSize = 2
        options.maximumTokens = 12
        func weight(_ reduction: LossReduction) -> Float {
            options.reduction = reduction
            return options.tokenWeight(length: 7, groupTokens: 19, stepTokens: 50, groups: 3)
        }
        #expect(weight(.grpo) == Float(1) / 42)
        #expect(weight(.bnpo) == Float(1) / 57)
        #expect(weight(.dapo) == Float(1) / 50)
        #expect(weight(.drGRPO) == Float(1) / 72)
    }
}

/// GRPO on the tiny model against PyTorch's numbers.
struct GoldenGRPOTests {
    private let model: VisionLanguageModel
    private let adapter: Adapter
    private let prompt: ReadyPrompt
    private let tensors: [String: Tensor]
    private let rollouts: [Rollout]
    private let lengths = [12, 7]

    init() throws {
        let folder = Fixtures.golden
        model = try VisionLanguageModel.load(folder: folder.appendingPathComponent("ckpt-new"))
        adapter = try Adapter(folder: folder.appendingPathComponent("adapter"), for: model)
        tensors = try Safetensors(
            path: folder.appendingPathComponent("golden_train.safetensors").path
        ).tensors
        prompt = try model.ready(try Fixtures.goldenConversation())
        let ids = try #require(tensors["grpo.completion_ids"]).integers().map(Int32.init)
        rollouts = [
            Rollout(ids: Array(ids[0..<12]), text: "", finishReason: .length),
            Rollout(ids: Array(ids[12..<19]), text: "", finishReason: .stop),
        ]
    }

    /// A golden `[2, 12]` tensor without the tokens that are masked out.
    private func rows(_ name: String) throws -> [[Float]] {
        let values = try #require(tensors[name]).floats()
        return [Array(values[0..<12]), Array(values[12..<19])]
    }

    private func value(_ name: String) throws -> Float {
        let tensor = try #require(tensors[name])
        return try #require(tensor.floats().first)
    }

    @Test func logProbabilitiesLossesAndEveryGradientArePyTorchs() throws {
        let policy = AdapterPolicy(
            trainer: try AdapterTrainer(model: model, adapter: adapter, options: .init()),
            sampling: SamplingOptions(temperature: 1))
        let reference = try policy.referenceLogProbabilities(prompt, rollouts)
        for (found, expected) in zip(reference, try rows("grpo.ref_logps")) {
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-3 * max(1, abs($1)) })
        }
        var options = GroupRelativeOptions(groupSize: 2, groupsPerStep: 1)
        options.maximumTokens = 12
        let rewards = try #require(tensors["grpo.rewards"]).floats()
        let advantages = options.advantages(rewards)
        let goldenAdvantages = try #require(tensors["grpo.advantages"]).floats()
        #expect(zip(advantages, goldenAdvantages).allSatisfy { abs($0 - $1) < 1e-5 })
        let (old, current) = (try rows("grpo.old_logps"), try rows("grpo.logps"))
        let (losses, divergences) = (
            try rows("grpo.per_token_loss"), try rows("grpo.per_token_kl")
        )
        var trainer = policy.trainer
        for reduction in [LossReduction.bnpo, .drGRPO, .grpo] {
            options.reduction = reduction
            trainer.discardGradient()
            var loss: Float = 0
            let sequence = TrainingSequence(prompt: prompt, continuations: rollouts.map(\.ids))
            try trainer.accumulate(sequence) { values in
                values.indices.map { answer in
                    values[answer].indices.map { token in
                        let now = values[answer][token]
                        #expect(abs(now - current[answer][token]) < 1e-3 * max(1, abs(now)))
                        let result = options.tokenLoss(
                            current: now, old: old[answer][token],
                            reference: reference[answer][token], advantage: advantages[answer])
                        let (l, d) = (losses[answer][token], divergences[answer][token])
                        #expect(abs(result.loss - l) < 1e-3 * max(1, abs(l)))
                        #expect(abs(result.divergence - d) < 1e-3 * max(1, d))
                        let weight = options.tokenWeight(
                            length: lengths[answer], groupTokens: 19, stepTokens: 19, groups: 1)
                        loss += weight * result.loss
                        return weight * result.slope
                    }
                }
            }
            let expected = try value("grpo.loss_" + reduction.rawValue)
            #expect(abs(loss - expected) < 1e-3 * max(1, abs(expected)), "\(reduction)")
        }
        let gradient = trainer.collectedGradient.values
        for slot in adapter.slots {
            for (half, range) in [
                ("lora_A", slot.offset..<slot.offsetOfB), ("lora_B", slot.offsetOfB..<slot.end),
            ] {
                let name = "grpo.grad.model.language_model.\(slot.module).\(half).weight"
                let expected = try #require(tensors[name]).floats()
                let scale = expected.map(abs).max() ?? 0
                let difference = zip(gradient[range], expected).map { abs($0 - $1) }.max() ?? 1
                #expect(difference <= 1e-3 * scale && scale > 0, "\(name): \(difference)")
            }
        }
    }

    /// One-token answers with one right token: the chance of it must go to 1, and the same seed
    /// must give the same run to the last bit.
    @Test func aBanditWithOneRightAnswerIsSolved() throws {
        func run(seed: UInt64) throws -> (adapter: Adapter, flat: Int) {
            let plan = AdapterPlan(rank: 4, alpha: 8, targets: [.value, .down])
            let trainer = try AdapterTrainer(
                model: model, adapter: Adapter(plan, for: model, seed: 9),
                options: OptimizerOptions(learningRate: 2e-2, schedule: .constant))
            var policy = AdapterPolicy(
                trainer: trainer, sampling: SamplingOptions(temperature: 1, maxNewTokens: 1))
            var random = RandomSource(seed: seed)
            let grpo = GRPO(
                GroupRelativeOptions(
                    groupSize: 16, groupsPerStep: 1, divergenceWeight: 0, maximumTokens: 1,
                    resampleLimit: 2))
            var flat = 0
            for _ in 0..<30 {
                let step = try grpo.step(&policy, random: &random, nextPrompt: { prompt }) {
                    _, rollouts in rollouts.map { Self.isRight($0) ? 1 : 0 }
                }
                flat += step.flatGroups
            }
            return (policy.trainer.adapter, flat)
        }
        let first = try run(seed: 1)
        let after = try model.adapted(by: first.adapter).rollouts(
            after: prompt, count: 200,
            options: SamplingOptions(temperature: 1, seed: 77, maxNewTokens: 1))
        let before = try model.rollouts(
            after: prompt, count: 200,
            options: SamplingOptions(temperature: 1, seed: 77, maxNewTokens: 1))
        let (rightBefore, rightAfter) = (
            before.count(where: Self.isRight), after.count(where: Self.isRight)
        )
        #expect(rightBefore < 140 && rightAfter > 190, "\(rightBefore) → \(rightAfter) of 200")
        #expect(try run(seed: 1).adapter.fingerprint() == first.adapter.fingerprint())
        #expect(try run(seed: 2).adapter.fingerprint() != first.adapter.fingerprint())
    }

    /// An even token is a right answer: about half of them are at first.
    private static func isRight(_ rollout: Rollout) -> Bool { (rollout.ids.first ?? 1) % 2 == 0 }
}

/// A policy that is a row of logits: the loop itself, without a network.
private struct TablePolicy: TrainablePolicy {
    var logits: [Double]
    let base: [Double]
    var collected: [Double]
    var rate = 0.5
    var updates = 0
    var momentum: [Double]

    init(_ logits: [Double]) {
        self.logits = logits
        base = logits
        collected = logits.map { _ in 0 }
        momentum = collected
    }

    static func softmax(_ logits: [Double]) -> [Double] {
        let total = logits.reduce(0) { $0 + exp($1) }
        return logits.map { exp($0) / total }
    }

    var probabilities: [Double] { Self.softmax(logits) }

    func rollouts(_ prompt: Void, count: Int, seed: UInt64) -> [Rollout] {
        var random = RandomSource(seed: seed)
        return (0..<count).map { _ in
            var rest = random.nextUnit()
            let arm =
                probabilities.firstIndex {
                    rest -= $0; return rest < 0
                } ?? 0
            return Rollout(ids: [Int32(arm)], text: "", finishReason: .stop)
        }
    }

    private func values(_ logits: [Double], _ rollouts: [Rollout]) -> [[Float]] {
        let table = Self.softmax(logits)
        return rollouts.map { [Float(log(table[Int($0.ids[0])]))] }
    }

    func referenceLogProbabilities(_ prompt: Void, _ rollouts: [Rollout]) -> [[Float]] {
        values(base, rollouts)
    }

    mutating func accumulate(
        _ prompt: Void, _ rollouts: [Rollout], slopes: ([[Float]]) throws -> [[Float]]
    ) throws {
        let table = probabilities
        for (rollout, slope) in zip(rollouts, try slopes(values(logits, rollouts))) {
            for arm in table.indices {
                let hit = Double(arm == Int(rollout.ids[0]) ? 1 : 0)
                collected[arm] += Double(slope[0]) * (hit - table[arm])
            }
        }
    }

    mutating func update() -> TrainingUpdate {
        for arm in logits.indices { logits[arm] -= rate * collected[arm] }
        collected = collected.map { _ in 0 }
        updates += 1
        return TrainingUpdate(step: updates, learningRate: rate, gradientNorm: 0)
    }
}

struct BanditTests {
    private func run(
        _ options: GroupRelativeOptions, steps: Int, rewards: [Float], seed: UInt64 = 3,
        rate: Double = 0.5
    ) throws -> (policy: TablePolicy, steps: [GRPOStep<Void>]) {
        var policy = TablePolicy([0, 0.5, 1])
        policy.rate = rate
        var random = RandomSource(seed: seed)
        let grpo = GRPO(options)
        let done = try (0..<steps).map { _ in
            try grpo.step(&policy, random: &random, nextPrompt: {}) { _, rollouts in
                rollouts.map { rewards[Int($0.ids[0])] }
            }
        }
        return (policy, done)
    }

    @Test(arguments: LossReduction.allCases)
    func withoutALeashTheBestArmWins(reduction: LossReduction) throws {
        let options = GroupRelativeOptions(
            groupSize: 8, groupsPerStep: 2, divergenceWeight: 0, reduction: reduction,
            maximumTokens: 1)
        let result = try run(options, steps: 300, rewards: [1, 0.4, 0])
        #expect(result.policy.probabilities[0] > 0.97)
        #expect(result.policy.updates == 300)
        #expect(result.steps.last?.flatGroups ?? 0 > 0, "a solved task has no differences left")
    }

    /// With rewards unscaled, the expected gradient vanishes where r_a + β·ref_a/p_a is the same
    /// for all arms: the leash pulls towards the base model, and by how much can be computed.
    @Test func withALeashTheOptimumIsTheComputedOne() throws {
        let beta = 0.5
        let rewards: [Float] = [1, 0.4, 0]
        var options = GroupRelativeOptions(
            groupSize: 8, groupsPerStep: 8, divergenceWeight: Float(beta), advantageScale: .none,
            reduction: .grpo, maximumTokens: 1, resampleLimit: 0)
        options.clipLow = 0.2
        let base = TablePolicy.softmax([0, 0.5, 1])
        // p_a = β ref_a / (λ - r_a); λ by bisection so that they add up to 1. The group's own mean
        // takes 1/G of every reward away.
        let scaled = rewards.map { Double($0) * 7 / 8 }
        var (low, high) = ((scaled.max() ?? 0) + 1e-9, 100.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            let sum = zip(base, scaled).reduce(0) { $0 + beta * $1.0 / (middle - $1.1) }
            if sum > 1 { low = middle } else { high = middle }
        }
        let optimum = zip(base, scaled).map { beta * $0 / (low - $1) }
        let result = try run(options, steps: 1500, rewards: rewards)
        // The last steps still wander: compare their mean.
        var policy = result.policy
        var random = RandomSource(seed: 8)
        var mean = [0.0, 0, 0]
        for _ in 0..<1500 {
            _ = try GRPO(options).step(&policy, random: &random, nextPrompt: {}) { _, rollouts in
                rollouts.map { rewards[Int($0.ids[0])] }
            }
            mean = zip(mean, policy.probabilities).map { $0 + $1 / 1500 }
        }
        for (found, expected) in zip(mean, optimum) {
            #expect(abs(found - expected) < 0.03, "\(mean) against \(optimum)")
        }
        #expect(abs(optimum[0] - base[0]) > 0.15, "the optimum is not the start")
    }

    @Test func equalRewardsAreCountedAndDrawnAgain() throws {
        var options = GroupRelativeOptions(groupSize: 4, groupsPerStep: 2, divergenceWeight: 0)
        options.resampleLimit = 3
        var policy = TablePolicy([0, 0, 0])
        var random = RandomSource(seed: 1)
        var drawn = 0
        let step = try GRPO(options).step(&policy, random: &random, nextPrompt: { drawn += 1 }) {
            _, rollouts in rollouts.map { _ in 1 }
        }
        #expect(drawn == 5)
        #expect(step.flatGroups == 5)
        #expect(step.groups.count == 2 && step.groups.allSatisfy(\.isFlat))
        #expect(policy.logits == [0, 0, 0], "nothing to learn")
    }

    /// A right answer that the policy would hardly ever find is learnt from when it is put there.
    @Test func anAnswerPutIntoTheGroupIsLearntFrom() throws {
        let options = GroupRelativeOptions(
            groupSize: 4, groupsPerStep: 1, divergenceWeight: 0, maximumTokens: 1, resampleLimit: 0)
        func run(shows: Bool) throws -> Double {
            var policy = TablePolicy([-15, 1, 1])
            var random = RandomSource(seed: 5)
            for _ in 0..<200 {
                _ = try GRPO(options).step(&policy, random: &random, nextPrompt: {}) {
                    _, rollouts in
                    if shows {
                        rollouts[0] = Rollout(ids: [0], text: "", finishReason: .stop)
                    }
                    return rollouts.map { $0.ids == [0] ? 1 : 0 }
                }
            }
            return policy.probabilities[0]
        }
        #expect(try run(shows: false) < 1e-5)
        #expect(try run(shows: true) > 0.5)
    }

    @Test func answersCutOffCanBeLeftOut() throws {
        var options = GroupRelativeOptions(groupSize: 2, groupsPerStep: 1, divergenceWeight: 0)
        options.masksTruncated = true
        var policy = TablePolicy([0, 0, 0])
        let group = RolloutGroup(
            prompt: (),
            rollouts: [
                Rollout(ids: [0], text: "", finishReason: .length),
                Rollout(ids: [1], text: "", finishReason: .stop),
            ], rewards: [1, 0], advantages: [1, -1])
        _ = try GRPO(options).learn(&policy, [group], flatGroups: 0)
        #expect(policy.logits[1] < 0 && policy.logits[0] == policy.logits[2])
    }

    /// Several updates from one set of answers: the clip ends what would otherwise go on and on.
    @Test func laterIterationsAreClipped() throws {
        func ratio(clip: Float) throws -> (ratio: Double, share: Float) {
            let options = GroupRelativeOptions(
                groupSize: 8, groupsPerStep: 1, iterations: 100, clipLow: clip, clipHigh: clip,
                divergenceWeight: 0, resampleLimit: 50)
            let result = try run(options, steps: 1, rewards: [1, 0, 0], rate: 0.1)
            #expect(result.policy.updates == 100)
            let start = TablePolicy([0, 0.5, 1]).probabilities[0]
            return (result.policy.probabilities[0] / start, result.steps[0].clippedShare)
        }
        let clipped = try ratio(clip: 0.2)
        let free = try ratio(clip: 1e6)
        // No arm moves further than a fifth by its own gradient; the others' fall may add to it.
        #expect(clipped.ratio > 1.2 && clipped.ratio < 1.9, "\(clipped)")
        #expect(free.ratio > 2 * clipped.ratio && free.share == 0, "\(free)")
        #expect(clipped.share > 0.3)
    }

    @Test func theSameSeedGivesTheSameRun() throws {
        let options = GroupRelativeOptions(groupSize: 4)
        let first = try run(options, steps: 20, rewards: [1, 0.4, 0], seed: 5).policy.logits
        #expect(try run(options, steps: 20, rewards: [1, 0.4, 0], seed: 5).policy.logits == first)
        #expect(try run(options, steps: 20, rewards: [1, 0.4, 0], seed: 6).policy.logits != first)
    }
}
