public import Foundation
public import ImageCodecs

/// Why a result file cannot be scored.
public enum ResultListError: Error, Equatable, CustomStringConvertible {
    /// The file cannot be read or is too large.
    case unreadable(ImageReadError)
    /// The file is not JSON.
    case notJSON(file: String, reason: String)
    /// The file is JSON of another form.
    case notAList(file: String, found: String)
    /// A row, counted from 1, is not as it must be.
    case row(file: String, number: Int, reason: String)

    /// One sentence that says what is wrong and where.
    public var description: String {
        let form = "[[image, [tag, ...], caption, question], ...]"
        return switch self {
        case .unreadable(let reason): reason.description
        case .notJSON(let file, let reason):
            "\(file) is not JSON (\(reason)); was it saved completely?"
        case .notAList(let file, let found):
            "\(file) must be a list of results \(form), but is \(found)."
        case .row(let file, let number, let reason):
            "\(file): row \(number) \(reason); the form is \(form)."
        }
    }
}

extension ResultList {
    /// The largest file that is read, in bytes.
    public static let maximumBytes = 64 << 20
    /// The longest caption, in bytes of UTF-8.
    public static let maximumCaptionBytes = 1 << 20
    /// The most tags of a row.
    public static let maximumTags = 1_000

    /// Reads and checks a result file of RAP or RePIC.
    ///
    /// A row may lack its question (RAP) and may state one tag as plain text. Any other deviation
    /// is an error: a row left out would change the score.
    ///
    /// - Throws: `ResultListError` at the first thing that is wrong.
    public static func read(_ file: URL) throws(ResultListError) -> [ResultRow] {
        let data: Data
        do {
            data = try BoundedFile.read(file, limit: maximumBytes)
        } catch {
            throw .unreadable(error)
        }
        return try parse(data, name: PromptName.oneLine(file.lastPathComponent))
    }

    /// Checks the text of a result file.
    ///
    /// - Parameter name: what to call the file in errors.
    /// - Throws: `ResultListError`.
    public static func parse(_ data: Data, name: String) throws(ResultListError) -> [ResultRow] {
        let value: JSONValue
        do {
            value = try JSONValue.parse(data)
        } catch {
            throw .notJSON(file: name, reason: error.description)
        }
        guard case .array(let elements) = value else {
            throw .notAList(file: name, found: value.kind)
        }
        var rows: [ResultRow] = []
        rows.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            do throws(RowProblem) {
                rows.append(try row(element))
            } catch {
                throw .row(file: name, number: index + 1, reason: error.reason)
            }
        }
        return rows
    }

    private struct RowProblem: Error {
        let reason: String
    }

    private static func row(_ element: JSONValue) throws(RowProblem) -> ResultRow {
        guard case .array(let parts) = element else {
            throw RowProblem(reason: "is \(element.kind)")
        }
        guard parts.count == 3 || parts.count == 4 else {
            throw RowProblem(reason: "has \(parts.count) elements")
        }
        let question = parts.count == 4 && parts[3] != .null ? try text(parts[3], "question") : ""
        return ResultRow(
            image: try text(parts[0], "image"), tags: try tags(parts[1]),
            caption: try text(parts[2], "caption"), question: question)
    }

    private static func tags(_ value: JSONValue) throws(RowProblem) -> [String] {
        if let one = value.string { return [one] }
        guard case .array(let elements) = value else {
            throw RowProblem(reason: "has \(value.kind) as tags, where a list of text belongs")
        }
        guard elements.count <= maximumTags else {
            throw RowProblem(reason: "has \(elements.count) tags, more than \(maximumTags)")
        }
        var tags: [String] = []
        for element in elements { tags.append(try text(element, "tag")) }
        return tags
    }

    private static func text(_ value: JSONValue, _ what: String) throws(RowProblem) -> String {
        guard let text = value.string else {
            throw RowProblem(reason: "has \(value.kind) as \(what), where text belongs")
        }
        guard text.utf8.count <= maximumCaptionBytes else {
            throw RowProblem(
                reason:
                    "has a \(what) of \(text.utf8.count) bytes, more than \(maximumCaptionBytes)")
        }
        return text
    }
}
