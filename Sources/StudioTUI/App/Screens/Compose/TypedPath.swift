import Foundation

/// A path as people type it into a form: with `~`, quotes and backslashes, relative or not.
enum TypedPath {
    /// Why a text is no path, as a clause.
    struct Problem: Error, Equatable {
        let text: String
    }

    /// The file that is meant; a text with bare spaces counts as one name.
    static func read(_ typed: String, in place: PathPlace) -> Result<URL, Problem> {
        let trimmed = typed.trimmingCharacters(in: .whitespacesAndNewlines)
        let words = ShellWords.split(trimmed)
        guard let first = words.first, !first.text.isEmpty else {
            return .failure(Problem(text: "type a path"))
        }
        let path: String
        if words.count == 1 {
            path = place.absolute(first)
        } else {
            path = place.absolute(
                trimmed, hasTilde: trimmed.hasPrefix("~/"))
        }
        return .success(URL(fileURLWithPath: path).standardizedFileURL)
    }

    /// How the path is written into a field that `read` reads.
    static func written(_ url: URL) -> String { ShellWords.escaped(url.path) }
}
