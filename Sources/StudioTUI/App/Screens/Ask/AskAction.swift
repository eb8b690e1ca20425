import ConceptDB
import Foundation
import VLMRuntime

/// What can happen on the screen Ask.
enum AskAction: Sendable {
    // From other screens.
    /// Puts concepts into free slots, in this order.
    case addConcepts([Int64])
    /// Takes a picture and its concepts, as from Compose.
    case setQuery(URL, concepts: [Int64])
    /// Brings back a query of the history.
    case restore(captionID: Int64)
    /// Brings back a query of the history and asks it again.
    case repeatCaption(captionID: Int64)

    // The query.
    case focus(AskFocus)
    case choosePicture
    case chooseSample
    case readPicture(path: String)
    case pictureRead(AskPicture, concepts: [Int64]?)
    /// The path that was typed into the form, to be corrected there; `nil` otherwise.
    case pictureRefused(String, path: String?)
    case chooseConcept
    /// Puts a concept into a slot, in place of what is there.
    case setSlot(Int, concept: Int64)
    case removeSlot(Int)
    /// -1 to the left, 1 to the right.
    case moveSlot(Int)
    case chooseQuestion
    case setQuestion(String)
    case earlierQuestions([String])
    case chooseSampling
    case setSampling(AskSampling)
    case chooseModel
    case setModel(String?)
    case chooseAdapter
    case adaptersFound([AskAdapter])
    case setAdapter(String?)
    case modelDescribed(AskModel)
    case samplesFound([URL])
    case clear

    // Who is in the picture.
    case suggest
    case searchStage(String, fraction: Double?, picture: String)
    case suggested(AskSuggestions)
    /// Without a reason it was cancelled.
    case searchFailed(String?, picture: String)
    case acceptSuggestion(Int64)
    case acceptSuggestions
    case dismissSuggestion(Int64)
    case restored(AskRestoration)

    // The caption.
    case run(AskSeed)
    case repeatShown
    case cancel
    case news(Int, CaptionNews)
    case browse(Int)
    case toggleFollow
    case scroll(Int)
    case save
    case saved(Int, Int64)
    case saveFailed(Int, String)
}

/// Which seed a caption gets.
enum AskSeed: Sendable, Equatable {
    /// The one of the settings, else a new one.
    case usual
    /// A new one in any case.
    case new
}

/// A query of the history, with what has changed since.
struct AskRestoration: Sendable {
    let record: ConceptDB.CaptionRecord
    /// `nil` when the picture is nowhere any more.
    let picture: AskPicture?
    /// The concepts that can still be used, in their order.
    let concepts: [Int64]
    /// A model other than the one in use.
    let modelWish: String?
    /// The adapter it was made with, where that is still there.
    let adapterWish: String?
    /// What is different from then, as sentences.
    let changes: [String]
    /// Whether it is to be asked again at once.
    let isRepeated: Bool
}

/// What the screen Ask wants done outside of the state.
enum AskEffect: Sendable {
    case caption(CaptionJob, CancellationFlag, title: String)
    /// - Parameter isTyped: whether the path can be corrected in the form.
    case readPicture(URL, concepts: [Int64]?, isTyped: Bool)
    case suggest(SuggestJob, CancellationFlag, title: String)
    case findSamples
    case readQuestions
    case describeModel(String?)
    /// - Parameter model: the one that would answer.
    case findAdapters(model: String?)
    case save(Int, NewCaption)
    case restore(captionID: Int64, isRepeated: Bool)
}
