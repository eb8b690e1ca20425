/// The name score of RePIC's published scripts, bit for bit.
///
/// A caption is cut at white space and each token loses punctuation at both ends; a tag counts as
/// used when a token equals it with or without its brackets. Names of several words never match,
/// nor do possessives. Wrong names cost precision only where a wanted one is missing.
/// Source: oyt9306/RePIC, `evaluation/eval_multi_2_concept.py` (case-sensitive) and
/// `eval_multi_4_concept.py`, `eval_single_concept.py` (lower case).
public struct CompatNameScorer: Sendable {
    private typealias Scalars = PythonText.Scalars

    /// The tags of all rows, each once, in the order they appear.
    private let pool: [(tag: String, forms: Set<[Unicode.Scalar]>)]
    private let isCaseSensitive: Bool
    private static let punctuation = Set(".,!?;:()[]{}\"'-".unicodeScalars)
    private static let brackets: Set<Unicode.Scalar> = ["<", ">"]

    /// Collects the pool of names.
    ///
    /// - Parameters:
    ///   - tags: the tags of all rows of a file.
    ///   - isCaseSensitive: as the script for two concepts; the others lower-case first.
    public init(tags: [String], isCaseSensitive: Bool) {
        self.isCaseSensitive = isCaseSensitive
        var seen: Set<[Unicode.Scalar]> = []
        var pool: [(tag: String, forms: Set<[Unicode.Scalar]>)] = []
        for tag in tags {
            let folded = Self.fold(Scalars(tag.unicodeScalars), isCaseSensitive)
            guard seen.insert(folded).inserted else { continue }
            pool.append((tag, Self.forms(folded)))
        }
        self.pool = pool
    }

    /// Scores one caption.
    ///
    /// - Parameters:
    ///   - caption: the text, of which `</s>` is removed.
    ///   - tags: the wanted tags; one that stands there twice counts twice.
    public func outcome(caption: String, tags: [String]) -> NameOutcome {
        let text = Self.fold(PythonText.removing("</s>", from: caption), isCaseSensitive)
        let tokens = Set(
            PythonText.split(text).map { Array(PythonText.stripped($0, of: Self.punctuation)) })
        let wanted = tags.map {
            Self.forms(Self.fold(Scalars($0.unicodeScalars), isCaseSensitive))
        }
        let wrong = pool.filter { entry in
            !wanted.contains(entry.forms) && !tokens.isDisjoint(with: entry.forms)
        }
        let isUsed = wanted.map { !tokens.isDisjoint(with: $0) }
        let right = zip(tags, isUsed).filter(\.1).map(\.0)
        let missed = zip(tags, isUsed).filter { !$0.1 }.map(\.0)
        return NameOutcome(
            right: right, missed: missed, wrong: wrong.map(\.tag),
            judged: right.count + (wrong.isEmpty ? 0 : missed.count))
    }

    /// Whether no caption can ever use this tag by the rule, because it holds white space.
    public static func isUnreachable(_ tag: String) -> Bool {
        PythonText.split(Scalars(tag.unicodeScalars)).count > 1
    }

    /// The two forms in which a tag is looked for: as written and without brackets.
    private static func forms(_ tag: Scalars) -> Set<[Unicode.Scalar]> {
        [tag, Array(PythonText.stripped(tag[...], of: brackets))]
    }

    private static func fold(_ text: Scalars, _ isCaseSensitive: Bool) -> Scalars {
        isCaseSensitive ? text : PythonText.lowercased(text)
    }
}
