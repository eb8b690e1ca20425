import ConceptDB
import Foundation
import TerminalUI

/// A comparison as a document to keep or send.
enum CompareMarkdown {
    static func text(_ pair: ComparePair, votes: CompareVotes) -> String {
        var lines = ["# Two captions compared", ""]
        lines += pictures(pair)
        if let warning = pair.warning { lines += ["**Note:** \(warning).", ""] }
        for side in CompareSide.allCases {
            lines += ["## \(side == .left ? "Left" : "Right")", ""]
            lines += ["> " + escaped(pair[side].record.caption, newline: "\n> "), ""]
        }
        lines += ["## Differences", "", differences(pair.diff), ""]
        lines += ["## Figures", "", "| | left | right |", "|---|---|---|"]
        lines += pair.facts.map { fact in
            "| \(escaped(fact.label)) | \(escaped(fact.left)) | \(escaped(fact.right)) |"
        }
        let tally = votes.tally(.init(pair.left.record), .init(pair.right.record))
        if tally.total > 0 {
            lines += [
                "", "## Blind votes", "",
                "left \(tally.left), right \(tally.right), neither \(tally.ties)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func pictures(_ pair: ComparePair) -> [String] {
        let captions = pair.isSamePicture ? [pair.left] : [pair.left, pair.right]
        var lines: [String] = []
        for caption in captions {
            if let url = caption.picture { lines += ["![query picture](<\(url.path)>)", ""] }
            let image = caption.record.image
            lines += ["- picture: \(escaped(image.originalPath))"]
            lines += ["- question: \(escaped(caption.record.question))"]
            let names = caption.record.concepts.map { escaped($0.name) }
            lines += ["- concepts: \(names.isEmpty ? "none" : names.joined(separator: ", "))", ""]
        }
        return lines
    }

    /// Only left: struck out; only right: bold.
    private static func differences(_ diff: WordDiff) -> String {
        guard !diff.isSame else { return "Both say the same." }
        return diff.runs.map { run in
            switch run.kind {
            case .same: escaped(run.text)
            case .onlyLeft: marked(run.text, "~~")
            case .onlyRight: marked(run.text, "**")
            }
        }.joined()
    }

    /// Marks must touch the words, so that white space stays outside of them.
    private static func marked(_ text: String, _ mark: String) -> String {
        let words = text.drop(while: \.isWhitespace)
        let front = text.prefix(text.count - words.count)
        let tail = words.reversed().prefix(while: \.isWhitespace).count
        let inside = String(words.dropLast(tail))
        guard !inside.isEmpty else { return text }
        return front + mark + escaped(inside) + mark + words.suffix(tail)
    }

    /// Text that Markdown shows as it is.
    static func escaped(_ text: String, newline: String = " ") -> String {
        var escaped = ""
        for character in TerminalText.sanitized(text, lines: true) {
            if character.isNewline {
                escaped += newline
            } else {
                if "\\`*_{}[]<>#|~".contains(character) { escaped.append("\\") }
                escaped.append(character)
            }
        }
        return escaped
    }
}
