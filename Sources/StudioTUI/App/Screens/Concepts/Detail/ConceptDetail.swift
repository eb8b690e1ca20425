import ConceptDB

/// A concept that is open.
struct ConceptDetail: Sendable, Equatable {
    let id: Int64
    /// Which of its pictures is shown.
    var image = 0
    /// How far its text is scrolled.
    var scroll = 0
    /// The captions that used it, newest first; `nil` until they are read.
    var captions: [CaptionRecord]?
    /// How many there are in all.
    var captionCount = 0

    init(id: Int64) { self.id = id }
}
