import ArgumentParser
import ConceptDB
import Foundation
import TerminalUI

/// The JSON of every command that prints registered models.
struct ModelsDocument: Encodable {
    struct Model: Encodable {
        let name: String
        let path: String
        let family: String
        let facts: JSONValue
        let isDefault: Bool
        /// Whether it comes with the studio.
        let embedded: Bool
        @Present var addedAt: Timestamp?

        init(_ record: ModelRecord) {
            self.init(
                name: record.name, path: record.path, family: record.family, facts: record.facts,
                isDefault: record.isDefault, embedded: false, addedAt: record.addedAt)
        }

        init(
            name: String, path: String, family: String, facts: JSONValue, isDefault: Bool,
            embedded: Bool, addedAt: Timestamp?
        ) {
            self.name = name
            self.path = path
            self.family = family
            self.facts = facts
            self.isDefault = isDefault
            self.embedded = embedded
            self.addedAt = addedAt
        }
    }

    let models: [Model]

    /// The registered models, and the embedded one unless one of them took its name.
    init(store: ConceptStore, samples: Samples?) throws {
        let records = try store.models()
        var models = records.map(Model.init)
        let taken = records.contains { $0.name.lowercased() == Samples.modelName }
        if let samples, !taken {
            let isDefault = !records.contains(where: \.isDefault)
            let embedded = Model(
                name: Samples.modelName, path: samples.model.path, family: "qwen2_5_vl",
                facts: .object([:]), isDefault: isDefault, embedded: true, addedAt: nil)
            models.insert(embedded, at: 0)
        }
        self.models = models
    }

    init(_ records: [ModelRecord]) { models = records.map(Model.init) }
}

/// `studio model list`.
struct ModelList: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the registered models and the embedded one.")

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let document = try ModelsDocument(store: session.store(), samples: session.samples)
        if common.json { return try session.printJSON(document) }
        if document.models.isEmpty {
            session.note("no models; add a checkpoint with 'studio model add FOLDER'")
        }
        let names = document.models.map { TerminalText.sanitized($0.name) }
        let width = names.map(TerminalText.width).max() ?? 0
        for (name, model) in zip(names, document.models) {
            let mark = model.isDefault ? "*" : " "
            let shown = session.style(TerminalText.padded(name, to: width), .strong)
            let origin = model.embedded ? " (embedded)" : ""
            session.print(
                "\(mark) \(shown)  \(TerminalText.sanitized(model.family))  "
                    + TerminalText.sanitized(model.path) + origin)
        }
    }
}
