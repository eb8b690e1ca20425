import ArgumentParser
import VLMRuntime

/// What `studio model bench --train` measures.
struct TrainingBenchArguments: ParsableArguments {
    @Flag(help: "Measure training an adapter instead, and the rollouts it learns from.")
    var train = false

    @Option(help: "With --train: rank of the pairs.")
    var rank = 64

    @Option(help: "With --train: tokens that go through the network.")
    var tokens = 384

    @Option(help: "With --train: how many of them are scored, the last ones; default: all.")
    var scored: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "With --train: linears that get a pair (q_proj … down_proj); default: all seven.",
            valueName: "name"))
    var targets: [String] = []

    @Option(help: "With --train: tokens of each rollout; 0 leaves rollouts out.")
    var rolloutTokens = 0

    @Option(
        help: ArgumentHelp(
            "With --train: activations kept instead of computed again; default: the trainer's own "
                + "choice.", valueName: "MiB"))
    var keep: Int?

    func validate() throws {
        guard (1...1024).contains(rank) else { throw ValidationError("--rank takes 1 to 1024.") }
        guard (1...32_768).contains(tokens), (1...tokens).contains(scored ?? tokens) else {
            throw ValidationError("--tokens takes 1 to 32768, --scored at most as many.")
        }
        guard (0...4096).contains(rolloutTokens) else {
            throw ValidationError("--rollout-tokens takes 0 to 4096.")
        }
        if let keep, !(0...1 << 20).contains(keep) {
            throw ValidationError("--keep takes 0 to 1048576 MiB.")
        }
        for name in targets where AdapterTarget(rawValue: name) == nil {
            let known = AdapterTarget.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--targets takes \(known).")
        }
    }

    func benchmark(promptTokens: Int, group: Int, repeats: Int) -> TrainingBenchmark {
        let chosen = targets.compactMap(AdapterTarget.init)
        return TrainingBenchmark(
            plan: AdapterPlan(
                rank: rank, alpha: 2 * Double(rank),
                targets: chosen.isEmpty ? AdapterTarget.allCases : chosen),
            tokens: tokens, scoredTokens: scored ?? tokens, rolloutTokens: rolloutTokens,
            rolloutPrompt: promptTokens, group: group, repeats: repeats,
            tapeBudget: keep.map { $0 << 20 })
    }
}
