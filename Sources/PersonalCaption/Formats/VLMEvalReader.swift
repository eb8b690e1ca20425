import Foundation

/// Turns the rows of a VLMEvalKit table into questions.
struct VLMEvalReader {
    /// Rows seen so far, good or bad.
    private(set) var count = 0
    private(set) var problems = ProblemList()
    private let columns: [String: Int]
    private let folder: URL
    private var rows: [VLMEvalRow] = []
    /// The row whose picture each index has.
    private var pictures: [String: VLMEvalRow.Picture] = [:]
    /// Rows that name another row in place of a picture.
    private var borrowed: [(row: Int, index: String)] = []

    /// - Parameters:
    ///   - header: the first row of the table.
    ///   - folder: where `image_path` is looked for.
    init(header: [TabbedScanner.Field], folder: URL) {
        self.folder = folder
        var columns: [String: Int] = [:]
        for (place, field) in header.enumerated() {
            var name = PromptName.oneLine(String(decoding: field.text, as: UTF8.self))
            if name.unicodeScalars.first == "\u{FEFF}" { name.unicodeScalars.removeFirst() }
            columns[name] = columns[name] ?? place
        }
        self.columns = columns
    }

    /// Columns without which no question can be asked.
    var missingColumns: [String] {
        let needed = ["question", "answer", "A", "B"].filter { columns[$0] == nil }
        let hasPicture = columns["image"] != nil || columns["image_path"] != nil
        return needed + (hasPicture ? [] : ["image"])
    }

    mutating func read(_ fields: [TabbedScanner.Field]) {
        count += 1
        if fields.count == 1, fields[0].range.isEmpty { return }
        let index = text("index", fields) ?? "\(count - 1)"
        let item = "row \(index)"
        guard let picture = picture(fields, index) else {
            return problems.note(item, "has no picture that can be read; left out")
        }
        pictures[index] = pictures[index] ?? picture.found
        guard let question = question(fields) else {
            let reason = "is not a multiple-choice question with its answer among 2 to 9 options"
            return problems.note(item, "\(reason); left out")
        }
        if let other = picture.borrowedFrom { borrowed.append((rows.count, other)) }
        rows.append(
            VLMEvalRow(
                index: index, question: question, category: text("category", fields) ?? "",
                picture: picture.found ?? .bytes(0..<0)))
    }

    /// The rows, with the pictures that they share with others.
    mutating func finish() -> [VLMEvalRow] {
        var lost: Set<Int> = []
        for (row, index) in borrowed {
            if let picture = pictures[index] {
                rows[row].picture = picture
            } else {
                problems.note(
                    "row \(rows[row].index)", "uses the picture of \(index), which has none")
                lost.insert(row)
            }
        }
        return rows.indices.filter { !lost.contains($0) }.map { rows[$0] }
    }

    private func picture(
        _ fields: [TabbedScanner.Field], _ index: String
    ) -> (found: VLMEvalRow.Picture?, borrowedFrom: String?)? {
        if let place = columns["image"], fields.indices.contains(place),
            !fields[place].range.isEmpty
        {
            let field = fields[place]
            // As VLMEvalKit does: what is this short is no picture, but the index of one.
            if field.isWhole, field.text.count <= 64 {
                let other = PromptName.oneLine(String(decoding: field.text, as: UTF8.self))
                return other.isEmpty || other == index ? nil : (nil, other)
            }
            return (.bytes(field.range), nil)
        }
        guard let path = text("image_path", fields),
            let parts = try? FolderPath.components(of: path),
            let url = try? FolderPath.find(parts, in: folder)
        else { return nil }
        return (.file(url), nil)
    }

    private func question(_ fields: [TabbedScanner.Field]) -> ChoiceQuestion? {
        guard let stem = text("question", fields), let answer = text("answer", fields) else {
            return nil
        }
        let hint = text("hint", fields).map { "Hint: \($0)\n" } ?? ""
        var options: [String] = []
        var correct: Int?
        for letter in ChoiceQuestion.letters {
            guard let option = text(String(letter), fields) else { continue }
            if answer == String(letter) { correct = options.count }
            options.append(option)
        }
        return correct.flatMap { ChoiceQuestion(stem: hint + stem, options: options, correct: $0) }
    }

    /// The field of a column as one line; `nil` when it is empty, cut, or pandas' `nan`.
    private func text(_ column: String, _ fields: [TabbedScanner.Field]) -> String? {
        guard let place = columns[column], fields.indices.contains(place), fields[place].isWhole
        else { return nil }
        let text = PromptName.oneLine(String(decoding: fields[place].text, as: UTF8.self))
        return text.isEmpty || text == "nan" ? nil : text
    }
}
