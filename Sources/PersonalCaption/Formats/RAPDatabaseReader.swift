import Foundation

/// Reads the entries of a database one by one and notes what it had to put right.
struct RAPDatabaseReader {
    private(set) var concepts: [RAPConcept] = []
    private(set) var problems: [RAPProblem] = []
    private let folder: URL

    init(folder: URL) { self.folder = folder }

    /// - Parameters:
    ///   - entries: the members of `concept_dict`.
    ///   - paths: `path_to_concept`, when the file has one.
    mutating func read(_ entries: [JSONValue.Member], paths: JSONValue?) {
        let morePaths = self.paths(paths, tags: Set(entries.map { Self.tag($0.key) }))
        var names: [NameKey: String] = [:]
        for (key, value) in unique(entries) {
            guard let concept = concept(key, value, morePaths: morePaths[Self.tag(key)] ?? [])
            else { continue }
            if let other = names.updateValue(concept.name, forKey: NameKey(concept.name)) {
                note(key, "reads like \"\(other)\", so captions cannot tell them apart")
            }
            concepts.append(concept)
        }
    }

    /// The entries by key, in order of first appearance, with the last value, as Python reads them.
    private mutating func unique(
        _ entries: [JSONValue.Member]
    ) -> [(key: String, value: JSONValue)] {
        var positions: [String: Int] = [:]
        var unique: [(key: String, value: JSONValue)] = []
        for entry in entries {
            if let position = positions[entry.key] {
                note(entry.key, "appears more than once; the last entry is used")
                unique[position].value = entry.value
            } else {
                positions[entry.key] = unique.count
                unique.append((entry.key, entry.value))
            }
        }
        return unique
    }

    private mutating func concept(
        _ key: String, _ value: JSONValue, morePaths: [String]
    ) -> RAPConcept? {
        guard case .object(let members) = value else {
            note(key, "must be an object, but is \(value.kind); left out")
            return nil
        }
        if key.hasPrefix("<") != key.hasSuffix(">") {
            note(key, "lacks a bracket; read as <\(Self.tag(key))>")
        }
        let fields = Dictionary(members.map { ($0.key, $0.value) }) { _, last in last }
        let stated = text("name", fields, of: key) ?? ""
        let name = Self.tag(stated).isEmpty ? Self.tag(key) : Self.tag(stated)
        guard !name.isEmpty, name.count <= RAPDatabase.maximumNameLength else {
            let limit = RAPDatabase.maximumNameLength
            note(key, "needs a name of 1 to \(limit) characters, but has \(name.count); left out")
            return nil
        }
        var concept = RAPConcept(
            tag: "<\(Self.tag(key))>", name: name, info: text("info", fields, of: key) ?? "",
            category: text("category", fields, of: key) ?? "", imagePaths: [])
        addPictures(text("image", fields, of: key), morePaths, to: &concept, key: key)
        return concept
    }

    /// The member as one line of text; notes another type or too great a length.
    private mutating func text(
        _ member: String, _ fields: [String: JSONValue], of key: String
    ) -> String? {
        switch fields[member] {
        case nil, .null: return nil
        case .string(let text):
            let line = PromptName.oneLine(text)
            let limit = RAPDatabase.maximumTextLength
            guard line.count > limit else { return line }
            note(key, "has \(line.count) characters of \(member); cut to \(limit)")
            return String(line.prefix(limit))
        case .some(let value):
            note(key, "has \(value.kind) as \(member), where text belongs; ignored")
            return nil
        }
    }

    private mutating func addPictures(
        _ first: String?, _ others: [String], to concept: inout RAPConcept, key: String
    ) {
        let stated = [first].compactMap { $0 }.filter { !$0.isEmpty }
        if stated.isEmpty, others.isEmpty { return note(key, "names no picture") }
        var seen: Set<[String]> = []
        for path in stated + others {
            do throws(FolderPath.Failure) {
                let parts = try FolderPath.components(of: path)
                guard seen.insert(parts).inserted else { continue }
                concept.imagePaths.append(path)
                concept.images.append(try FolderPath.find(parts, in: folder))
            } catch {
                note(key, "names the picture \"\(PromptName.oneLine(path))\", which \(error)")
            }
        }
    }

    /// The paths that `path_to_concept` states for each tag.
    private mutating func paths(_ value: JSONValue?, tags: Set<String>) -> [String: [String]] {
        guard case .object(let members) = value else {
            let found = value.map { "is \($0.kind)" } ?? "is missing"
            note("path_to_concept", "\(found); rebuilt from the concepts")
            return [:]
        }
        var paths: [String: [String]] = [:]
        for member in members {
            guard let tag = member.value.string.map(Self.tag), tags.contains(tag) else {
                note("path_to_concept", "gives \"\(member.key)\" to no known concept; ignored")
                continue
            }
            paths[tag, default: []].append(member.key)
        }
        return paths
    }

    /// The text without the brackets it may have at either end.
    private static func tag(_ text: String) -> String {
        var tag = PromptName.oneLine(text)[...]
        if tag.hasPrefix("<") { tag = tag.dropFirst() }
        if tag.hasSuffix(">") { tag = tag.dropLast() }
        return PromptName.oneLine(String(tag))
    }

    private mutating func note(_ item: String, _ reason: String) {
        problems.append(RAPProblem(item: PromptName.oneLine(item), reason: reason))
    }
}
