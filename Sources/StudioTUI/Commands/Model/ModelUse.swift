import ArgumentParser
import ConceptDB
import TerminalUI

/// `studio model use NAME`.
struct ModelUse: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "use", abstract: "Choose the model that captions are made with.")

    @Argument(help: "A registered model, or mini for the embedded one.")
    var name: String

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let isRegistered = try store.models().contains { $0.name.lowercased() == name.lowercased() }
        if name == Samples.modelName, !isRegistered {
            guard session.samples != nil else {
                throw StudioFailure(
                    .notFound,
                    "the embedded model is not beside the program; set $STUDIO_SAMPLES to the "
                        + "folder Samples of the studio")
            }
            // Without a default among the registered models the embedded one is used.
            try store.useModel(nil)
        } else {
            try store.useModel(name)
        }
        if common.json {
            let document = try ModelsDocument(store: store, samples: session.samples)
            return try session.printJSON(document)
        }
        session.note("captions are made with \(TerminalText.sanitized(name)) from now on")
    }
}
