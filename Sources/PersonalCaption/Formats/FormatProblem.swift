/// Something in a file from outside that had to be guessed, repaired or left out.
public typealias FormatProblem = RAPProblem

/// Collects problems up to a number, so that a hostile file cannot fill the memory with them.
struct ProblemList {
    private(set) var problems: [FormatProblem] = []
    private var hidden = 0
    private static let most = 10_000

    /// Notes one problem; the item is kept on one line.
    mutating func note(_ item: String, _ reason: String) {
        guard problems.count < Self.most else {
            hidden += 1
            return
        }
        problems.append(FormatProblem(item: PromptName.oneLine(item), reason: reason))
    }

    /// The problems, with a last one that counts those that are not listed.
    var all: [FormatProblem] {
        guard hidden > 0 else { return problems }
        return problems + [
            FormatProblem(item: "and", reason: "\(hidden) problems more, which are not listed")
        ]
    }
}
