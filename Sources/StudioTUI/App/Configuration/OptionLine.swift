/// One line of an option sheet, cut into its parts.
enum OptionLine {
    /// The key, and what stands behind its colon without the spaces in front.
    static func split(_ line: String) -> (key: String, rest: Substring)? {
        let key: String
        var rest: Substring
        if let quote = line.first, quote == "\"" || quote == "'" {
            guard let end = line.dropFirst().firstIndex(of: quote) else { return nil }
            key = String(line[line.index(after: line.startIndex)..<end])
            rest = line[line.index(after: end)...].drop { $0 == " " }
        } else {
            let name = line.prefix(while: isKeyPart)
            key = String(name)
            rest = line[name.endIndex...].drop { $0 == " " }
        }
        guard !key.isEmpty, key.allSatisfy(isKeyPart), rest.first == ":" else { return nil }
        rest = rest.dropFirst()
        guard rest.isEmpty || rest.first == " " || rest.first == "\t" else { return nil }
        return (key, rest.drop { $0 == " " || $0 == "\t" })
    }

    /// Letters, digits and what stands between them in keys of ours.
    private static func isKeyPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "._-/".contains(character)
    }

    /// Whether the line is `#key: …`, which a `#` keeps from counting.
    static func isDisabled(_ line: String, key: String) -> Bool {
        guard line.first == "#" else { return false }
        let rest = String(line.dropFirst().drop { $0 == " " || $0 == "#" })
        return split(rest)?.key == key
    }

    /// The spaces and the comment behind a value, or nothing.
    static func comment(in value: Substring) -> String {
        var rest = value
        if let quote = rest.first, quote == "\"" || quote == "'" {
            rest = skipQuoted(rest)
        }
        var previous: Character = rest.startIndex == value.startIndex ? " " : "x"
        for index in rest.indices {
            if rest[index] == "#", previous == " " || previous == "\t" {
                let text = rest[index...]
                let spaces = value[..<index].reversed().prefix { $0 == " " || $0 == "\t" }.count
                return String(repeating: " ", count: max(1, spaces)) + text
            }
            previous = rest[index]
        }
        return ""
    }

    /// What follows a quoted text.
    static func skipQuoted(_ text: Substring) -> Substring {
        guard let quote = text.first else { return text }
        var rest = text.dropFirst()
        while let character = rest.first {
            rest = rest.dropFirst()
            if character == "\\", quote == "\"" {
                rest = rest.dropFirst()
            } else if character == quote {
                guard quote == "'", rest.first == "'" else {
                    return rest
                }
                rest = rest.dropFirst()
            }
        }
        return rest
    }
}
