public import Foundation
public import ImageCodecs
import VLMRuntime

/// Why a `studio-profile.json` cannot be used.
public enum ModelProfileError: Error, Equatable, CustomStringConvertible {
    /// The file cannot be read, or is far too large for what it should hold.
    case unreadable(ImageReadError)
    /// The file is not a JSON object.
    case notAnObject(file: String, reason: String)
    /// A field has the wrong type or lies outside its bounds.
    case field(file: String, name: String, expected: String, found: String)

    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .unreadable(let reason): reason.description
        case .notAnObject(let file, let reason):
            "\(file) is not a JSON object (\(reason)); correct or remove it."
        case .field(let file, let name, let expected, let found):
            "\(file): '\(name)' must be \(expected), but it is \(found); correct or remove it."
        }
    }
}

extension ModelProfile {
    /// The name of the file beside a checkpoint that states its habits.
    public static let fileName = "studio-profile.json"

    /// The habits of a checkpoint folder: `studio-profile.json` when there is one, completed by the
    /// built-in profile of its `name`, else the built-in profile of the folder's name.
    ///
    /// - Parameters:
    ///   - directory: the checkpoint folder.
    ///   - modelName: the name the model goes by; the folder's own name when `nil`.
    /// - Throws: `ModelProfileError` when the file is there but cannot be used.
    public static func resolve(
        directory: URL, modelName: String? = nil
    ) throws(ModelProfileError) -> ModelProfile {
        let family = (try? ModelConfiguration(folder: directory))?.family
        var fallback = builtIn(forModelNamed: modelName ?? directory.lastPathComponent)
        if let family { fallback = fallback.fitted(to: family) }
        let file = directory.appendingPathComponent(fileName)
        guard FileManager.default.fileExists(atPath: file.path) else { return fallback }
        let data: Data
        do {
            data = try BoundedFile.read(file, limit: 65_536)
        } catch {
            throw .unreadable(error)
        }
        var profile = try parse(data, file: fileName, fallback: fallback)
        profile.boxUnits = fallback.boxUnits
        return profile
    }

    /// Reads the fields of a profile file.
    ///
    /// Every field is optional: `name`, `minimumPixels`, `referencePixels`, `queryPixels`,
    /// `repetitionPenalty`, `maxNewTokens`, `system` (text or null), `question`, `plainQuestion`,
    /// `newlineAfterInfo`, `introducesQueryAlone`. Others are ignored. Areas lie between 28×28 and
    /// the 12,845,056 pixels of the published preprocessor.
    ///
    /// - Parameters:
    ///   - data: the file.
    ///   - file: its name, for messages.
    ///   - fallback: supplies what the file leaves out, unless `name` is that of a built-in profile.
    /// - Throws: `ModelProfileError`.
    public static func parse(
        _ data: Data, file: String, fallback: ModelProfile
    ) throws(ModelProfileError) -> ModelProfile {
        let fields = try ProfileFields(data, file: file)
        let name = try fields.text("name", longest: 200)
        var profile = builtIn.first { $0.name == name } ?? fallback
        profile.name = name ?? profile.name
        let area = 28 * 28...12_845_056
        try fields.integer("minimumPixels", in: area, into: &profile.minimumPixels)
        try fields.integer("referencePixels", in: area, into: &profile.referencePixels)
        try fields.integer("queryPixels", in: area, into: &profile.queryPixels)
        try fields.integer("maxNewTokens", in: 1...32_768, into: &profile.maxNewTokens)
        try fields.number("repetitionPenalty", in: 0.5...2, into: &profile.repetitionPenalty)
        if fields.holds("system") { profile.system = try fields.text("system", longest: 8_000) }
        profile.question = try fields.question("question") ?? profile.question
        profile.plainQuestion = try fields.question("plainQuestion") ?? profile.plainQuestion
        try fields.flag("newlineAfterInfo", into: &profile.newlineAfterInfo)
        try fields.flag("introducesQueryAlone", into: &profile.introducesQueryAlone)
        guard !profile.plainQuestion.contains("{name}") else {
            throw .field(
                file: file, name: "plainQuestion", expected: "a question without {name}",
                found: "one with it")
        }
        return profile
    }
}

/// The members of the JSON object, each read with its bounds.
private struct ProfileFields {
    let members: [String: JSONValue]
    let file: String

    init(_ data: Data, file: String) throws(ModelProfileError) {
        self.file = file
        let value: JSONValue
        do {
            value = try JSONValue.parse(data)
        } catch {
            throw .notAnObject(file: file, reason: error.description)
        }
        guard case .object(let pairs) = value else {
            throw .notAnObject(file: file, reason: "it is \(value.kind)")
        }
        members = Dictionary(pairs.map { ($0.key, $0.value) }) { _, last in last }
    }

    func holds(_ name: String) -> Bool { members[name] != nil }

    /// `nil` when absent or null.
    func text(_ name: String, longest: Int) throws(ModelProfileError) -> String? {
        switch members[name] {
        case nil, .null: return nil
        case .string(let text) where !text.isEmpty && text.count <= longest: return text
        case .string(let text):
            throw wrong(name, "text of 1 to \(longest) characters", "\(text.count) characters")
        case .some(let value): throw wrong(name, "text", value.kind)
        }
    }

    /// A question of one line; `nil` when absent.
    func question(_ name: String) throws(ModelProfileError) -> String? {
        guard let text = try text(name, longest: CaptionPrompt.maximumQuestionLength) else {
            return nil
        }
        let line = PromptName.oneLine(text)
        guard !line.isEmpty else { throw wrong(name, "a question", "blank") }
        return line
    }

    func integer(
        _ name: String, in bounds: ClosedRange<Int>, into target: inout Int
    ) throws(ModelProfileError) {
        guard let value = members[name] else { return }
        let expected = "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
        guard case .number(let digits) = value else { throw wrong(name, expected, value.kind) }
        guard let number = Int(digits), bounds.contains(number) else {
            throw wrong(name, expected, String(digits.prefix(40)))
        }
        target = number
    }

    func number(
        _ name: String, in bounds: ClosedRange<Float>, into target: inout Float
    ) throws(ModelProfileError) {
        guard let value = members[name] else { return }
        let expected = "a number from \(bounds.lowerBound) to \(bounds.upperBound)"
        guard case .number(let digits) = value else { throw wrong(name, expected, value.kind) }
        guard let number = Float(digits), bounds.contains(number) else {
            throw wrong(name, expected, String(digits.prefix(40)))
        }
        target = number
    }

    func flag(_ name: String, into target: inout Bool) throws(ModelProfileError) {
        guard let value = members[name] else { return }
        guard case .bool(let flag) = value else { throw wrong(name, "true or false", value.kind) }
        target = flag
    }

    private func wrong(_ name: String, _ expected: String, _ found: String) -> ModelProfileError {
        .field(file: file, name: name, expected: expected, found: found)
    }
}
