import ConceptDB
import Foundation
import ImageCodecs
import TerminalUI
import VLMRuntime

/// What only the owner of the terminal can do for the app.
protocol AppHost: AnyObject {
    /// Returns a sentence about how it went.
    func copy(_ text: String, what: String) -> (Severity, String)
    func suspend()
    func repaint()
    func bell()
    /// Lets the user edit a file in their editor; throws when there is none or it fails.
    func edit(file: URL) throws
    /// Settings that concern the terminal may be others now.
    func settingsChanged()
}

/// State, reducer, effects, timers: the whole app but for the terminal.
///
/// Used by one thread.
final class AppCore {
    private(set) var state: AppState
    let context: EffectContext
    private let runner: EffectRunner
    private var timers = TimerQueue()
    private weak var host: (any AppHost)?
    /// Whether something changed since the last drawing.
    private(set) var isDirty = true
    private var scene: Scene?
    /// The region that a drag began in.
    private var dragged: HitRegion?
    /// Writes down what happens, when there is a log.
    var recorder: LogRecorder?

    init(places: AppPlaces, context: EffectContext, runner: EffectRunner, host: any AppHost) {
        state = AppState(places: places, now: ContinuousClock.now)
        self.context = context
        self.runner = runner
        self.host = host
    }

    /// Reads the settings, so that the first frame already looks as the user wants, and starts to
    /// open the library.
    func start(_ terminal: TerminalState) {
        dispatch(runner.configuration.read())
        dispatch(.terminal(.changed(terminal)))
        let wish = state.settings.startScreen
        let screen = wish == .last ? lastScreen : ScreenID(named: wish.rawValue)
        if let screen { dispatch(.show(screen)) }
        run(.openLibrary)
        if state.settings.modelLoading == .atStart { run(.loadModel(state.settings.keyValues)) }
    }

    var isFinished: Bool { state.isQuitting }

    /// When something is due without any input.
    var nextDeadline: ContinuousClock.Instant? { timers.next }

    private func readClock() {
        state.now = ContinuousClock.now
        state.date = .now
    }

    func dispatch(_ action: AppAction) {
        readClock()
        isDirty = true
        let settings = state.settings
        let effects = Reducer.reduce(&state, action)
        recorder?.observe(action, state)
        for effect in effects { run(effect) }
        if state.settings != settings { host?.settingsChanged() }
    }

    /// Takes what came from other threads; returns whether there was anything.
    @discardableResult
    func receiveMail() -> Bool {
        let actions = context.mailbox.takeAll()
        for action in actions { dispatch(action) }
        return !actions.isEmpty
    }

    func fireTimers() {
        for id in timers.take(now: ContinuousClock.now) { dispatch(.timer(id)) }
    }

    /// Draws the state as it is.
    func draw(pictures: any PictureProvider) -> Scene {
        readClock()
        let drawn = AppView.draw(state, pictures: pictures)
        scene = drawn
        isDirty = false
        return drawn
    }

    /// A picture has become ready.
    func invalidate() { isDirty = true }

    /// Turns a mouse event into the action of what was drawn under it.
    func mouse(_ event: MouseEvent) {
        guard let scene else { return }
        switch event.kind {
        case .press(.left):
            if let region = scene.region(
                at: event.point, where: { $0.press != nil || $0.drag != nil })
            {
                if let drag = region.drag {
                    dragged = region
                    dispatch(drag(.began, relative(event.point, region)))
                }
                if let action = region.press { dispatch(action) }
            }
        case .drag(.left):
            guard let region = dragged, let drag = region.drag else { return }
            dispatch(drag(.moved, relative(event.point, region)))
        case .release:
            guard let region = dragged, let drag = region.drag else { return }
            dragged = nil
            dispatch(drag(.ended, relative(event.point, region)))
        case .scroll(let direction):
            let region = scene.region(at: event.point) { $0.scroll != nil }
            if let action = region?.scroll?(direction) { dispatch(action) }
        default: return
        }
    }

    private func relative(_ point: Point, _ region: HitRegion) -> Point {
        Point(x: point.x - region.rect.x, y: point.y - region.rect.y)
    }

    private func run(_ effect: Effect) {
        if runner.run(effect) { return }
        switch effect {
        case .timer(let id, let instant): timers.set(id, at: instant)
        case .cancelTimer(let id): timers.cancel(id)
        case .copy(let text, let what):
            if let (severity, sentence) = host?.copy(text, what: what) {
                dispatch(.toast(severity, sentence))
            }
        case .suspend: host?.suspend()
        case .repaint: host?.repaint()
        case .bell: host?.bell()
        case .editor(let request): edit(request)
        case .editConfiguration(let file): edit(file)
        case .quit:
            lastScreen = state.screen
            for task in state.tasks.running { task.cancellation?.cancel() }
        default: return
        }
    }

    /// The screen that was open when the app was left, kept in a small file.
    private var lastScreen: ScreenID? {
        get {
            let data = try? BoundedFile.read(lastScreenFile, limit: 64)
            return data.flatMap { ScreenID(named: String(decoding: $0, as: UTF8.self)) }
        }
        set {
            let folder = lastScreenFile.deletingLastPathComponent()
            try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            // Not worth a word when it fails: the app opens on its first screen then.
            try? Data((newValue ?? .concepts).name.utf8).write(to: lastScreenFile)
        }
    }

    private var lastScreenFile: URL {
        context.places.home.state.appendingPathComponent("last-screen")
    }

    private func edit(_ request: EditorRequest) {
        do {
            let folder = context.places.home.state
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let name = "draft-\(UUID().uuidString.prefix(8)).\(request.fileExtension)"
            let file = folder.appendingPathComponent(name)
            defer { try? FileManager.default.removeItem(at: file) }
            guard
                FileManager.default.createFile(
                    atPath: file.path, contents: Data(request.text.utf8),
                    attributes: [.posixPermissions: 0o600])
            else { throw StudioFailure(.failed, "\(file.path) could not be written") }
            try host?.edit(file: file)
            let data = try BoundedFile.read(file, limit: 1 << 20)
            let text = String(decoding: data, as: UTF8.self)
            if text == request.text {
                dispatch(.toast(.info, "nothing was changed"))
            } else {
                dispatch(request.then(text))
            }
        } catch {
            dispatch(.toast(.error, EffectContext.sentence(error)))
        }
    }

    private func edit(_ file: ConfigurationFile) {
        do {
            try host?.edit(file: try runner.configuration.file(file))
            dispatch(runner.configuration.read())
        } catch {
            dispatch(.toast(.error, EffectContext.sentence(error)))
        }
    }
}
