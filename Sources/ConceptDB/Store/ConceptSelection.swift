import GRDB

/// The SQL of a `ConceptQuery`.
struct ConceptSelection {
    private let query: ConceptQuery
    private let terms: [String]
    private let usesWords: Bool
    private var conditions: [String] = []
    private var arguments = StatementArguments()

    /// - Parameter words: match beginnings of words, ranked; otherwise any part of the text.
    init(_ query: ConceptQuery, words: Bool) {
        self.query = query
        terms = SearchIndex.terms(query.text)
        usesWords = words && !terms.isEmpty
        addTextConditions()
        conditions.append("concept.trashedAt IS \(query.inTrash ? "NOT NULL" : "NULL")")
        addFilters()
    }

    /// The ways to search for a text, in the order to try them until one finds something.
    ///
    /// Words come first, unless they would miss what was asked: they find nothing inside runs of
    /// unspaced script, and take `c++` for any word with a `c` in front.
    static func attempts(_ query: ConceptQuery) -> [ConceptSelection] {
        let words = ConceptSelection(query, words: true)
        guard !words.terms.isEmpty else { return [words] }
        let parts = ConceptSelection(query, words: false)
        let isPlain = words.terms.allSatisfy { term in
            term.allSatisfy { $0.isLetter || $0.isNumber } && !term.hasScriptWithoutSpaces
        }
        return isPlain ? [words, parts] : [parts, words]
    }

    func total(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) \(source)", arguments: arguments) ?? 0
    }

    func concepts(_ db: Database) throws -> [Concept] {
        var all = arguments
        let order = order(&all)
        all += [query.limit ?? -1, max(0, query.offset)]
        return try ConceptRows.fetch(
            db, "SELECT \(ConceptRows.columns) \(source) ORDER BY \(order) LIMIT ? OFFSET ?", all)
    }

    private var source: String {
        let tables =
            if usesWords {
                "concept_words JOIN concept ON concept.id = concept_words.rowid"
            } else if terms.isEmpty {
                "concept"
            } else {
                "concept_text JOIN concept ON concept.id = concept_text.conceptID"
            }
        return "FROM \(tables) WHERE " + conditions.joined(separator: " AND ")
    }

    private mutating func addTextConditions() {
        if usesWords {
            conditions.append("concept_words MATCH ?")
            arguments += [SearchIndex.pattern(terms)]
        } else {
            for term in terms {
                conditions.append("instr(concept_text.folded, ?) > 0")
                arguments += [term]
            }
        }
    }

    private mutating func addFilters() {
        if let category = query.category {
            conditions.append("concept.categoryKey = ?")
            arguments += [category.trimmingSpaces.caseFolded]
        }
        for tag in query.tags {
            conditions.append(
                "EXISTS (SELECT 1 FROM concept_tag WHERE conceptID = concept.id AND tag = ?)")
            // A tag that no concept can have finds none.
            arguments += [(try? TextField.checkedTags([tag]))?.first ?? ""]
        }
    }

    private func order(_ arguments: inout StatementArguments) -> String {
        let direction = query.descending ? "DESC" : "ASC"
        switch query.order ?? (terms.isEmpty ? .name : .relevance) {
        case .created: return "concept.createdAt \(direction), concept.id \(direction)"
        case .updated: return "concept.updatedAt \(direction), concept.id \(direction)"
        case .relevance where !terms.isEmpty:
            let best = query.descending ? ("ASC", "DESC") : ("DESC", "ASC")
            let whole = terms.joined(separator: " ")
            arguments += [whole, whole]
            // The name itself first, then names that begin so, then what the words say.
            let rank = usesWords ? "bm25(concept_words, 10, 3, 1, 4) \(best.1), " : ""
            return """
                concept.sortKey = ? \(best.0), instr(concept.sortKey, ?) = 1 \(best.0), \
                \(rank)concept.sortKey \(best.1), concept.id \(best.1)
                """
        case .name, .relevance: return "concept.sortKey \(direction), concept.id \(direction)"
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
