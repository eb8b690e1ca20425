/// Writes values so that YAML reads them back as they are.
enum YAMLText {
    static func value(_ value: OptionSheet.Value) -> String {
        switch value {
        case .nothing: ""
        case .text(let text): scalar(text)
        case .list(let items): "[" + items.map { quoted($0) }.joined(separator: ", ") + "]"
        }
    }

    /// A text, in quotes where it needs them.
    static func scalar(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    /// A text in double quotes.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            default:
                if isPrintable(scalar) {
                    quoted.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16, uppercase: true)
                    quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                }
            }
        }
        return quoted + "\""
    }

    /// Words and numbers that no reader of YAML takes for something else.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, text.utf8.count <= 60 else { return false }
        let isWord = text.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || $0 == "." || $0 == "_" || $0 == "-" || $0 == " "
        }
        let startsWell = ("a"..."z").contains(first) || ("A"..."Z").contains(first)
        guard isWord, text.last != " " else { return false }
        return startsWell
            ? !["null"].contains(text.lowercased()) : Double(text) != nil && !text.contains(" ")
    }

    /// What may stand in a YAML file as it is, and in a terminal that shows it.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
            .privateUse:
            false
        default: true
        }
    }
}
