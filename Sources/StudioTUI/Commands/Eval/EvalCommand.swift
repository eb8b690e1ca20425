import ArgumentParser

/// `studio eval`: scores.
struct EvalCommand: StudioCommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure how well captions name who is in the picture.",
        subcommands: [EvalNames.self, EvalPersonal.self, EvalPrism.self, EvalCompare.self])
}
