/// Decides which concepts a caption names, by the strict rule.
///
/// Text is compatibility-composed and case-folded; a name counts where its words stand in a row on
/// word boundaries, bare or as `<name>`, with or without a possessive. Where one known name
/// contains another, the longest counts. Between brackets the whole content must be a name (or
/// names joined by "and"), so `<Max Junior>` does not name Max. Boundaries follow the script: Han,
/// kana and Thai need none, Korean names may carry particles. Hebrew and Arabic prefixes that are
/// written together with a name hide it.
public struct NameCheck: Sendable {
    private let supplied: [String]
    private let matcher: NameMatcher

    /// Prepares the check; its cost grows with the number of names, that of `report` hardly does.
    ///
    /// - Parameters:
    ///   - supplied: names of the concepts the caption was given.
    ///   - library: further known names, which the caption should not use; may include `supplied`.
    public init(supplied: [String], library: [String] = []) {
        self.supplied = supplied
        var seen: Set<NameKey> = []
        var patterns: [NameMatcher.Pattern] = []
        let names = supplied.map { ($0, true) } + library.map { ($0, false) }
        for (name, isSupplied) in names where !PromptName.shown(name).isEmpty {
            let key = NameKey(name)
            guard seen.insert(key).inserted else { continue }
            patterns.append(
                .init(
                    name: name, isSupplied: isSupplied,
                    tokens: NameToken.split(PromptName.shown(name)), key: key))
        }
        matcher = NameMatcher(patterns)
    }

    /// The names a caption uses, and where.
    public func report(on caption: String) -> NameReport {
        let characters = caption.map(FoldedCharacter.init)
        let positions = Array(caption.indices) + [caption.endIndex]
        func text(_ range: Range<Int>) -> Range<String.Index> {
            positions[range.lowerBound]..<positions[range.upperBound]
        }
        var mentions: [NameMention] = []
        var closingTags: [String] = []
        for segment in BracketScanner.segments(characters) {
            switch segment.kind {
            case .closingTag: closingTags.append(String(caption[text(segment.range)]))
            case .plain:
                let tokens = NameToken.split(characters, in: segment.range)
                mentions += matcher.matches(in: tokens).map {
                    NameMention($0, range: text($0.range), isBracketed: false)
                }
            case .name:
                let content = String(caption[text(segment.range)])
                let inside = bracketed(
                    content, NameToken.split(characters, in: segment.range), segment.range)
                mentions += inside.map { mention in
                    mention.match.map {
                        NameMention($0, range: text(mention.range), isBracketed: true)
                    }
                        ?? NameMention(
                            name: PromptName.oneLine(content), kind: .invented,
                            range: text(mention.range), isBracketed: true)
                }
            }
        }
        return summary(mentions, closingTags: closingTags)
    }

    /// What stands between brackets: one whole name, several names joined by "and", or an invention.
    private func bracketed(
        _ content: String, _ tokens: [NameToken], _ range: Range<Int>
    ) -> [(match: NameMatcher.Pattern?, range: Range<Int>)] {
        if let pattern = matcher.pattern(for: NameKey(content)) { return [(pattern, range)] }
        let matches = matcher.matches(in: tokens)
        let covered = Set(matches.flatMap(\.tokens))
        let areJoined = tokens.indices.allSatisfy {
            covered.contains($0) || Self.connectors.contains(tokens[$0].text)
        }
        guard !matches.isEmpty, areJoined else { return [(nil, range)] }
        return matches.map { ($0.pattern, $0.range) }
    }

    private static let connectors: Set<String> = ["and", "or", "with", "&", "et", "und", "y", "e"]

    private func summary(_ mentions: [NameMention], closingTags: [String]) -> NameReport {
        let used = Set(mentions.filter { $0.kind == .supplied }.map { NameKey($0.name) })
        let strangers = mentions.filter { $0.kind != .supplied }
        return NameReport(
            named: supplied.filter { used.contains(NameKey($0)) },
            unnamed: supplied.filter { !used.contains(NameKey($0)) },
            absent: Self.once(strangers.filter(\.isBracketed).map(\.name)),
            unsupplied: Self.once(strangers.filter { $0.kind == .library }.map(\.name)),
            mentions: mentions, closingTags: closingTags)
    }

    private static func once(_ names: [String]) -> [String] {
        var seen: Set<NameKey> = []
        return names.filter { seen.insert(NameKey($0)).inserted }
    }
}

extension NameMention {
    fileprivate init(
        _ pattern: NameMatcher.Pattern, range: Range<String.Index>, isBracketed: Bool
    ) {
        self.init(
            name: pattern.name, kind: pattern.isSupplied ? .supplied : .library, range: range,
            isBracketed: isBracketed)
    }

    fileprivate init(
        _ match: NameMatcher.Match, range: Range<String.Index>, isBracketed: Bool
    ) {
        self.init(match.pattern, range: range, isBracketed: isBracketed)
    }
}
