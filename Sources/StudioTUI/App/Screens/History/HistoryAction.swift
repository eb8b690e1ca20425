import ConceptDB
import Foundation

/// What can happen on the screen History.
enum HistoryAction: Sendable {
    case listed([Int64])
    case failed(String)
    case entriesRead([HistoryEntry], asked: [Int64])
    /// The answer to a search for this text, with the names as they were left.
    case found(String, [Int64], HistorySearch)
    case searchFailed(String)

    case moveTo(Int)
    case focus(HistoryFocus)
    case scrollPreview(Int)
    case scrollList(Int)
    case select
    case selectAll
    case clearFilter
    case trash
    case chooseExport
    case export(HistoryExportRequest)
    /// The file is there already.
    case exportExists(HistoryExportRequest)
    case exported(file: String, captions: Int)
}

/// What the screen History wants done outside of the state.
enum HistoryEffect: Sendable {
    case list
    case read([Int64])
    /// - Parameter search: the names, unless they have to be read first.
    case search(String, HistorySearch?)
    case export(HistoryExportRequest)
}

/// Captions to be written to a file.
struct HistoryExportRequest: Sendable, Equatable {
    let captions: [Int64]
    let path: String
    let format: HistoryFormat
    /// Whether the user agreed that an existing file goes.
    var replaces = false
}
