import ConceptDB
import Foundation
import TerminalUI
import VLMRuntime

/// What `doctor` found.
struct DoctorReport: Encodable {
    struct Terminal: Encodable {
        let term: String
        let isTerminal: Bool
        let columns, rows: Int
        let cellWidth, cellHeight: Int
        let cellSource: String
        let colours: String
        let coloursWhy: String
        let imageProtocol: String
        let imageProtocolWhy: String
        @Present var advice: String?
    }

    struct Library: Encodable {
        let path: String
        @Present var counts: LibraryCounts?
        @Present var problem: String?
    }

    struct Model: Encodable {
        let name: String
        let path: String
        let inUse: Bool
        let embedded: Bool
        @Present var problem: String?
    }

    let version: String
    let runtime: RuntimeDiagnostics
    let terminal: Terminal
    let library: Library
    let models: [Model]
    @Present var samples: String?

    /// One clause per thing that needs attention.
    var problems: [String] {
        let library = library.problem.map { ["the library: \($0)"] } ?? []
        let models = models.filter(\.inUse).compactMap { model in
            model.problem.map { "the model \(model.name): \($0)" }
        }
        return library + models
    }

    init(_ session: Session) {
        version = Studio.version
        runtime = RuntimeDiagnostics()
        terminal = Self.terminal(session)
        samples = session.samples?.directory.path
        let path = session.home.library.path
        do {
            let store = try session.store()
            let counts = try store.counts()
            models = Self.models(
                try ModelsDocument(store: store, samples: session.samples).models)
            library = Library(path: path, counts: counts)
        } catch {
            models = []
            let problem = FailureMapping.failure(for: error).description
            library = Library(path: path, problem: problem)
        }
    }

    private static func terminal(_ session: Session) -> Terminal {
        let picture = session.picture()
        let colours = ColourPolicy.decide(
            environment: session.context.environment,
            isTerminal: session.console.outputIsTerminal, optionOff: session.options.noColor)
        return Terminal(
            term: session.context.environment["TERM"] ?? "",
            isTerminal: session.console.outputIsTerminal, columns: picture.facts.size.columns,
            rows: picture.facts.size.rows, cellWidth: picture.facts.cell.width,
            cellHeight: picture.facts.cell.height, cellSource: picture.facts.cellSource,
            colours: colours.depth.label, coloursWhy: colours.reason,
            imageProtocol: picture.choice.method.rawValue, imageProtocolWhy: picture.choice.reason,
            advice: picture.choice.advice)
    }

    private static func models(_ models: [ModelsDocument.Model]) -> [Model] {
        models.map { model in
            Model(
                name: model.name, path: model.path, inUse: model.isDefault,
                embedded: model.embedded,
                problem: health(URL(fileURLWithPath: model.path, isDirectory: true)))
        }
    }

    /// Reads the configuration only: enough to see that the folder is still there and whole.
    private static func health(_ folder: URL) -> String? {
        do {
            guard FileManager.default.fileExists(atPath: folder.path) else {
                throw CheckpointError.notAFolder(path: folder.path)
            }
            _ = try ModelConfiguration(folder: folder)
            return nil
        } catch {
            return FailureMapping.failure(for: error).description
        }
    }

    /// The report for people.
    func lines(_ style: TextStyle) -> [String] {
        var lines: [String] = []
        func section(_ title: String, _ facts: [(String, String?)]) {
            lines.append(style(title, .strong))
            for (key, value) in facts {
                guard let value, !value.isEmpty else { continue }
                let label = style(TerminalText.padded(key, to: 11), .faint)
                lines.append("  \(label) \(TerminalText.sanitized(value))")
            }
        }
        section("studio \(version)", [("samples", samples ?? "not found beside the program")])
        section("computing", computingFacts)
        section("terminal", terminalFacts)
        section("library", libraryFacts)
        section("models", modelFacts)
        return lines
    }

    private var computingFacts: [(String, String?)] {
        let blas =
            runtime.hasOpenBLAS
            ? "OpenBLAS, core type \(runtime.openBLASCoreType)"
            : "not found; the studio's own kernels do everything, more slowly"
        return [
            ("kernels", "\(runtime.kernels) (the CPU has \(runtime.supportedKernels))"),
            ("threads", "\(runtime.threads)"), ("BLAS", blas),
            ("build", runtime.hasOpenBLAS ? runtime.openBLASConfiguration : nil),
        ]
    }

    private var terminalFacts: [(String, String?)] {
        [
            ("TERM", terminal.term.isEmpty ? "not set" : terminal.term),
            (
                "size",
                "\(terminal.columns)×\(terminal.rows) cells of "
                    + "\(terminal.cellWidth)×\(terminal.cellHeight) pixels, from \(terminal.cellSource)"
            ),
            ("colours", "\(terminal.colours): \(terminal.coloursWhy)"),
            ("pictures", "\(terminal.imageProtocol): \(terminal.imageProtocolWhy)"),
            ("advice", terminal.advice),
        ]
    }

    private var libraryFacts: [(String, String?)] {
        let counts = library.counts.map {
            "\($0.concepts) concepts, \($0.images) pictures, \($0.captions) captions, "
                + "\($0.trashedConcepts) in the trash, \($0.imageBytes / 1024) KiB"
        }
        return [("folder", library.path), ("holds", counts), ("problem", library.problem)]
    }

    private var modelFacts: [(String, String?)] {
        models.map { model in
            let state = model.problem ?? "ready"
            let use = model.inUse ? " (in use)" : ""
            return (TerminalText.sanitized(model.name), "\(state)\(use): \(model.path)")
        }
    }
}
