/// A pattern for names of files: `*`, `?`, `[a-z]`, `[!a]`; a backslash takes a sign's meaning away.
struct Glob: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        case literal(Character)
        case any
        case anything
        case oneOf([ClosedRange<Character>], isInverted: Bool)
    }

    private let parts: [Part]

    /// Names of files are shorter than this, and patterns that mean one too.
    static let longest = 1024

    /// Whether the character means something in a pattern.
    static func isSign(_ character: Character) -> Bool { "*?[]\\".contains(character) }

    /// Reads the pattern of one name, without slashes.
    init(_ pattern: some StringProtocol) {
        var parts: [Part] = []
        var rest = Substring(pattern.prefix(Self.longest))
        // Where one set does not end no later one does; looking each time would take long.
        var setsEnd = true
        while let character = rest.popFirst() {
            switch character {
            case "*":
                if parts.last != .anything { parts.append(.anything) }
            case "?": parts.append(.any)
            case "[":
                let set = setsEnd ? Self.set(&rest) : nil
                setsEnd = set != nil
                parts.append(set ?? .literal("["))
            case "\\": parts.append(.literal(rest.popFirst() ?? "\\"))
            default: parts.append(.literal(character))
            }
        }
        self.parts = parts
    }

    /// The name without signs, if the pattern fits only that.
    var literal: String? {
        var text = ""
        for part in parts {
            guard case .literal(let character) = part else { return nil }
            text.append(character)
        }
        return text
    }

    /// Whether the name fits; hidden names only fit patterns that begin with a dot.
    func matches(_ name: String) -> Bool {
        if name.first == ".", parts.first != .literal(".") { return false }
        let name = Array(name)
        // On a mismatch only the last `*` has to be tried further, so time is bounded by the product
        // of both lengths.
        var (i, j) = (0, 0)
        var retry: (part: Int, name: Int)?
        while j < name.count {
            if i < parts.count, parts[i] == .anything {
                retry = (i + 1, j)
                i += 1
            } else if i < parts.count, Self.fits(parts[i], name[j]) {
                (i, j) = (i + 1, j + 1)
            } else if let last = retry {
                retry = (last.part, last.name + 1)
                (i, j) = (last.part, last.name + 1)
            } else {
                return false
            }
        }
        return parts[i...].allSatisfy { $0 == .anything }
    }

    private static func fits(_ part: Part, _ character: Character) -> Bool {
        switch part {
        case .literal(let wanted): character == wanted
        case .any, .anything: true
        case .oneOf(let ranges, let isInverted):
            ranges.contains { $0.contains(character) } != isInverted
        }
    }

    /// What stands behind a `[`, up to its `]`; `nil` when it does not end.
    private static func set(_ rest: inout Substring) -> Part? {
        var tail = rest
        let isInverted = tail.first == "!" || tail.first == "^"
        if isInverted { tail = tail.dropFirst() }
        var ranges: [ClosedRange<Character>] = []
        var isFirst = true
        while let character = tail.popFirst() {
            if character == "]", !isFirst {
                rest = tail
                return .oneOf(ranges, isInverted: isInverted)
            }
            isFirst = false
            let low = character == "\\" ? tail.popFirst() ?? "\\" : character
            var high = low
            if tail.first == "-", let end = tail.dropFirst().first, end != "]" {
                tail = tail.dropFirst(2)
                high = end == "\\" ? tail.popFirst() ?? "\\" : end
            }
            if low <= high { ranges.append(low...high) }
        }
        return nil
    }
}
