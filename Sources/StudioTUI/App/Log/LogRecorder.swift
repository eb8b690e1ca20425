import TerminalUI

/// Writes to the log what happens in the app: what the user was told, models and tasks.
struct LogRecorder {
    private let log: StudioLog
    private var lastToast = 0

    init(_ log: StudioLog) { self.log = log }

    /// After an action has changed the state.
    mutating func observe(_ action: AppAction, _ state: AppState) {
        for toast in state.toasts.shown where toast.id > lastToast {
            lastToast = toast.id
            log.write(toast.severity.logLevel, toast.text)
        }
        switch action {
        case .configuration(.loaded), .configuration(.saved):
            log.set(level: state.settings.logLevel)
            for problem in state.configurationProblems { log.write(.warning, problem) }
        case .terminal(.changed(let terminal)):
            let size = "\(terminal.size.columns)x\(terminal.size.rows)"
            log.write(
                .debug,
                "terminal \(size), pictures: \(terminal.pictures.method.rawValue), "
                    + terminal.pictures.reason)
        case .model(.changed(let model)): record(model)
        case .task(let action): record(action, state)
        case .command(let id): log.write(.debug, "command \(id)")
        default: break
        }
    }

    private func record(_ model: ModelState) {
        switch model {
        case .idle: log.write(.debug, "no model is loaded")
        case .loading(let name): log.write(.debug, "loading the model \(name)")
        case .ready(let name, let seconds, nil):
            log.write(.info, "loaded the model \(name) in \(TextForm.seconds(seconds))")
        case .ready(let name, _, let adapter?):
            log.write(.info, "the model \(name) answers with the adapter \(adapter)")
        case .failed(let reason): log.write(.error, reason)
        }
    }

    private func record(_ action: TaskAction, _ state: AppState) {
        switch action {
        case .started(let task): log.write(.debug, "task \(task.id) began: \(task.title)")
        case .ended(let id, let outcome):
            guard let task = state.tasks.all.first(where: { $0.id == id }) else { return }
            let word =
                switch outcome {
                case .running: "goes on"
                case .done: "is done"
                case .cancelled: "was cancelled"
                case .failed(let reason): "failed: \(reason)"
                }
            log.write(.debug, "task \(id) \(word): \(task.title)")
        case .progress, .cancel: break
        }
    }
}

extension Severity {
    var logLevel: LogLevel {
        switch self {
        case .info, .good: .info
        case .warning: .warning
        case .error: .error
        }
    }
}
