import ConceptDB
import Foundation

/// A model in the list: a registered one, or the embedded one.
struct ModelRow: Sendable, Equatable {
    let name: String
    let path: String
    let family: String
    /// As far as it was noted when the model was registered.
    let parameters: Int?
    let addedAt: Timestamp?
    let isInUse: Bool
    let isEmbedded: Bool

    /// The embedded model first, unless a registered one took its name, then the registered ones.
    static func rows(_ state: AppState) -> [ModelRow] {
        let records = state.library.models
        var rows = records.map(ModelRow.init)
        let isTaken = records.contains { $0.name.lowercased() == Samples.modelName }
        if let samples = state.places.samples, !isTaken {
            rows.insert(
                ModelRow(
                    name: Samples.modelName, path: samples.model.path, family: "qwen2_5_vl",
                    parameters: nil, addedAt: nil,
                    isInUse: !records.contains(where: \.isDefault), isEmbedded: true), at: 0)
        }
        return rows
    }

    /// The row under the cursor.
    static func current(_ state: AppState) -> ModelRow? {
        let rows = rows(state)
        let cursor = state.settingsScreen.models.cursor
        return rows.indices.contains(cursor) ? rows[cursor] : nil
    }

    /// Whether it is in memory now.
    func isLoaded(_ state: AppState) -> Bool {
        if case .ready(let name, _, _) = state.model { return isInUse && name == self.name }
        return false
    }
}

extension ModelRow {
    init(_ record: ModelRecord) {
        var parameters: Int?
        if case .integer(let count)? = record.facts["parameters"] { parameters = Int(count) }
        self.init(
            name: record.name, path: record.path, family: record.family, parameters: parameters,
            addedAt: record.addedAt, isInUse: record.isDefault, isEmbedded: false)
    }
}
