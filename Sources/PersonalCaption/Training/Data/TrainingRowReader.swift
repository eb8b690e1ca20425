import Foundation
import VLMRuntime

/// Reads one entry of a training file, whichever of the known forms it has.
struct TrainingRowReader {
    typealias Row = TrainingFile.Row
    let file: String
    let entry: String
    let folder: URL
    private static let mostImages = 16
    private static let longestText = 100_000

    func rows(_ value: JSONValue) throws(TrainingFileError) -> [Row] {
        guard case .object(let members) = value else {
            throw wrong("entry", "an object", value.kind)
        }
        let fields = Dictionary(members.map { ($0.key, $0.value) }) { _, last in last }
        if fields["conversations"] != nil || fields["messages"] != nil {
            return try conversation(fields)
        }
        if fields["qa_response"] != nil { return [try questions(fields)] }
        return [try repic(fields)]
    }

    // MARK: RePIC

    /// `image`, `problem`, `solution`, `accu_reward_method`; the last picture is the query.
    private func repic(_ fields: [String: JSONValue]) throws(TrainingFileError) -> Row {
        let images = try pictures(fields["image"], "image")
        let problem = try text(fields["problem"], "problem")
        let method = fields["accu_reward_method"]?.string ?? "iou"
        let solution = fields["solution"]
        let question: String
        let goal: EpisodeGoal
        var answer = ""
        switch method {
        case "yes_no":
            let word = try text(solution, "solution").lowercased()
            guard ["yes", "no"].contains(word) else {
                throw wrong("solution", "yes or no", shown(word))
            }
            question = problem + EpisodeQuestions.sameObjectEnding
            goal = .sameObject(isPresent: word == "yes")
            answer = word
        case "yes_no_name", "yes_no_name_multi":
            let names = try self.names(solution)
            question = problem
            goal = .names(RewardScene(present: names, supplied: names, infos: [problem]))
        case "iou":
            question = problem + EpisodeQuestions.boxEnding
            goal = .box(try box(solution), name: tagged(problem) ?? "object")
        default:
            throw wrong(
                "accu_reward_method", "yes_no, yes_no_name, yes_no_name_multi or iou",
                shown(method))
        }
        let parts = images.map(Row.Part.image) + [.text(question)]
        return Row(turns: [(.user, parts)], goal: goal, question: question, answer: answer)
    }

    private func names(_ value: JSONValue?) throws(TrainingFileError) -> [String] {
        let values: [JSONValue]
        switch value {
        case .string?: values = [value].compactMap(\.self)
        case .array(let list)?: values = list
        default: throw wrong("solution", "a name or a list of names", value?.kind ?? "missing")
        }
        var names: [String] = []
        for value in values { names.append(PromptName.shown(try text(value, "solution"))) }
        guard (1...CaptionPrompt.maximumConcepts).contains(names.count),
            names.allSatisfy({ !$0.isEmpty })
        else { throw wrong("solution", "one to four names", "\(names.count) names") }
        return names
    }

    private func box(_ value: JSONValue?) throws(TrainingFileError) -> [Int] {
        let expected = "[x1, y1, x2, y2] with x1 < x2 and y1 < y2"
        guard case .array(let values)? = value else {
            throw wrong("solution", expected, value?.kind ?? "missing")
        }
        let numbers = values.compactMap { value -> Int? in
            guard case .number(let digits) = value, let number = Double(digits),
                (0...1_000_000).contains(number)
            else { return nil }
            return Int(number.rounded())
        }
        guard values.count == 4, numbers.count == 4, numbers[0] < numbers[2],
            numbers[1] < numbers[3]
        else { throw wrong("solution", expected, "another list") }
        return numbers
    }

    private func tagged(_ problem: String) -> String? {
        problem.firstMatch(of: /<([^<>\n]{1,200})>/).map { PromptName.shown(String($0.output.1)) }
    }

    // MARK: LLaMA-Factory and VLM-R1

