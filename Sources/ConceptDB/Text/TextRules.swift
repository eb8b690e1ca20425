import Foundation

/// A field that the user fills with words, with the longest text it takes.
enum TextField: String, Sendable {
    case name
    case category
    case info
    case tag
    case modelName = "model name"
    case settingKey = "setting"

    var allowed: Int {
        switch self {
        case .name, .modelName, .settingKey: 200
        case .category: 100
        case .info: 2000
        case .tag: 50
        }
    }

    /// Trims the text, brings it into Unicode NFC and checks length and characters.
    ///
    /// - Throws: `.textTooLong`, `.controlCharacters`.
    func checked(_ text: String) throws(ConceptStoreError) -> String {
        // Surrounding newlines are slips of paste; those inside are not ours to interpret.
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        // Counting stops early: a hostile text may be gigabytes of combining marks.
        guard trimmed.utf8.count <= allowed * 64 else {
            throw .textTooLong(field: rawValue, found: trimmed.count, allowed: allowed)
        }
        guard !trimmed.unicodeScalars.contains(where: \.isUnprintable) else {
            throw .controlCharacters(field: rawValue, text: trimmed)
        }
        let normal = trimmed.precomposedStringWithCanonicalMapping
        let length = max(normal.count, (normal.unicodeScalars.count + 7) / 8)
        guard length <= allowed else {
            throw .textTooLong(field: rawValue, found: length, allowed: allowed)
        }
        return normal
    }

    /// As `checked`, and not empty.
    ///
    /// - Throws: `.emptyText` besides those of `checked`.
    func required(_ text: String) throws(ConceptStoreError) -> String {
        let checked = try checked(text)
        guard !checked.isEmpty else { throw .emptyText(field: rawValue) }
        return checked
    }

    /// Tags in normal form: lower-case, one space between words, no `#`, sorted, each once.
    ///
    /// - Throws: those of `checked`, and `.tooManyTags` above 64.
    static func checkedTags(_ tags: [String]) throws(ConceptStoreError) -> [String] {
        var found: Set<String> = []
        for tag in tags {
            let words = try TextField.tag.checked(tag).lowercased().split(separator: " ")
            let plain = words.joined(separator: " ").drop { $0 == "#" }
            if !plain.isEmpty { found.insert(String(plain)) }
        }
        guard found.count <= 64 else { throw .tooManyTags(found: found.count, allowed: 64) }
        return found.sorted()
    }
}

extension Unicode.Scalar {
    /// Control characters, line breaks, and marks that turn the direction of the text around them:
    /// none of them may reach a terminal.
    var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        default:
            (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
                || properties.isNoncharacterCodePoint
        }
    }
}

extension String {
    /// The text made fit for a message: no raw control characters, at most 80 characters.
    var printable: String { printable(limit: 80) }

    /// A path or reason made fit for a message, which is of no use when cut short.
    var printableWhole: String { printable(limit: 1000) }

    private func printable(limit: Int) -> String {
        let kept = prefix(limit).unicodeScalars.prefix(limit * 8)
        var safe = ""
        for scalar in kept {
            if scalar.isUnprintable {
                safe += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                safe.unicodeScalars.append(scalar)
            }
        }
        return kept.endIndex < unicodeScalars.endIndex ? safe + "…" : safe
    }

    /// The text on one line: runs of white space and control characters become one space.
    ///
    /// For importers of files whose `info` spans lines.
    public var onOneLine: String {
        unicodeScalars.split { $0.isUnprintable || $0.properties.isWhitespace }
            .map { String($0) }.joined(separator: " ")
    }
}
