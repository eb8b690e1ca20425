import ConceptDB
import Foundation

/// What can happen on the screen Compare.
enum CompareAction: Sendable {
    /// Takes a caption of the history: to the left, then to the right, then asks whose place.
    case add(Int64)
    /// Takes two at once, whatever was there.
    case pair(Int64, Int64)
    case put(CompareSide, Int64)
    case loaded(CompareSide, Int64, CompareCaption)
    case missing(CompareSide, Int64, String)

    /// Asks for the captions to choose from.
    case choose(CompareSide)
    case choices(CompareSide, [ConceptDB.CaptionRecord])
    case focus(CompareSide)
    case scroll(Navigation)
    case swap
    case clear
    case toggleDifferences

    /// Begins or ends a blind round.
    case toggleBlind
    /// The column that was found better, or neither.
    case vote(CompareSide?)
    case takeVoteBack
    case votesRead(CompareVotes)
    case showVotes

    case askForPath
    case export(String)
    case fileExists(URL, String)
    case replace(URL, String)
    case copy
}

/// What the screen Compare wants done outside of the state.
enum CompareEffect: Sendable {
    case load(CompareSide, Int64)
    /// - Parameter sha256: of the picture whose captions come first.
    case list(CompareSide, sha256: String?, without: Int64?)
    case readVotes
    case addVote(CompareVote)
    case removeVote(left: Int64, right: Int64)
    case export(String, to: URL, replaces: Bool)
}
