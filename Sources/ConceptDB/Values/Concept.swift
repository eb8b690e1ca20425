import Foundation

/// A person, animal, place or thing that captions call by its name.
///
/// Encodes to the JSON of `studio concept list`; `cover` is written as `null` when there is no
/// picture, `trashedAt` only for concepts in the trash.
public struct Concept: Sendable, Codable, Equatable, Identifiable {
    /// Never used again, not even after the concept is purged.
    public let id: Int64
    /// As the user wrote it, trimmed and in Unicode NFC; shown to models as `<name>`.
    public let name: String
    /// What kind of thing it is, or empty.
    public let category: String
    /// One line about it, or empty.
    public let info: String
    /// Lower-case, without duplicates, in alphabetical order.
    public let tags: [String]
    /// Its pictures in the order they were added; may be empty.
    public let images: [ReferenceImage]
    /// The `id` of the picture that stands for it; `nil` exactly when `images` is empty.
    public let cover: Int64?
    /// When it was registered.
    public let createdAt: Timestamp
    /// When anything about it, pictures included, changed last.
    public let updatedAt: Timestamp
    /// When it was moved to the trash; `nil` for a living concept.
    public let trashedAt: Timestamp?

    /// The picture that stands for it.
    public var coverImage: ReferenceImage? {
        images.first { $0.id == cover }
    }

    /// Makes a value; only the store gives it meaning.
    public init(
        id: Int64, name: String, category: String = "", info: String = "", tags: [String] = [],
        images: [ReferenceImage] = [], cover: Int64? = nil, createdAt: Timestamp,
        updatedAt: Timestamp, trashedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.category = category
        self.info = info
        self.tags = tags
        self.images = images
        self.cover = cover
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.trashedAt = trashedAt
    }

    /// Writes every key of the command-line contract.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(category, forKey: .category)
        try container.encode(info, forKey: .info)
        try container.encode(tags, forKey: .tags)
        try container.encode(images, forKey: .images)
        // The contract promises the key, so a missing cover is an explicit null.
        try container.encode(cover, forKey: .cover)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(updatedAt, forKey: .updatedAt)
        try container.encodeIfPresent(trashedAt, forKey: .trashedAt)
    }
}

/// One picture of a concept.
public struct ReferenceImage: Sendable, Codable, Equatable, Identifiable {
    /// Names this picture *of this concept*; the same bytes may serve several concepts.
    public let id: Int64
    /// Relative to the library folder: `images/ab/cdef….png`.
    public let path: String
    /// Upright size in pixels.
    public let width: Int
    /// Upright size in pixels.
    public let height: Int
    /// SHA-256 of the stored file, 64 lower-case hexadecimal digits.
    public let sha256: String

    /// Makes a value; only the store gives it meaning.
    public init(id: Int64, path: String, width: Int, height: Int, sha256: String) {
        self.id = id
        self.path = path
        self.width = width
        self.height = height
        self.sha256 = sha256
    }
}

/// Where a picture comes from.
public enum ImageSource: Sendable, Equatable {
    /// A PNG, JPEG or WebP file; it is read, never changed.
    case file(URL)
    /// The bytes of such a file, with a name for error messages.
    case data(Data, name: String)

    /// What to call it in messages: the path, or the given name.
    public var displayName: String {
        switch self {
        case .file(let url): url.path
        case .data(_, let name): name
        }
    }
}
