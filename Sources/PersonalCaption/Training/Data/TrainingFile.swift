public import Foundation
import ImageCodecs
import VLMRuntime

/// Why a file of training examples cannot be used.
public enum TrainingFileError: OutsideDataError, Equatable {
    /// It cannot be read, or is far too large.
    case unreadable(ImageReadError)
    /// It is not JSON.
    case syntax(file: String, reason: String)
    /// An entry is not what the format says.
    case entry(file: String, entry: String, field: String, expected: String, found: String)
    /// It holds nothing to learn from.
    case empty(file: String)

    /// Whether there is no such file.
    public var isMissing: Bool {
        if case .unreadable(let cause) = self { return cause.isMissing }
        return false
    }

    /// One sentence: file, entry, field, expected, found.
    public var description: String {
        switch self {
        case .unreadable(let reason): reason.description
        case .syntax(let file, let reason): "\(file) is not JSON: \(reason)"
        case .entry(let file, let entry, let field, let expected, let found):
            "\(file), \(entry): '\(field)' must be \(expected), but it is \(found); correct it or "
                + "remove the entry"
        case .empty(let file): "\(file) holds no training examples"
        }
    }
}

/// Training examples from a file: RePIC's, LLaMA-Factory's, or CapRL's questions.
///
/// LLaMA-Factory's may be in ShareGPT or OpenAI form. Everything is checked before the first picture
/// is opened.
public struct TrainingFile: Sendable, Equatable {
    /// One example; pictures are opened when it is its turn.
    struct Row: Sendable, Equatable {
        /// A picture's place in the text, or text.
        enum Part: Sendable, Equatable {
            case text(String)
            case image(URL)
        }
        var turns: [(role: ChatMessage.Role, parts: [Part])]
        var goal: EpisodeGoal
        var question: String
        var answer: String

        static func == (a: Row, b: Row) -> Bool {
            a.goal == b.goal && a.question == b.question && a.answer == b.answer
                && a.turns.count == b.turns.count
                && zip(a.turns, b.turns).allSatisfy { $0.role == $1.role && $0.parts == $1.parts }
        }

        var images: [URL] {
            turns.flatMap(\.parts).compactMap { part in
                if case .image(let url) = part { url } else { nil }
            }
        }
    }

    private static let largest = 512 << 20
    let rows: [Row]

    /// How many examples there are.
    public var count: Int { rows.count }

    /// Reads a `.json` or `.jsonl` file.
    ///
    /// - Parameters:
    ///   - file: the examples.
    ///   - images: the folder that holds the pictures; no path may lead out of it.
    /// - Throws: `TrainingFileError`, naming line or entry and field.
    public init(_ file: URL, images: URL) throws(TrainingFileError) {
        let data: Data
        do {
            data = try BoundedFile.read(file, limit: Self.largest)
        } catch {
            throw .unreadable(error)
        }
        let name = file.lastPathComponent
        var rows: [Row] = []
        for (entry, value) in try Self.entries(data, name) {
            let reader = TrainingRowReader(file: name, entry: entry, folder: images)
            rows += try reader.rows(value)
        }
        guard !rows.isEmpty else { throw .empty(file: name) }
        self.rows = rows
    }

    /// Joins several files.
    public init(joining files: [TrainingFile]) { rows = files.flatMap(\.rows) }

    /// The members of a list, or the lines of a JSONL file.
    private static func entries(
        _ data: Data, _ file: String
    ) throws(TrainingFileError) -> [(entry: String, value: JSONValue)] {
        let first = data.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        if first == UInt8(ascii: "[") {
            do throws(JSONSyntaxError) {
                guard case .array(let values) = try JSONValue.parse(data) else { return [] }
                return values.enumerated().map { ("entry \($0 + 1)", $1) }
            } catch {
                throw .syntax(file: file, reason: error.description)
            }
        }
        var entries: [(String, JSONValue)] = []
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where line.contains(where: { $0 > 0x20 }) {
            do throws(JSONSyntaxError) {
                entries.append(("line \(index + 1)", try JSONValue.parse(Data(line))))
            } catch {
                throw .syntax(file: file, reason: "line \(index + 1): \(error.reason)")
            }
        }
        return entries
    }
}

/// Episodes from a file, a part of them kept back by picture.
public struct FileEpisodes: EpisodeSource {
    private let training: [TrainingFile.Row]
    private let kept: [TrainingFile.Row]
    private let profile: ModelProfile

    /// Keeps about every tenth picture back, with all examples that show it.
    public init(_ file: TrainingFile, profile: ModelProfile) {
        self.profile = profile
        var keptPictures: Set<URL> = []
        let queries = file.rows.compactMap(\.images.last)
        for (index, query) in queries.reduce(
            into: [URL](),
            { known, url in
                if known.last != url, !known.contains(url) { known.append(url) }
            }
        ).enumerated() where index % 10 == 9 {
            keptPictures.insert(query)
        }
        // Whoever shows a kept picture anywhere, also as a reference, is not trained with.
        training = file.rows.filter { row in !row.images.contains(where: keptPictures.contains) }
        kept = file.rows.filter { row in row.images.last.map(keptPictures.contains) ?? false }
    }

    /// Number of examples that are trained with.
    public var trainingCount: Int { training.count }

    /// Pictures that are kept back and yet trained with; none.
    public func leaks() -> Set<URL> {
        Set(kept.compactMap(\.images.last)).intersection(training.flatMap(\.images))
    }

    /// One example; each pass over the file has an order of its own.
    ///
    /// - Throws: `ImageReadError` when its picture cannot be opened.
    public func episode(seed: UInt64, number: Int) throws -> Episode {
        guard !training.isEmpty else {
            throw RunError.noMaterial(reason: "the file leaves no example to train with")
        }
        var random = RewardRandom(seed: seed, UInt64(number))
        return try episode(training[random.below(training.count)])
    }

    /// Examples to judge by.
    ///
    /// - Throws: `ImageReadError` when a picture cannot be opened.
    public func heldOut(count: Int) throws -> [Episode] { try kept.prefix(count).map(episode) }

    private func episode(_ row: TrainingFile.Row) throws -> Episode {
        let last = row.images.last
        var messages: [ChatMessage] = []
        for turn in row.turns {
            var parts: [ChatMessage.Part] = []
            for part in turn.parts {
                switch part {
                case .text(let text): parts.append(.text(text))
                case .image(let url):
                    let budget = url == last ? profile.queryBudget : profile.referenceBudget
                    parts.append(
                        .image(
                            ImageInput(
                                try ImageDecoder.decode(fileAt: url).flattened(),
                                pixelBudget: budget)))
                }
            }
            messages.append(ChatMessage(turn.role, parts))
        }
        return Episode(
            messages: messages, goal: row.goal, question: row.question, answer: row.answer)
    }
}
