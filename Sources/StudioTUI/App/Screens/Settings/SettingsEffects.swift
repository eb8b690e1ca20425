import ConceptDB
import Foundation
import TerminalUI
import VLMRuntime

/// Carries out what the screen Settings wants.
enum SettingsEffects {
    static func run(_ effect: SettingsEffect, _ context: EffectContext) {
        switch effect {
        case .readFolders(let paths):
            context.background {
                let folders = paths.map { ($0, ModelFolder.read($0)) }
                context.post(
                    .settings(
                        .foldersRead(
                            Dictionary(folders, uniquingKeysWith: { first, _ in first }),
                            SystemMemory.read())))
            }
        case .use(let name): use(name, context)
        case .add(let path, let name, let use): add(path, name, use: use, context)
        case .inspect(let name, let path): inspect(name, path, context)
        case .remove(let name):
            context.write {
                let removed = try context.library().removeModel(name)
                context.post(
                    .toast(.good, "forgot \(removed.name); its folder is untouched"))
                if removed.isDefault { context.post(.model(.unload)) }
                LibraryEffects.reload(context)
            }
        case .examine(let terminal):
            context.task("examining this computer", canCancel: false) { _ in
                let report = DoctorReport(
                    home: context.places.home, samples: context.places.samples,
                    terminal: terminal, open: context.library)
                context.post(.settings(.examined(report)))
            }
        case .verifyLibrary: verify(context)
        }
    }

    private static func use(_ name: String?, _ context: EffectContext) {
        context.write {
            try context.library().useModel(name)
            // What is in memory belongs to the other model.
            context.post(.model(.unload))
            context.post(
                .toast(.good, "captions are made with \(name ?? Samples.modelName) from now on"))
            LibraryEffects.reload(context)
        }
    }

    private static func add(
        _ path: String, _ name: String, use: Bool, _ context: EffectContext
    ) {
        context.task("adding the model \(name)", canCancel: false) { reporter in
            let folder = Self.folder(path, context.places)
            reporter.progress(nil, "checking \(folder.path)")
            let model = try VisionLanguageModel.load(folder: folder)
            let facts = try ModelFacts(model, name: name)
            let store = try context.library()
            let added = try store.addModel(
                ModelRecord(
                    name: name, path: folder.path, family: facts.family,
                    facts: try JSONValue(encoding: facts)))
            if use {
                try store.useModel(added.name)
                context.post(.model(.unload))
            }
            let end = use ? "; captions are made with it from now on" : ""
            context.post(
                .toast(
                    .good,
                    "added \(added.name): \(ModelFacts.parameterText(facts.parameters)) "
                        + "parameters\(end)"))
            LibraryEffects.reload(context)
        }
    }

    /// A folder as it was typed: `~` is the user's, and relative paths start where the app did.
    static func folder(_ path: String, _ places: AppPlaces) -> URL {
        let trimmed = path.trimmingCharacters(in: .whitespaces)
        let expanded = (trimmed as NSString).expandingTildeInPath
        let base = URL(fileURLWithPath: places.workingFolder, isDirectory: true)
        return URL(fileURLWithPath: expanded, isDirectory: true, relativeTo: base)
            .standardizedFileURL
    }

    private static func inspect(_ name: String, _ path: String, _ context: EffectContext) {
        context.task("inspecting the model \(name)", canCancel: false) { reporter in
            reporter.progress(nil, "comparing every tensor with config.json")
            let folder = URL(fileURLWithPath: path, isDirectory: true)
            let facts = try ModelFacts(VisionLanguageModel.load(folder: folder), name: name)
            context.post(.settings(.inspected(path: path, name: name, lines: facts.lines)))
        }
    }

    private static func verify(_ context: EffectContext) {
        context.task("verifying the library") { reporter in
            let report = try context.library().verify { done, total in
                reporter.progress(
                    Double(done) / Double(max(total, 1)), "\(done) of \(total) pictures")
                return !reporter.isCancelled
            }
            if report.problems.isEmpty {
                context.post(.toast(.good, "the library is sound"))
            } else {
                let advice = "'studio concept verify --repair' puts right what can be put right."
                context.post(
                    .open(
                        TextOverlay(
                            title: "Problems of the library",
                            lines: report.problems.map(\.what) + ["", advice])))
            }
        }
    }
}

extension ModelFolder {
    /// Looks at a checkpoint folder: the size of its weights, and whether it can be used at all.
    static func read(_ path: String) -> ModelFolder {
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        let bytes = Int64((try? CheckpointFiles(folder))?.byteCount ?? 0)
        return ModelFolder(bytes: bytes, problem: DoctorReport.health(folder))
    }
}

extension SystemMemory {
    /// Reads what the kernel tells; `nil` where it does not.
    static func read() -> SystemMemory? {
        guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8),
            let total = kilobytes("MemTotal:", in: text),
            let available = kilobytes("MemAvailable:", in: text)
        else { return nil }
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        return SystemMemory(
            total: total * 1024, available: available * 1024,
            own: (kilobytes("VmRSS:", in: status) ?? 0) * 1024)
    }

    private static func kilobytes(_ name: String, in text: String) -> Int64? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: " ").compactMap { Int64($0) }.first
    }
}
