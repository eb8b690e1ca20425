public import Foundation

/// One caption in the form the published scorers of RAP and RePIC read: `[image, tags, caption, question]`.
public struct ResultRow: Sendable, Equatable, Codable {
    /// Path of the query picture, as the set names it.
    public var image: String
    /// The gold tags with their brackets, such as `<my cat>`.
    public var tags: [String]
    /// The caption as the model wrote it.
    public var caption: String
    /// Empty when the row had none, as RAP's have not.
    public var question: String

    /// Names every part.
    public init(image: String, tags: [String], caption: String, question: String) {
        self.image = image
        self.tags = tags
        self.caption = caption
        self.question = question
    }

    /// A row for a caption made here.
    ///
    /// - Parameters:
    ///   - image: path of the query picture.
    ///   - names: names of the concepts in the picture; brackets are added.
    ///   - record: the caption.
    public init(image: String, names: [String], record: CaptionRecord) {
        self.init(
            image: image, tags: names.map(PromptName.tag), caption: record.caption,
            question: record.question)
    }

    /// Reads a list of three (RAP) or four (RePIC) elements.
    public init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        image = try values.decode(String.self)
        tags = try values.decode([String].self)
        caption = try values.decode(String.self)
        question = values.isAtEnd ? "" : try values.decode(String.self)
    }

    /// Writes a list of four elements.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        try values.encode(image)
        try values.encode(tags)
        try values.encode(caption)
        try values.encode(question)
    }
}

/// The result files of RAP and RePIC.
public enum ResultList {
    /// A JSON list of rows, in order.
    public static func json(_ rows: [ResultRow]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(rows)
    }

    /// The rows of a result file.
    ///
    /// - Throws: `DecodingError` naming the row and element that is missing or of another type.
    public static func read(_ data: Data) throws -> [ResultRow] {
        try JSONDecoder().decode([ResultRow].self, from: data)
    }
}
