/// The pictures that words of the user stand for: files, folders, and patterns such as `~/a/**/*.jpg`.
///
/// Reads the disk, so it must not run on the thread that draws.
struct GlobExpansion: Sendable, Equatable {
    /// Absolute paths in the order of the words, sorted within a pattern or folder, each once.
    private(set) var paths: [String] = []
    /// Words that led to nothing, each with the reason, as a sentence without a dot.
    private(set) var problems: [String] = []
    /// Whether there were more than the limit, or the search took too many names.
    private(set) var isTruncated = false
    /// Whether it was given up half-way.
    private(set) var wasCancelled = false

    /// Names that are looked at in all, whatever the limit.
    static let mostNames = 1_000_000
    /// How deep `**` goes.
    static let mostFolders = 32

    private var seen: Set<String> = []
    private var names = 0
    /// Pictures that were found, those that were there already included.
    private var finds = 0
    private let limit: Int

    private init(limit: Int) { self.limit = limit }

    /// Expands the words of a line.
    ///
    /// A file that is named outright is taken whatever its ending is; folders and patterns give
    /// regular files with the ending of a picture.
    static func expand(
        _ line: String, in place: PathPlace, limit: Int = 10_000,
        isCancelled: () -> Bool = { false }
    ) -> GlobExpansion {
        var expansion = GlobExpansion(limit: limit)
        let words = ShellWords.split(line)
        // A bare path with spaces, as it is: nobody who typed that meant its parts.
        let whole = line.trimmingTrailingSpace()
        if words.count > 1, FolderReader.kind(of: place.absolute(words[0])) == nil {
            let path = place.absolute(whole, hasTilde: words[0].hasTilde)
            if FolderReader.kind(of: path) != nil {
                expansion.addNamed(path, shown: whole, isCancelled)
                return expansion
            }
        }
        for word in words where !expansion.isOver(isCancelled) {
            expansion.add(word, place, isCancelled)
        }
        return expansion
    }

    /// Expands absolute paths that were pasted: files stay, folders give their pictures.
    static func expand(
        paths: [String], limit: Int = 10_000, isCancelled: () -> Bool = { false }
    ) -> GlobExpansion {
        var expansion = GlobExpansion(limit: limit)
        for path in paths where !expansion.isOver(isCancelled) {
            expansion.addNamed(path, shown: path, isCancelled)
        }
        return expansion
    }

    private mutating func add(_ word: ShellWord, _ place: PathPlace, _ isCancelled: () -> Bool) {
        guard word.isPattern else {
            return addNamed(place.absolute(word), shown: word.text, isCancelled)
        }
        let before = finds
        let isAbsolute = word.pattern.hasPrefix("/")
        var parts = word.pattern.split(separator: "/").map(String.init)
        if word.hasTilde { parts.removeFirst() }
        let start = word.hasTilde ? place.home : isAbsolute ? "/" : place.folder
        walk(parts[...], from: start, depth: 0, isCancelled)
        if finds == before, !isTruncated, !wasCancelled {
            problems.append("no picture fits '\(word.text)'")
        }
    }

    private mutating func addNamed(
        _ path: String, shown: String, _ isCancelled: () -> Bool
    ) {
        switch FolderReader.kind(of: path) {
        case .file: append(path)
        case .folder:
            let before = finds
            walk(["*"], from: path, depth: 0, isCancelled)
            if finds == before, !isTruncated, !wasCancelled {
                problems.append("there is no picture in '\(shown)'")
            }
        case nil: problems.append("there is no file '\(shown)'")
        default: problems.append("'\(shown)' is neither a file nor a folder")
        }
    }

    // MARK: - Walking

    private mutating func walk(
        _ parts: ArraySlice<String>, from folder: String, depth: Int, _ isCancelled: () -> Bool
    ) {
        guard let part = parts.first, !isOver(isCancelled) else { return }
        let rest = parts.dropFirst()
        if part == "**" {
            // No folder at all, or any folder and again any.
            walk(rest.isEmpty ? ["*"] : rest, from: folder, depth: depth, isCancelled)
            guard depth < Self.mostFolders else { return }
            for name in entries(of: folder, isCancelled, where: { _, kind in kind == .folder }) {
                walk(parts, from: Self.join(folder, name), depth: depth + 1, isCancelled)
            }
            return
        }
        let glob = Glob(part)
        if let name = glob.literal {
            let path = Self.join(folder, name)
            if rest.isEmpty {
                if FolderReader.kind(of: path) == .file, PictureName.isPicture(name) {
                    append(path)
                }
            } else {
                walk(rest, from: path, depth: depth, isCancelled)
            }
        } else if rest.isEmpty {
            let found = entries(of: folder, isCancelled) { name, kind in
                guard PictureName.isPicture(name), glob.matches(name) else { return false }
                return kind == .file
                    || (kind == .unknown && FolderReader.kind(of: Self.join(folder, name)) == .file)
            }
            for name in found { append(Self.join(folder, name)) }
        } else {
            let found = entries(of: folder, isCancelled) { name, kind in
                guard kind == .folder || kind == .unknown, glob.matches(name) else { return false }
                return kind == .folder || FolderReader.kind(of: Self.join(folder, name)) == .folder
            }
            for name in found {
                walk(rest, from: Self.join(folder, name), depth: depth, isCancelled)
            }
        }
    }

    /// The names in a folder that are wanted, sorted; hidden ones only for patterns with a dot.
    private mutating func entries(
        of folder: String, _ isCancelled: () -> Bool,
        where isWanted: (String, FolderReader.Kind) -> Bool
    ) -> [String] {
        var found: [String] = []
        var read = names
        var isStopped = false
        FolderReader.each(folder) { name, kind in
            read += 1
            if read % 256 == 0, isCancelled() { isStopped = true }
            if isStopped || read > Self.mostNames { return false }
            if isWanted(name, kind) { found.append(name) }
            return true
        }
        names = read
        if isStopped { wasCancelled = true }
        if names > Self.mostNames { isTruncated = true }
        return found.sorted(by: NaturalOrder.precedes)
    }

    private mutating func append(_ path: String) {
        finds += 1
        guard !seen.contains(path) else { return }
        guard paths.count < limit else {
            isTruncated = true
            return
        }
        seen.insert(path)
        paths.append(path)
    }

    private mutating func isOver(_ isCancelled: () -> Bool) -> Bool {
        if isCancelled() { wasCancelled = true }
        return wasCancelled || isTruncated
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}

extension String {
    fileprivate func trimmingTrailingSpace() -> String {
        var text = Substring(self)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text.drop(while: \.isWhitespace))
    }
}
