import ConceptDB
import Foundation
import TerminalUI
import VLMRuntime

/// What `doctor` found.
struct DoctorReport: Encodable, Sendable {
    struct Terminal: Encodable, Sendable {
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

    struct Library: Encodable, Sendable {
        let path: String
        @Present var counts: LibraryCounts?
        @Present var problem: String?
    }

    struct Model: Encodable, Sendable {
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
        self.init(
            home: session.home, samples: session.samples, terminal: Self.terminal(session),
            open: session.store)
    }

    /// - Parameter terminal: what is known about it; the app must not ask it again.
    init(
        home: StudioHome, samples: Samples?, terminal: Terminal, open: () throws -> ConceptStore
    ) {
        version = Studio.version
        runtime = RuntimeDiagnostics()
        self.terminal = terminal
        self.samples = samples?.directory.path
        let path = home.library.path
        do {
            let store = try open()
            let counts = try store.counts()
            models = Self.models(try ModelsDocument(store: store, samples: samples).models)
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
    static func health(_ folder: URL) -> String? {
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

    /// A part of the report: what it is about, and facts by name.
    struct Section: Sendable {
        let title: String
        let facts: [(name: String, value: String)]

        init(_ title: String, _ facts: [(String, String?)]) {
            self.title = title
            self.facts = facts.compactMap { name, value in
                guard let value, !value.isEmpty else { return nil }
                return (name, TerminalText.sanitized(value))
            }
        }
    }

    /// The report in parts.
    var sections: [Section] {
        [
            Section("studio \(version)", [("samples", samples ?? "not found beside the program")]),
            Section("computing", computingFacts), Section("terminal", terminalFacts),
            Section("library", libraryFacts), Section("models", modelFacts),
        ]
    }

    /// The report for people.
    func lines(_ style: TextStyle) -> [String] {
        sections.flatMap { section in
            [style(section.title, .strong)]
                + section.facts.map { name, value in
                    "  \(style(TerminalText.padded(name, to: 11), .faint)) \(value)"
                }
        }
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
            "\(TextForm.count($0.concepts, "concept")), "
                + "\(TextForm.count($0.images, "picture")), "
                + "\(TextForm.count($0.captions, "caption")), "
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
