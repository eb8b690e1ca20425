import ConceptDB
import Foundation
import TerminalUI

/// What the screen Settings does about models.
enum SettingsModelReducer {
    static func reduce(_ state: inout AppState, _ action: SettingsAction) -> [Effect] {
        switch action {
        case .useModel:
            guard let row = ModelRow.current(state) else { return [] }
            return [.settings(.use(row.isEmbedded ? nil : row.name))]
        case .askForModel:
            state.overlays.append(form())
            return []
        case .addModel(let path, let name, let use):
            return [.settings(.add(path: path, name: name, use: use))]
        case .inspectModel:
            guard let row = ModelRow.current(state) else { return [] }
            return [.settings(.inspect(name: row.name, path: row.path))]
        case .inspected(let path, let name, let lines):
            state.settingsScreen.inspected[path] = lines
            state.overlays.append(TextOverlay(title: "Model \(name)", lines: lines))
            return []
        case .toggleLoaded:
            if case .ready = state.model { return [.unloadModel] }
            return [.loadModel(state.settings.keyValues)]
        case .askToRemoveModel: return ask(&state)
        case .removeModel(let name): return [.settings(.remove(name))]
        case .foldersRead(let folders, let memory):
            state.settingsScreen.folders = folders
            state.settingsScreen.memory = memory
            return []
        default: return []
        }
    }

    private static func ask(_ state: inout AppState) -> [Effect] {
        guard let row = ModelRow.current(state), !row.isEmbedded else { return [] }
        let use = row.isInUse ? " Captions are made with the embedded one then." : ""
        state.overlays.append(
            ConfirmOverlay(
                title: "Forget \(row.name)?",
                question: "It leaves the list; its folder \(row.path) stays as it is.\(use)",
                confirmWord: "forget it", action: .settings(.removeModel(row.name))))
        return []
    }

    private static func form() -> FormOverlay {
        FormOverlay(
            title: "Add a model",
            intro: "A checkpoint folder as people download it: config.json, tokenizer.json, "
                + "*.safetensors. Everything is checked before it is registered; the folder stays "
                + "where it is.",
            submitWord: "check and add",
            fields: [
                FormField(
                    key: "path", label: "Folder", kind: .path(foldersOnly: true),
                    placeholder: "~/models/Qwen2.5-VL-3B-Instruct",
                    help: "Tab completes what you type."),
                FormField(
                    key: "name", label: "Name", kind: .text, placeholder: "the folder's name",
                    help: "What the studio calls it; empty takes the folder's name."),
                FormField(
                    key: "use", label: "Use it", kind: .toggle,
                    help: "Whether captions are made with it from now on.", value: "yes"),
            ],
            check: { values, state in
                let path = (values["path"] ?? "").trimmingCharacters(in: .whitespaces)
                if path.isEmpty { return "which folder? Type a path; Tab completes it" }
                let name = Self.name(values)
                let taken = state.library.models.first {
                    $0.name.lowercased() == name.lowercased()
                }
                return taken.map { "there is a model called \($0.name) already; give another name" }
            },
            submit: { values in
                .settings(
                    .addModel(
                        path: values["path"] ?? "", name: Self.name(values),
                        use: values["use"] == "yes"))
            })
    }

    /// The name that was typed, else that of the folder.
    static func name(_ values: FormValues) -> String {
        let typed = (values["name"] ?? "").trimmingCharacters(in: .whitespaces)
        guard typed.isEmpty else { return typed }
        let path = (values["path"] ?? "").trimmingCharacters(in: .whitespaces)
        return GGUFLinks.usualName(URL(fileURLWithPath: path, isDirectory: true))
    }
}
