public import Foundation
public import ImageCodecs

/// One question of a VLMEvalKit benchmark.
public struct VLMEvalRow: Sendable, Equatable {
    /// The row's index.
    public var index: String
    /// What is asked, hint included.
    public var question: ChoiceQuestion
    /// The benchmark's own grouping; may be empty.
    public var category: String
    /// Where the picture is.
    public var picture: Picture

    /// Where a picture is.
    public enum Picture: Sendable, Equatable {
        /// Base64 text in these bytes of the file.
        case bytes(Range<Int>)
        /// A file in the folder of images.
        case file(URL)
    }
}

/// Why a table cannot be used.
public enum VLMEvalError: OutsideDataError, Equatable {
    /// The file cannot be read or is too large.
    case unreadable(ImageReadError)
    /// The first line lacks columns.
    case columns(file: String, missing: [String])
    /// The picture of a row cannot be read.
    case picture(index: String, reason: String)

    /// Whether there is no such file.
    public var isMissing: Bool {
        if case .unreadable(let cause) = self { return cause.isMissing }
        return false
    }

    /// One sentence that says what is wrong and where.
    public var description: String {
        switch self {
        case .unreadable(let reason): reason.description
        case .columns(let file, let missing):
            "\(file) must be a table of VLMEvalKit, but its first line has no column "
                + "\(missing.map { "'\($0)'" }.joined(separator: " and no "))."
        case .picture(let index, let reason):
            "the picture of row \(PromptName.oneLine(index)) \(reason)"
        }
    }
}

/// A multiple-choice benchmark of VLMEvalKit: one TSV with pictures in base64 or as paths.
///
/// Columns: `index`, `image` or `image_path`, `question`, `A`, `B` and so on, `answer`, and maybe
/// `hint`, `category`. An `image` that is the index of another row means that row's picture.
/// Source: open-compass/VLMEvalKit, `vlmeval/dataset/image_mcq.py`.
public struct VLMEvalTable: Sendable {
    /// The questions that can be asked, in the order of the file.
    public let rows: [VLMEvalRow]
    /// What was left out.
    public let problems: [FormatProblem]
    private let file: ChunkedFile

    /// The largest file, in bytes.
    public static let maximumBytes = 4 << 30
    /// The most rows that are read.
    public static let maximumRows = 1_000_000
    /// How much of a field is kept, in bytes; longer questions are left out.
    static let longestText = 16 << 10

    /// Reads the table; pictures stay in the file until they are asked for.
    ///
    /// - Parameters:
    ///   - url: the TSV.
    ///   - images: where `image_path` is looked for; default: beside the table.
    /// - Throws: `VLMEvalError`; problems of single rows are listed instead.
    public init(_ url: URL, images: URL? = nil) throws(VLMEvalError) {
        let folder = images ?? url.deletingLastPathComponent()
        let name = PromptName.oneLine(url.lastPathComponent)
        do throws(ImageReadError) {
            file = try ChunkedFile(url, limit: Self.maximumBytes)
        } catch {
            throw .unreadable(error)
        }
        var reader: VLMEvalReader
        do throws(ImageReadError) {
            var scanner = TabbedScanner(file, longestText: Self.longestText)
            let header = try scanner.next() ?? []
            reader = VLMEvalReader(header: header, folder: folder)
            if reader.missingColumns.isEmpty {
                while reader.count < Self.maximumRows, let fields = try scanner.next() {
                    reader.read(fields)
                }
            }
        } catch {
            throw .unreadable(error)
        }
        guard reader.missingColumns.isEmpty else {
            throw .columns(file: name, missing: reader.missingColumns)
        }
        rows = reader.finish()
        problems = reader.problems.all
    }

    /// The bytes of a row's picture file (PNG, JPEG or WebP).
    ///
    /// - Throws: `VLMEvalError.picture` when it is no base64 or is larger than 64 MiB.
    public func picture(of row: VLMEvalRow) throws(VLMEvalError) -> Data {
        do throws(ImageReadError) {
            switch row.picture {
            case .file(let url):
                return try BoundedFile.read(url, limit: ImageLimits.standard.maximumBytes)
            case .bytes(let range):
                guard range.count <= ImageLimits.standard.maximumBytes / 3 * 4 + 1024 else {
                    throw .tooLarge(
                        file: "row \(row.index)", bytes: range.count / 4 * 3,
                        limit: ImageLimits.standard.maximumBytes)
                }
                let text = try file.bytes(at: range.lowerBound, count: range.count)
                guard let data = Self.decoded(text) else {
                    throw .unreadable(file: "row \(row.index)", reason: "it is not base64")
                }
                return data
            }
        } catch {
            throw .picture(index: row.index, reason: "cannot be used: \(error.description)")
        }
    }

    /// Base64 between optional quotes, with or without `data:…,` before it.
    static func decoded(_ text: [UInt8]) -> Data? {
        var text = text[...]
        if text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\""), text.count > 1 {
            text = text.dropFirst().dropLast()
        }
        if text.starts(with: "data:".utf8), let comma = text.prefix(200).firstIndex(of: 0x2C) {
            text = text[(comma + 1)...]
        }
        let plain = text.filter { $0 > 0x20 }
        guard let data = Data(base64Encoded: Data(plain)), !data.isEmpty else { return nil }
        return data
    }
}
