import ConceptDB
import Foundation
import PersonalCaption

/// One of two captions.
enum CompareSide: Sendable, Hashable, CaseIterable {
    case left, right

    var other: CompareSide { self == .left ? .right : .left }
    var word: String { self == .left ? "left" : "right" }
    /// What the column is called while nobody may know which caption it is.
    var letter: String { self == .left ? "A" : "B" }
}

/// A caption of the history with what comparing needs.
struct CompareCaption: Sendable {
    let record: ConceptDB.CaptionRecord
    /// Where names stand in the caption.
    let names: NameReport
    /// The query picture; `nil` when it is gone.
    let picture: URL?
}

/// What lies on one side.
enum CompareSlot: Sendable {
    case empty
    case loading(Int64)
    case ready(CompareCaption)
    /// It was there once: a sentence.
    case missing(Int64, String)

    var captionID: Int64? {
        switch self {
        case .empty: nil
        case .loading(let id), .missing(let id, _): id
        case .ready(let caption): caption.record.id
        }
    }

    var caption: CompareCaption? {
        if case .ready(let caption) = self { return caption }
        return nil
    }
}

/// What the screen Compare knows.
struct CompareState: Sendable {
    private var slots: [CompareSide: CompareSlot] = [:]
    /// Both captions, once they are there.
    private(set) var pair: ComparePair?
    /// The column that keys act on.
    var focus = CompareSide.left
    /// Lines scrolled off the top of both captions.
    var scroll = 0
    var marksDifferences = true
    /// Whether columns are hidden or were hidden until the vote.
    var blind: BlindRound?
    /// Decides which caption comes first in the next blind round.
    var seed = UInt64.random(in: .min ... .max)
    var votes = CompareVotes()
    var hasReadVotes = false

    subscript(side: CompareSide) -> CompareSlot {
        get { slots[side] ?? .empty }
        set {
            slots[side] = newValue
            pair = ComparePair(left: self[.left].caption, right: self[.right].caption)
        }
    }

    var isEmpty: Bool {
        self[.left].captionID == nil && self[.right].captionID == nil
    }

    /// Whether the columns must not say which caption is which.
    var isHidden: Bool { blind != nil && blind?.verdict == nil }

    /// The side whose caption stands in a column.
    func side(in column: CompareSide) -> CompareSide {
        blind?.isSwapped == true ? column.other : column
    }
}

/// A vote without knowing which is which.
struct BlindRound: Sendable, Equatable {
    /// Whether the right caption stands in the left column.
    let isSwapped: Bool
    /// The caption that was found better, by its side; nothing is hidden from then on.
    var verdict: CompareVerdict?
}

/// The outcome of a vote.
enum CompareVerdict: String, Sendable, Codable, Equatable {
    case left, right, neither

    init(_ side: CompareSide) { self = side == .left ? .left : .right }
}
