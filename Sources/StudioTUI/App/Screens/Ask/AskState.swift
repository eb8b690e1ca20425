import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// What the screen Ask knows.
struct AskState: Sendable {
    /// The picture that is asked about.
    var picture: AskPicture?
    /// The concepts that may be in it, in prompt order.
    var slots: [AskSlot] = []
    /// Empty asks the usual question.
    var question = TextField(maximumLength: CaptionPrompt.maximumQuestionLength)
    /// Asked before, the latest first.
    var earlierQuestions: [String] = []
    /// Which of them is in the field, while going through them.
    var recalled: Int?
    /// What was in the field before going through them.
    var draft = ""
    var hasReadQuestions = false

    var sampling = AskSampling()
    /// A registered model or a folder; `nil` for the one in use.
    var modelWish: String?
    /// A kept adapter or a PEFT folder; `nil` for the model alone.
    var adapterWish: String?
    /// What is known of the model that would answer.
    var model: AskModel?

    var focus = AskFocus.picture
    /// All captions of this session, also of other pictures, in the order they were asked for.
    var captions: [AskCaption] = []
    /// The caption that is looked at.
    var shown: Int?
    /// The caption that is being written.
    var running: AskRun?
    var nextNumber = 1

    /// Who was found in the picture and not decided about yet.
    var suggestions: AskSuggestions?
    /// The search that is under way.
    var searching: AskSearch?

    /// Captions remembered in one session.
    static let kept = 100

    /// The captions of the picture, in the order they were asked for.
    var captionsOfPicture: [AskCaption] {
        captions.filter { $0.picture.identity == picture?.identity }
    }

    /// The caption that is looked at.
    var current: AskCaption? { shown.flatMap { caption($0) } }

    func caption(_ number: Int) -> AskCaption? { captions.first { $0.id == number } }

    mutating func update(_ number: Int, _ change: (inout AskCaption) -> Void) {
        guard let index = captions.firstIndex(where: { $0.id == number }) else { return }
        change(&captions[index])
    }

    /// Takes over what the library says about the concepts in the slots.
    mutating func refreshSlots(_ library: LibraryState) {
        for index in slots.indices {
            if let concept = library.concept(slots[index].id) {
                slots[index] = AskSlot(concept)
            } else if library.trash.contains(where: { $0.id == slots[index].id }) {
                slots[index].problem = "is in the trash"
            } else {
                slots[index].problem = "is not in the library any more"
            }
        }
    }
}

/// The part of the screen that the keys go to.
enum AskFocus: Sendable, Equatable {
    case picture
    /// One of four, whether it holds a concept or not.
    case slot(Int)
    case question
    case caption
}

/// A concept that may be in the picture.
struct AskSlot: Sendable, Equatable {
    let id: Int64
    let name: String
    let info: String
    let cover: ReferenceImage?
    /// Why it cannot be used, as the end of a sentence about it.
    var problem: String?

    init(_ concept: Concept) {
        id = concept.id
        name = concept.name
        info = concept.info
        cover = concept.coverImage
        problem = cover == nil ? "has no picture" : nil
    }
}

/// The picture that is asked about.
struct AskPicture: Sendable, Equatable {
    /// The file that is read.
    let file: URL
    /// Where it came from, as the history calls it.
    let name: String
    let width: Int
    let height: Int
    /// "PNG, 34 kB"; may be empty.
    let kind: String
    let source: PictureSource

    /// The same text means the same picture.
    var identity: String { source.identity }

    /// Its name without folders.
    var title: String { name.split(separator: "/").last.map(String.init) ?? name }
}

/// What is known of a model before it is loaded.
struct AskModel: Sendable, Equatable {
    let name: String
    let profile: ModelProfile
    /// Why it cannot be used.
    var problem: String?
}

/// An adapter that can be chosen.
struct AskAdapter: Sendable, Equatable {
    let name: String
    /// The model it was made for; empty when that is not known.
    let model: String
    let concepts: [String]
    /// Whether it was made for the model that would answer.
    let fits: Bool
}

/// A caption that is being written.
struct AskRun: Sendable {
    let number: Int
    let cancellation: CancellationFlag
}

/// What the user changed about sampling for this query; `nil` leaves it to settings and model.
struct AskSampling: Sendable, Equatable {
    var temperature: Double?
    var topP: Double?
    var topK: Int?
    var repetitionPenalty: Double?
    var maximumTokens: Int?
    var seed: UInt64?

    var isEmpty: Bool { self == AskSampling() }

    /// Completed by the settings.
    func over(_ settings: Settings) -> AskSampling {
        AskSampling(
            temperature: temperature ?? settings.temperature, topP: topP ?? settings.topP,
            topK: topK ?? settings.topK,
            repetitionPenalty: repetitionPenalty ?? settings.repetitionPenalty,
            maximumTokens: maximumTokens ?? settings.maximumTokens, seed: seed ?? settings.seed)
    }

    /// What the captioner takes.
    var options: CaptionOptions {
        CaptionOptions(
            temperature: temperature.map(Float.init), topK: topK, topP: topP.map(Float.init),
            repetitionPenalty: repetitionPenalty.map(Float.init), maxNewTokens: maximumTokens,
            seed: seed ?? 0)
    }

    /// Whether the likeliest token is always taken.
    var isGreedy: Bool { (temperature ?? 0) < 1e-4 }
}

extension AskSampling {
    /// The settings that a caption was made with.
    init(_ sampling: CaptionSampling, seed: UInt64) {
        self.init(
            temperature: Self.readable(sampling.temperature), topP: Self.readable(sampling.topP),
            topK: sampling.topK, repetitionPenalty: Self.readable(sampling.repetitionPenalty),
            maximumTokens: sampling.maxTokens, seed: seed)
    }

    /// The number as it was typed: 0.7, not 0.699999988079071.
    static func readable(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
}
