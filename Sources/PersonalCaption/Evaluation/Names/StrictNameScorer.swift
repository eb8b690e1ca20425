/// The corrected name score: normalised word sequences, as sets.
///
/// A name counts as used by the rule of ``NameCheck``; a name of the pool that is not wanted costs
/// precision. Names in brackets that are not in the pool are reported, but not counted.
public struct StrictNameScorer: Sendable {
    private let check: NameCheck

    /// Collects the pool of names.
    ///
    /// - Parameter tags: the tags of all rows of a file; those that read alike are one name.
    public init(tags: [String]) {
        check = NameCheck(supplied: Set(tags).sorted())
    }

    /// Scores one caption.
    ///
    /// - Parameter tags: the wanted tags; those that read alike count once.
    public func outcome(caption: String, tags: [String]) -> NameOutcome {
        let report = check.report(on: caption)
        var seen: Set<NameKey> = []
        let wanted = tags.filter { seen.insert(NameKey($0)).inserted }
        let used = Set(report.named.map(NameKey.init))
        let right = wanted.filter { used.contains(NameKey($0)) }
        var counted = seen
        let wrong = report.named.filter { counted.insert(NameKey($0)).inserted }
        return NameOutcome(
            right: right, missed: wanted.filter { !used.contains(NameKey($0)) }, wrong: wrong,
            invented: report.absent, judged: right.count + wrong.count)
    }
}