    /// One example for every answer of a conversation.
    private func conversation(_ fields: [String: JSONValue]) throws(TrainingFileError) -> [Row] {
        let key = fields["conversations"] != nil ? "conversations" : "messages"
        guard case .array(let values)? = fields[key] else {
            throw wrong(key, "a list of turns", fields[key]?.kind ?? "missing")
        }
        let images = fields["images"] ?? fields["image"]
        var pictures = images == nil ? [] : try self.pictures(images, "images")
        let given = pictures.count
        var turns: [(role: ChatMessage.Role, parts: [Row.Part])] = []
        var rows: [Row] = []
        if let system = fields["system"]?.string, !system.isEmpty {
            turns.append((.system, [.text(system)]))
        }
        for (index, value) in values.enumerated() {
            let place = "\(key)[\(index)]"
            guard case .object(let members) = value else {
                throw wrong(place, "an object", value.kind)
            }
            let turn = Dictionary(members.map { ($0.key, $0.value) }) { _, last in last }
            let role = try self.role(turn["from"] ?? turn["role"], place)
            let content = try text(turn["value"] ?? turn["content"], place)
            guard role != .assistant else {
                guard turns.last?.role == .user else {
                    throw wrong(place, "a question before each answer", "an answer")
                }
                rows.append(
                    Row(
                        turns: turns, goal: .example, question: question(turns), answer: content))
                turns.append((.assistant, [.text(content)]))
                continue
            }
            var parts: [Row.Part] = []
            let pieces = content.split(separator: "<image>", omittingEmptySubsequences: false)
            for (number, piece) in pieces.enumerated() {
                if number > 0 {
                    guard !pictures.isEmpty else {
                        throw wrong(place, "as many <image> as pictures (\(given))", "more of them")
                    }
                    parts.append(.image(pictures.removeFirst()))
                }
                if !piece.isEmpty { parts.append(.text(String(piece))) }
            }
            turns.append((role, parts))
        }
        guard pictures.isEmpty else {
            throw wrong(
                key, "as many <image> as pictures (\(given))", "\(given - pictures.count) of them")
        }
        guard !rows.isEmpty else { throw wrong(key, "at least one answer", "none") }
        return rows
    }

    private func role(
        _ value: JSONValue?, _ place: String
    ) throws(TrainingFileError) -> ChatMessage.Role {
        switch value?.string {
        case "human", "user": return .user
        case "gpt", "assistant": return .assistant
        case "system": return .system
        default:
            throw wrong(
                place, "from human, gpt or system", shown(value?.string ?? value?.kind ?? "missing")
            )
        }
    }

    private func question(_ turns: [(role: ChatMessage.Role, parts: [Row.Part])]) -> String {
        (turns.last?.parts ?? []).compactMap { part in
            if case .text(let text) = part { text } else { nil }
        }.joined(separator: " ")
    }

    // MARK: CapRL

    /// `qa_response` in the layout of CapRL's question writer, `image_path`.
    private func questions(_ fields: [String: JSONValue]) throws(TrainingFileError) -> Row {
        let images = try pictures(fields["image_path"] ?? fields["image"], "image_path")
        let response = try text(fields["qa_response"], "qa_response")
        var found: [MultipleChoiceQuestion] = []
        for block in response.split(separator: "####").map(String.init) {
            guard let stem = block.firstMatch(of: /\*\*(.+?)\*\*/),
                let answer = block.firstMatch(of: /Answer:\*\*\s*([A-I])\)/)
            else { continue }
            let options = block.matches(of: /(?m)^\s*-\s*([A-I])\)\s*(.+?)\s*$/)
            let letters = options.map(\.output.1)
            guard let correct = letters.firstIndex(of: answer.output.1) else { continue }
            found.append(
                MultipleChoiceQuestion(
                    stem: String(stem.output.1), options: options.map { String($0.output.2) },
                    correct: correct))
        }
        guard !found.isEmpty else {
            throw wrong("qa_response", "questions with options and answers", "other text")
        }
        let question = "Please describe this image in detail."
        return Row(
            turns: [(.user, images.map(Row.Part.image) + [.text(question)])],
            goal: .questions(found), question: question, answer: "")
    }

    // MARK: Fields

    private func text(
        _ value: JSONValue?, _ field: String
    ) throws(TrainingFileError) -> String {
        guard let text = value?.string else { throw wrong(field, "text", value?.kind ?? "missing") }
        guard !text.isEmpty, text.utf8.count <= Self.longestText else {
            throw wrong(
                field, "text of 1 to \(Self.longestText) bytes", "\(text.utf8.count) bytes")
        }
        return text
    }

    private func pictures(
        _ value: JSONValue?, _ field: String
    ) throws(TrainingFileError) -> [URL] {
        let values: [JSONValue]
        switch value {
        case .string?: values = [value].compactMap(\.self)
        case .array(let list)?: values = list
        default: throw wrong(field, "a path or a list of paths", value?.kind ?? "missing")
        }
        guard (1...Self.mostImages).contains(values.count) else {
            throw wrong(field, "1 to \(Self.mostImages) pictures", "\(values.count)")
        }
        var urls: [URL] = []
        for value in values {
            let path = try text(value, field)
            do throws(FolderPath.Failure) {
                urls.append(try FolderPath.file(FolderPath.components(of: path), in: folder))
            } catch {
                throw wrong(
                    field, "a picture below the image folder", "\(shown(path)), which \(error)")
            }
        }
        return urls
    }

    private func shown(_ text: String) -> String { "'\(PromptName.oneLine(text).prefix(80))'" }

    private func wrong(_ field: String, _ expected: String, _ found: String) -> TrainingFileError {
        .entry(file: file, entry: entry, field: field, expected: expected, found: found)
    }
}
