/// How a name appears between the angle brackets of a prompt.
///
/// Models learn names as `<name>`, so a `<` or `>` that belongs to the name itself would end the
/// name early. Such characters are shown as `‹` and `›`, which no prompt uses for anything else.
/// `NameCheck` reads both forms as the same name, so a caption leads back to the user's spelling.
public enum PromptName {
    /// The name as it stands inside the brackets.
    ///
    /// One outer pair of brackets (a RAP tag such as `<my cat>`) is removed, `<` and `>` become `‹`
    /// and `›`, and every run of white space or control characters becomes one space.
    ///
    /// - Parameter name: any text.
    /// - Returns: one line; empty when the name holds nothing visible.
    public static func shown(_ name: String) -> String {
        var shown = ""
        for scalar in withoutOuterBrackets(oneLine(name)).unicodeScalars {
            switch scalar {
            case "<": shown.unicodeScalars.append("‹")
            case ">": shown.unicodeScalars.append("›")
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return oneLine(shown)
    }

    /// The name with its brackets, as prompts and captions write it: `<name>`.
    public static func tag(_ name: String) -> String { "<\(shown(name))>" }

    /// The text with each run of white space and control characters as one space, ends trimmed.
    static func oneLine(_ text: String) -> String {
        var line = ""
        var pendingSpace = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                pendingSpace = true
                continue
            }
            if pendingSpace, !line.isEmpty { line.unicodeScalars.append(" ") }
            pendingSpace = false
            line.unicodeScalars.append(scalar)
        }
        return line
    }

    private static func withoutOuterBrackets(_ line: String) -> Substring {
        guard line.first == "<", line.last == ">", line.count > 2 else { return line[...] }
        let inside = line.dropFirst().dropLast()
        return inside.contains { $0 == "<" || $0 == ">" } ? line[...] : inside
    }
}
