import Foundation
import TerminalUI

/// The ways a half-typed path can go on.
///
/// Reads the disk, so it must not run on the thread that draws.
struct PathCompletion: Sendable, Equatable {
    struct Candidate: Sendable, Equatable {
        /// The last part of the path, as it is on the disk.
        let name: String
        let isFolder: Bool
        /// The line with this candidate in place of what was typed.
        let line: String
    }

    /// Folders first, then pictures, each in natural order.
    let candidates: [Candidate]
    /// How many there are, also beyond the limit.
    let total: Int
    /// The line as far as all candidates agree; what was typed if they do not agree on more.
    let common: String
    /// Why there are none, as a sentence without a dot; `nil` also when nothing fits.
    let problem: String?
    /// Whether not all of the folder was read: it is too large, or the search was cancelled and
    /// then there are no candidates.
    let isIncomplete: Bool

    /// Folders beyond this many names are read no further.
    static let mostNames = 500_000

    /// Completes the last word of a line.
    ///
    /// - Parameters:
    ///   - limit: how many candidates are returned.
    ///   - foldersOnly: leave pictures out, for the choice of a folder.
    ///   - isCancelled: asked now and then.
    static func complete(
        _ line: String, in place: PathPlace, limit: Int = 200, foldersOnly: Bool = false,
        isCancelled: () -> Bool = { false }
    ) -> PathCompletion {
        let request = Request(line, place)
        var found = Found(request: request, foldersOnly: foldersOnly)
        var read = 0
        var isCut = false
        var wasCancelled = false
        let isReadable = FolderReader.each(request.folder) { name, kind in
            read += 1
            isCut = read > mostNames
            wasCancelled = read % 256 == 0 && isCancelled()
            if isCut || wasCancelled { return false }
            found.consider(name, kind)
            return true
        }
        guard isReadable else {
            let reason = String(cString: strerror(errno))
            let shown = TerminalText.sanitized(request.folder)
            return PathCompletion(
                candidates: [], total: 0, common: line,
                problem: "the folder '\(shown)' cannot be read: \(reason)", isIncomplete: false)
        }
        let names = found.best
        let ordered = wasCancelled ? [] : names.sorted(by: precedes)
        return PathCompletion(
            candidates: ordered.prefix(max(0, limit)).map {
                Candidate(
                    name: $0.name, isFolder: $0.isFolder,
                    line: request.line(with: $0.name, isFolder: $0.isFolder, isWhole: true))
            },
            total: names.count, common: request.common(names), problem: nil,
            isIncomplete: isCut || wasCancelled)
    }

    private static func precedes(_ a: Found.Name, _ b: Found.Name) -> Bool {
        if a.isFolder != b.isFolder { return a.isFolder }
        return NaturalOrder.precedes(a.name, b.name)
    }
}

/// What was typed, taken apart.
private struct Request {
    /// The line before the word that is completed.
    private let head: Substring
    /// The word's folder as it was typed, quotes and all, up to its last slash.
    private let typedFolder: String
    private let quote: Character?
    private let typed: String
    /// The folder to read.
    let folder: String
    /// What the name begins with.
    let prefix: String

    init(_ line: String, _ place: PathPlace) {
        typed = line
        let words = ShellWords.split(line)
        guard let word = words.last, word.range.upperBound == line.endIndex else {
            (head, typedFolder, quote) = (Substring(line), "", nil)
            (folder, prefix) = (place.folder, "")
            return
        }
        head = line[..<word.range.lowerBound]
        let source = line[word.range]
        // A `~` alone is the folder itself.
        if word.hasTilde, word.text == "~" {
            (typedFolder, quote) = ("~/", nil)
            (folder, prefix) = (place.home, "")
            return
        }
        let slash = word.text.lastIndex(of: "/")
        prefix = slash.map { String(word.text[word.text.index(after: $0)...]) } ?? word.text
        let path = slash.map { String(word.text[...$0]) } ?? ""
        folder = path.isEmpty ? place.folder : place.absolute(path, hasTilde: word.hasTilde)
        let cut = source.lastIndex(of: "/").map { source.index(after: $0) } ?? source.startIndex
        // A quote that opened before the last slash is still open behind it.
        let front = ShellWords.split(String(source[..<cut])).last
        let openAtSlash = slash == nil ? nil : front?.openQuote
        let openQuote = word.openQuote
        if openAtSlash == nil, let openQuote, slash == nil || source[cut...].first == openQuote {
            typedFolder = source[..<cut] + String(openQuote)
        } else {
            typedFolder = String(source[..<cut])
        }
        quote = openAtSlash ?? openQuote
    }

    /// - Parameter isWhole: close the quote behind a file; a folder goes on with a slash.
    func line(with name: String, isFolder: Bool, isWhole: Bool) -> String {
        var line = head + typedFolder
        var escaped = ShellWords.escaped(name, in: quote)
        // A tilde means something only at the start of a word.
        if quote == nil, !typedFolder.isEmpty, escaped.hasPrefix("\\~") { escaped.removeFirst() }
        line += escaped
        if isWhole, isFolder { line += "/" }
        if isWhole, !isFolder, let quote { line.append(quote) }
        return String(line)
    }

    /// The line as far as all names go together.
    func common(_ names: [Found.Name]) -> String {
        guard let first = names.first else { return typed }
        if names.count == 1 {
            return line(with: first.name, isFolder: first.isFolder, isWhole: true)
        }
        var shared = Substring(first.name)
        for other in names.dropFirst() {
            let length = zip(shared, other.name).prefix { $0 == $1 }.count
            shared = shared.prefix(length)
        }
        guard shared.count > prefix.count || (shared.count == prefix.count && shared != prefix[...])
        else { return typed }
        return line(with: String(shared), isFolder: false, isWhole: false)
    }
}

/// The names that fit so far.
private struct Found {
    struct Name {
        let name: String
        let isFolder: Bool
    }

    private let request: Request
    private let foldersOnly: Bool
    private let foldedPrefix: String
    private var exact: [Name] = []
    /// Names that fit when case does not count; used when none fits exactly.
    private var loose: [Name] = []

    init(request: Request, foldersOnly: Bool) {
        self.request = request
        self.foldersOnly = foldersOnly
        foldedPrefix = request.prefix.lowercased()
    }

    var best: [Name] { exact.isEmpty ? loose : exact }

    mutating func consider(_ name: String, _ kind: FolderReader.Kind) {
        // Hidden names show only to those who type the dot.
        guard !name.hasPrefix(".") || request.prefix.hasPrefix(".") else { return }
        let isExact = name.hasPrefix(request.prefix)
        guard isExact || (exact.isEmpty && name.lowercased().hasPrefix(foldedPrefix)) else {
            return
        }
        let isPicture = !foldersOnly && PictureName.isPicture(name)
        guard kind == .folder || kind == .unknown || (kind == .file && isPicture) else { return }
        // A name that a text field cannot hold could not be completed.
        guard TerminalText.typeable(name) == name else { return }
        var isFolder = kind == .folder
        if kind == .unknown {
            let actual = FolderReader.kind(of: "\(request.folder)/\(name)")
            isFolder = actual == .folder
            guard isFolder || (isPicture && actual == .file) else { return }
        }
        let found = Name(name: name, isFolder: isFolder)
        if isExact { exact.append(found) } else { loose.append(found) }
    }
}
