/// What recording a caption takes: everything needed to make it again.
public struct NewCaption: Sendable, Equatable {
    /// The query picture; it is stored like a reference image.
    public var image: ImageSource
    /// The concepts shown to the model, in prompt order.
    public var concepts: [CaptionConcept]
    /// What was asked.
    public var question: String
    /// What was answered.
    public var caption: String
    /// The name of the model.
    public var model: String
    /// Where the model lay.
    public var modelPath: String
    /// The adapter in use, if any.
    public var adapter: String?
    /// The sampling options.
    public var options: JSONValue
    /// The seed of the sampling.
    public var seed: UInt64
    /// Why the model stopped.
    public var finishReason: String
    /// Token counts.
    public var usage: JSONValue
    /// Seconds per stage.
    public var timings: JSONValue
    /// Names of the concepts that the caption names.
    public var named: [String]
    /// Names of concepts that were shown and are not named.
    public var unnamed: [String]
    /// Names in the caption that belong to concepts not in the picture.
    public var absent: [String]

    /// Collects the fields; the store checks that they fit.
    public init(
        image: ImageSource, concepts: [CaptionConcept], question: String, caption: String,
        model: String, modelPath: String, adapter: String? = nil, options: JSONValue = .object([:]),
        seed: UInt64 = 0, finishReason: String, usage: JSONValue = .object([:]),
        timings: JSONValue = .object([:]), named: [String] = [], unnamed: [String] = [],
        absent: [String] = []
    ) {
        self.image = image
        self.concepts = concepts
        self.question = question
        self.caption = caption
        self.model = model
        self.modelPath = modelPath
        self.adapter = adapter
        self.options = options
        self.seed = seed
        self.finishReason = finishReason
        self.usage = usage
        self.timings = timings
        self.named = named
        self.unnamed = unnamed
        self.absent = absent
    }
}

/// A concept as it was when a caption was made; later edits do not change it.
public struct CaptionConcept: Sendable, Equatable, Codable {
    /// The concept, which may have been renamed or purged since; `nil` if it never was in the
    /// library.
    public var id: Int64?
    /// Its name then.
    public var name: String
    /// Its category then.
    public var category: String
    /// Its info line then.
    public var info: String
    /// SHA-256 of the reference images shown.
    public var images: [String]

    /// Collects the fields.
    public init(
        id: Int64?, name: String, category: String = "", info: String = "", images: [String] = []
    ) {
        self.id = id
        self.name = name
        self.category = category
        self.info = info
        self.images = images
    }

    /// Takes the snapshot of a concept with all its pictures.
    public init(_ concept: Concept) {
        self.init(
            id: concept.id, name: concept.name, category: concept.category, info: concept.info,
            images: concept.images.map(\.sha256))
    }
}

/// The query picture of a caption.
public struct QueryImage: Sendable, Equatable, Codable {
    /// Where the user took it from, at that time.
    public let originalPath: String
    /// Relative to the library folder; `nil` if a repair had to give up a missing file.
    public let path: String?
    /// SHA-256 of the stored file.
    public let sha256: String?
    /// Upright size in pixels.
    public let width: Int?
    /// Upright size in pixels.
    public let height: Int?
}

/// A caption of the history.
public struct CaptionRecord: Sendable, Equatable, Codable, Identifiable {
    /// Never used again.
    public let id: Int64
    /// When it was made.
    public let createdAt: Timestamp
    /// The query picture.
    public let image: QueryImage
    /// The concepts as they were, in prompt order.
    public let concepts: [CaptionConcept]
    /// What was asked.
    public let question: String
    /// What was answered.
    public let caption: String
    /// The name of the model.
    public let model: String
    /// Where the model lay.
    public let modelPath: String
    /// The adapter in use, if any.
    public let adapter: String?
    /// The sampling options.
    public let options: JSONValue
    /// The seed of the sampling.
    public let seed: UInt64
    /// Why the model stopped.
    public let finishReason: String
    /// Token counts.
    public let usage: JSONValue
    /// Seconds per stage.
    public let timings: JSONValue
    /// Names of the concepts that the caption names.
    public let named: [String]
    /// Names of concepts that were shown and are not named.
    public let unnamed: [String]
    /// Names in the caption that belong to concepts not in the picture.
    public let absent: [String]
}

/// Which captions to list, newest first.
public struct CaptionQuery: Sendable, Equatable {
    /// Words to find in caption, question and concept names; empty for all.
    public var text: String
    /// Only captions made with this concept.
    public var conceptID: Int64?
    /// How many to pass over.
    public var offset: Int
    /// How many to return at most; `nil` for all.
    public var limit: Int?

    /// Collects the conditions.
    public init(text: String = "", conceptID: Int64? = nil, offset: Int = 0, limit: Int? = nil) {
        self.text = text
        self.conceptID = conceptID
        self.offset = offset
        self.limit = limit
    }
}

/// A part of the history.
public struct CaptionPage: Sendable, Equatable {
    /// The captions from `offset` on, newest first.
    public let captions: [CaptionRecord]
    /// How many there are without `offset` and `limit`.
    public let total: Int
}

/// What a caption of the history was made of, in short.
public struct CaptionHeading: Sendable, Equatable, Identifiable {
    /// The number of the caption.
    public let id: Int64
    /// Where the query picture came from.
    public let originalPath: String
    /// The names of the concepts, with commas between them.
    public let concepts: String
}
