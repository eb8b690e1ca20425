import ConceptDB
import Foundation

/// What the user wants to add to the library.
struct AddRequest: Sendable, Equatable {
    /// Which files.
    enum Source: Sendable, Equatable {
        /// Paths, folders and patterns as in a shell.
        case typed(String)
        /// Absolute paths of files and folders that were pasted.
        case paths([String])
    }

    /// What several pictures become.
    enum Grouping: Sendable, Hashable {
        case each, together
        /// More pictures of a concept that is there.
        case existing(id: Int64, name: String)

        var title: String {
            switch self {
            case .each: "one concept each"
            case .together: "all of one concept"
            case .existing(_, let name): "more pictures of \(name)"
            }
        }
    }

    var source: Source
    var grouping = Grouping.each
    /// Empty takes the names of the files.
    var name = ""
    var category = ""
    var tags: [String] = []
    var info = ""
}

/// Tags as people type them: with commas, and a hash in front if they like.
enum TagList {
    static func parse(_ text: String) -> [String] {
        var seen: Set<String> = []
        return text.split(separator: ",").map { normal(String($0)) }
            .filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    static func text(_ tags: [String]) -> String { tags.joined(separator: ", ") }

    /// The form in which the library keeps a tag.
    static func normal(_ tag: String) -> String {
        let words = tag.lowercased().split(whereSeparator: \.isWhitespace)
        return String(words.joined(separator: " ").drop { $0 == "#" })
    }
}

/// Names for concepts that were given none.
enum ConceptNaming {
    /// A name after a file: its own, without the ending and with spaces for underscores.
    static func name(ofFile path: String) -> String {
        let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        let words = stem.replacingOccurrences(of: "_", with: " ").onOneLine
        let name = words.trimmingCharacters(in: .whitespaces)
        // The library takes 200 characters; a number may follow.
        return name.isEmpty ? "picture" : String(name.prefix(190))
    }

    /// The name, or the name with the first number that is free.
    ///
    /// - Parameter taken: keys of the names there are.
    static func free(_ name: String, taken: Set<String>) -> String {
        guard taken.contains(name.nameKey) else { return name }
        var number = 2
        while taken.contains("\(name) \(number)".nameKey) { number += 1 }
        return "\(name) \(number)"
    }
}
