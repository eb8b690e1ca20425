/// Writes JSON for people and programs: two spaces deeper at each level, members in their order.
enum JSONText {
    static func pretty(_ value: JSONValue, indent: String = "") -> String {
        let deeper = indent + "  "
        func block(_ open: String, _ lines: [String], _ close: String) -> String {
            guard !lines.isEmpty else { return open + close }
            return
                "\(open)\n\(lines.map { deeper + $0 }.joined(separator: ",\n"))\n\(indent)\(close)"
        }
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .integer(let number): return "\(number)"
        case .number(let number): return "\(number)"
        case .string(let text): return SafetensorsWriter.quoted(text)
        case .array(let items): return block("[", items.map { pretty($0, indent: deeper) }, "]")
        case .object(let members):
            let lines = members.map { key, value in
                "\(SafetensorsWriter.quoted(key)): \(pretty(value, indent: deeper))"
            }
            return block("{", lines, "}")
        }
    }
}
