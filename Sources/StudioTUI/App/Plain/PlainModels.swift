import ConceptDB
import Foundation
import VLMRuntime

/// Models in plain mode: which there are, which is in use, adding one.
struct PlainModels {
    let studio: PlainStudio

    private var dialogue: PlainDialogue { studio.dialogue }

    func run() throws(PlainLeave) {
        while true {
            let found = try dialogue.attempt {
                try ModelsDocument(store: studio.store(), samples: studio.places.samples).models
            }
            guard let rows = found else { return }
            dialogue.say(rows.isEmpty ? "There are no models." : "Models:")
            for (index, row) in rows.enumerated() {
                let use = row.isDefault ? ", in use" : ""
                let origin = row.embedded ? ", comes with the studio" : ""
                dialogue.say("\(index + 1). \(row.name)\(use)\(origin), \(row.path)")
            }
            let answer = try dialogue.ask(
                "Number to use, a to add one",
                help: "A number makes captions with that model from now on; a registers the folder "
                    + "of a checkpoint after checking it.")
            guard let answer else { return }
            if answer.lowercased() == "a" {
                try add()
            } else if let number = Int(answer), rows.indices.contains(number - 1) {
                try use(rows[number - 1])
            } else {
                dialogue.say("There is no number \(answer) in this list.")
            }
        }
    }

    private func use(_ row: ModelsDocument.Model) throws(PlainLeave) {
        let done = try dialogue.attempt {
            try studio.store().useModel(row.embedded ? nil : row.name)
        }
        if done != nil { dialogue.say("Captions are made with \(row.name) from now on.") }
    }

    private func add() throws(PlainLeave) {
        let path = try dialogue.ask(
            "Folder of the checkpoint",
            help: "A folder with config.json, tokenizer.json and *.safetensors, or a .gguf file "
                + "with its mmproj beside it.")
        guard let path else { return }
        let folder = studio.file(path).standardizedFileURL
        let usual = GGUFLinks.usualName(folder)
        let typed = try dialogue.ask(
            "Name, - for \(usual)", help: "What the studio calls the model.")
        guard let typed else { return }
        let name = typed == "-" ? usual : typed
        dialogue.say("Checking every file.")
        let facts = try dialogue.attempt {
            let facts = try ModelFacts(VisionLanguageModel.load(folder: folder), name: name)
            _ = try studio.store().addModel(
                ModelRecord(
                    name: name, path: folder.path, family: facts.family,
                    facts: try JSONValue(encoding: facts)))
            return facts
        }
        guard let facts else { return }
        dialogue.say(
            "Added \(name), \(ModelFacts.parameterText(facts.parameters)) parameters. Its number "
                + "makes captions with it.")
    }
}
