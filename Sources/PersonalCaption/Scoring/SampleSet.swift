public import Foundation

/// A concept of a sample set.
public struct SampleConcept: Sendable, Equatable {
    /// Its number in the set.
    public var id: Int
    /// Its picture.
    public var file: URL
    /// What it is called.
    public var name: String
    /// One line about it; may be empty.
    public var info: String
    /// What kind of thing it is; may be empty.
    public var category: String

    /// Names every part.
    public init(id: Int, file: URL, name: String, info: String, category: String) {
        self.id = id
        self.file = file
        self.name = name
        self.info = info
        self.category = category
    }
}

/// A concept where it stands in a query picture.
public struct SampleObject: Sendable, Equatable {
    /// Which concept of the set.
    public var concept: Int
    /// The concept's name.
    public var name: String
    /// `[x1, y1, x2, y2]` in pixels of the query picture.
    public var box: [Int]

    /// Names every part.
    public init(concept: Int, name: String, box: [Int]) {
        self.concept = concept
        self.name = name
        self.box = box
    }
}

/// A query picture of a sample set, with its truth.
public struct SampleQuery: Sendable, Equatable {
    /// Its picture.
    public var file: URL
    /// What the picture shows behind the objects.
    public var background: String
    /// The concepts in view.
    public var objects: [SampleObject]
    /// Concepts that are not in view, to be supplied as well for a harder question.
    public var suggestedAbsent: [Int]

    /// Names every part.
    public init(
        file: URL, background: String, objects: [SampleObject], suggestedAbsent: [Int]
    ) {
        self.file = file
        self.background = background
        self.objects = objects
        self.suggestedAbsent = suggestedAbsent
    }

    /// Names of the concepts in view, each once.
    public var truth: [String] {
        objects.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

/// Concept pictures and query pictures with a `truth.json` that says what is in them.
public struct SampleSet: Sendable, Equatable {
    /// The concepts, in the order of the file.
    public var concepts: [SampleConcept]
    /// The query pictures, in the order of the file.
    public var queries: [SampleQuery]

    /// Names both parts.
    public init(concepts: [SampleConcept], queries: [SampleQuery]) {
        self.concepts = concepts
        self.queries = queries
    }

    /// The concepts to supply with a query: those in view and some that are not, by number.
    ///
    /// - Parameters:
    ///   - query: a picture of this set.
    ///   - absent: how many concepts that are not in view to add, as far as four allow.
    public func references(for query: SampleQuery, absent: Int = 1) -> [SampleConcept] {
        let visible = Set(query.objects.map(\.concept))
        let room = max(0, CaptionPrompt.maximumConcepts - visible.count)
        let added = query.suggestedAbsent.prefix(min(max(0, absent), room))
        let wanted = visible.union(added)
        return concepts.filter { wanted.contains($0.id) }.sorted { $0.id < $1.id }
    }
}
