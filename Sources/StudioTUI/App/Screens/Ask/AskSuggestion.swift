import Foundation
import PersonalCaption
import VLMRuntime

/// A concept that a search of the library found in the picture.
struct AskSuggestion: Sendable, Equatable {
    /// Its number in the library.
    let id: Int64
    let name: String
    /// How likely it is there, 0…1.
    let score: Double
    /// `[x1, y1, x2, y2]` in pixels of the picture.
    let box: [Int]
    /// Why it was found, in a few words.
    let reason: String

    /// "83 %".
    var percent: String { "\(Int((score * 100).rounded())) %" }
}

/// What a search of the library found in a picture, as far as nobody has decided about it.
struct AskSuggestions: Sendable {
    /// The picture that was searched.
    let picture: String
    /// Those that were neither accepted nor dismissed, best first.
    var open: [AskSuggestion]
    /// Concepts that were compared.
    let librarySize: Int
    /// The picture with a frame around everybody found; `nil` when nobody was.
    let drawn: RGBImageBox?
    /// Whether nobody was found at all.
    let isNobody: Bool
    /// How long it took.
    let seconds: Double
}

/// What a search of the library is asked.
struct SuggestJob: Sendable, Equatable {
    let image: URL
    /// What tells the picture from others.
    let identity: String
    /// Names that the question uses are accepted whatever is found.
    var question: String?
    /// At most so many are suggested.
    var limit: Int
    var model: String?
    var adapter: String?
    var keyValues: KVStorage?
}

/// Someone is being looked for.
struct AskSearch: Sendable {
    let picture: String
    let cancellation: CancellationFlag
    var stage = "starting"
    var fraction: Double?
}

extension AskState {
    /// What may go into the free slots, in their order; of this picture only.
    var suggested: [AskSuggestion] {
        guard let suggestions, suggestions.picture == picture?.identity else { return [] }
        let taken = Set(slots.map(\.id))
        return suggestions.open.filter { !taken.contains($0.id) }
    }

    /// The suggestion that a slot shows.
    func suggestion(in slot: Int) -> AskSuggestion? {
        let place = slot - slots.count
        return place >= 0 && place < suggested.count ? suggested[place] : nil
    }

    /// Whether a search of this picture found nobody.
    var isNobody: Bool {
        guard let suggestions, suggestions.picture == picture?.identity else { return false }
        return suggestions.isNobody
    }
}
