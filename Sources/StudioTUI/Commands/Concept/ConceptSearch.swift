import ArgumentParser
import ConceptDB

/// `studio concept search TEXT`.
struct ConceptSearch: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find concepts by words of their name, category, info or tags.")

    @Argument(help: "Words to find; beginnings of words are enough.")
    var words: [String]

    @Option(help: "Print at most this many.")
    var limit = 50

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit must not be negative.") }
    }

    func run(_ session: Session) throws {
        let query = ConceptQuery(
            text: words.joined(separator: " "), order: .relevance, limit: limit)
        try ConceptList.print(query, session: session, empty: "nothing found")
    }
}
