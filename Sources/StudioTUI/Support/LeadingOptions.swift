import ArgumentParser

/// Options that stand before the subcommand: `studio --home DIR concept list`.
///
/// The parser would give them to the app, which does not run then; so they go to the subcommand.
enum LeadingOptions {
    private static let flags: Set<String> = ["--json", "--quiet", "-q", "--no-color"]

    /// The arguments with the leading common options behind the subcommand's own.
    static func moved(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var leading: [String] = []
        while let word = rest.first {
            if flags.contains(word) || word.hasPrefix("--home=") {
                leading.append(rest.removeFirst())
            } else if word == "--home", rest.count > 1 {
                leading += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        let names = Studio.configuration.subcommands.map { $0._commandName }
        guard !leading.isEmpty, let word = rest.first, names.contains(word) else {
            return arguments
        }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return rest[..<end] + leading + rest[end...]
    }
}
