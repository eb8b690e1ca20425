import ArgumentParser
import ConceptDB

/// `studio history …`: the captions made so far.
struct HistoryCommand: StudioCommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Look up, export or delete the captions made so far.",
        subcommands: [
            HistoryList.self, HistoryShow.self, HistoryExport.self, HistoryRemove.self,
        ])
}

/// The JSON of every command that prints captions of the history.
struct CaptionsDocument: Encodable {
    let captions: [CaptionRecord]
    /// How many there are without `--limit`.
    var total: Int?
}
