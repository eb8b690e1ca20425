import ArgumentParser
import ConceptDB

/// Ways to sort concepts on the command line.
enum ConceptOrder: String, CaseIterable, ExpressibleByArgument {
    case name, created, updated

    var order: ConceptQuery.Order {
        switch self {
        case .name: .name
        case .created: .created
        case .updated: .updated
        }
    }
}

/// `studio concept list`.
struct ConceptList: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the concepts, or those in the trash.")

    @Option(name: .customLong("tag"), help: "Only concepts with this tag; may be repeated.")
    var tags: [String] = []

    @Option(help: "Only concepts of this category.")
    var category: String?

    @Option(help: "Sort by name, created or updated.")
    var sort = ConceptOrder.name

    @Flag(help: "Reverse the order.")
    var reverse = false

    @Option(help: "Print at most this many.")
    var limit: Int?

    @Flag(help: "List the trash instead.")
    var trash = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit must not be negative.") }
    }

    func run(_ session: Session) throws {
        let query = ConceptQuery(
            tags: tags, category: category, order: sort.order, descending: reverse, inTrash: trash,
            limit: limit)
        try ConceptList.print(query, session: session, empty: trash ? Self.noTrash : Self.none)
    }

    private static let none = "no concepts yet; add one with 'studio concept add NAME IMAGE'"
    private static let noTrash = "the trash is empty"

    /// Prints what a query finds, or the sentence for nothing.
    static func print(_ query: ConceptQuery, session: Session, empty: String) throws {
        let page = try session.store().concepts(query)
        if session.options.json {
            try session.printJSON(ConceptsDocument(concepts: page.concepts, total: page.total))
            return
        }
        if page.concepts.isEmpty { session.note(empty) }
        session.console.write(ConceptTable.text(page.concepts, session: session))
        if page.concepts.count < page.total {
            session.note("\(page.total - page.concepts.count) more; raise --limit to see them")
        }
    }

}
