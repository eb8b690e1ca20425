import ConceptDB
import Foundation
import ImageCodecs
import Synchronization
import TerminalUI

/// Joins the app to a real terminal: waits for input, news and timers, draws at most once a frame.
final class AppLoop: AppHost {
    private let terminal: Terminal
    private let pictures: PicturePipeline
    /// Raised from any thread when a picture is ready.
    private let picturesReady: ReadyFlag
    private let trace: AppTrace?
    private let environment: [String: String]
    private let context: EffectContext
    private let runner: EffectRunner
    private lazy var core = AppCore(
        places: context.places, context: context, runner: runner, host: self)
    private var knowledge: TerminalKnowledge
    private var lastDraw = ContinuousClock.now.advanced(by: .seconds(-1))
    private var mustRepaint = false
    /// Whether free memory was given back since the last frame.
    private var isAtRest = false
    private var takesMouse = true
    private let log: StudioLog
    private var logCheckedAt = ContinuousClock.now
    private var lastInput = ContinuousClock.now
    /// Whether a key came since the last frame.
    private var owesAnswer = false

    /// Two frames are never closer than this, unless a key waits for its answer.
    static let frameInterval = Duration.milliseconds(16)
    /// The least time between two frames when it does: text that streams in must not make keys wait
    /// for the next frame.
    static let keyInterval = Duration.milliseconds(5)
    /// How long what changes on the screen is an answer to the user, and never held back.
    static let answerTime = Duration.seconds(1)
    /// How long after a frame nothing more is expected for now.
    static let restTime = Duration.seconds(2)
    /// How often the size of the log is looked at, while there are frames.
    static let logInterval = Duration.seconds(5)

    init(terminal: Terminal, places: AppPlaces, trace: AppTrace?) {
        self.terminal = terminal
        self.trace = trace
        log = StudioLog(StudioLog.url(in: places.home))
        environment = places.environment
        knowledge = TerminalKnowledge(environment: places.environment, terminal: terminal)
        let waker = terminal.waker
        let context = EffectContext(places: places, mailbox: Mailbox(wake: { waker.wake() }))
        self.context = context
        runner = EffectRunner(
            context: context, models: CaptionService(context: context),
            configuration: ConfigurationStore(places: places))
        let ready = ReadyFlag()
        picturesReady = ready
        pictures = PicturePipeline(
            thumbnailFile: { try context.library().thumbnail(of: $0) },
            previews: places.home.cache.appendingPathComponent("previews", isDirectory: true),
            capacity: SettingsFile(places.home).load().settings.pictureMemoryBytes,
            onReady: {
                ready.raise()
                waker.wake()
            })
    }

    /// Runs until the user leaves.
    func run() {
        // The terminal has descriptors of its own; whatever else is printed would spoil the screen.
        log.capture()
        defer { log.release() }
        log.write(
            .info, "studio \(Studio.version) began, TERM is \(environment["TERM"] ?? "not set")")
        defer { log.write(.info, "studio ended") }
        core.recorder = LogRecorder(log)
        terminal.ask(Terminal.probe(environment: environment))
        core.start(knowledge.state(Settings()))
        adopt()
        while !core.isFinished {
            core.receiveMail()
            core.fireTimers()
            drawIfNeeded()
            if core.isFinished { break }
            for signal in terminal.wait(until: deadline) { receive(signal) }
            restIfDue()
        }
        context.finishWriting()
    }

    private var deadline: ContinuousClock.Instant? {
        let frame = core.isDirty ? lastDraw.advanced(by: pace) : nil
        let rest = isAtRest || core.isDirty ? nil : lastDraw.advanced(by: Self.restTime)
        return [core.nextDeadline, frame, rest].compactMap { $0 }.min()
    }

    /// The time from frame to frame; nobody can listen to a screen that changes all the time.
    private var pace: Duration {
        if owesAnswer { return Self.keyInterval }
        let isAnswer = ContinuousClock.now < lastInput.advanced(by: Self.answerTime)
        return core.state.settings.isForScreenReader && !isAnswer
            ? Announcer.pause : Self.frameInterval
    }

    private func receive(_ signal: TerminalSignal) {
        if signal != .woken { lastInput = .now }
        switch signal {
        case .input(.mouse(let event)):
            trace?.keyArrived()
            core.mouse(event)
        case .input(.reply(let reply)): learn(reply)
        case .input(.focus(let hasFocus)):
            core.dispatch(.terminal(.focus(hasFocus)))
            // tmux forgets pictures of panes that were out of sight.
            if hasFocus, terminal.isInsideTmux { repaint() }
        case .input(let event):
            trace?.keyArrived()
            owesAnswer = true
            core.dispatch(.input(event))
        case .resized:
            terminal.resize()
            knowledge.measure()
            // The size of the text area in pixels has changed too, and only the terminal knows it.
            terminal.ask(Terminal.probe(environment: environment))
            adopt()
        case .continued: repaint()
        case .woken: if picturesReady.take() { core.invalidate() }
        case .hangup, .terminate: core.dispatch(.terminal(.terminate))
        }
    }

    private func learn(_ reply: TerminalReply) {
        let cell = knowledge.cell
        guard knowledge.learn(reply) else { return }
        // Pictures made for cells of another size lie on other cells than was thought.
        if knowledge.cell != cell { terminal.redraw() }
        adopt()
    }

    /// What was learnt about the terminal, or set by the user, decides how things are drawn.
    private func adopt() {
        let settings = core.state.settings
        core.dispatch(.terminal(.changed(knowledge.state(settings))))
        pictures.configure(knowledge.pictureTerminal(settings))
        if knowledge.shouldAskOuter(settings) { terminal.ask(TerminalReport.outerQuestions) }
        if settings.takesMouse != takesMouse {
            takesMouse = settings.takesMouse
            terminal.takeMouse(takesMouse)
        }
    }

    /// Pictures leave some megabytes behind that nobody needs for now; once, when all is quiet.
    private func restIfDue() {
        guard !isAtRest, !core.isDirty, ContinuousClock.now >= lastDraw.advanced(by: Self.restTime)
        else { return }
        isAtRest = true
        pictures.rest()
        LargeBlocks.returnFreePages()
    }

    private func drawIfNeeded() {
        guard core.isDirty, ContinuousClock.now >= lastDraw.advanced(by: pace) else { return }
        let scene = core.draw(pictures: pictures)
        terminal.present(scene.frame, forced: mustRepaint)
        mustRepaint = false
        lastDraw = ContinuousClock.now
        isAtRest = false
        owesAnswer = false
        pictures.want(scene.requests)
        trace?.painted(scene, isWriting: core.state.ask.running != nil)
        if lastDraw >= logCheckedAt.advanced(by: Self.logInterval) {
            logCheckedAt = lastDraw
            log.keepBounded()
        }
    }

    // MARK: - Host

    func copy(_ text: String, what: String) -> (Severity, String) {
        guard terminal.copyToClipboard(text) else {
            return (.warning, "\(what) is too long for the terminal's clipboard")
        }
        return (.good, "copied \(what) (\(text.utf8.count) bytes)")
    }

    func suspend() {
        terminal.suspend()
        repaint()
    }

    func repaint() {
        if !takesMouse { terminal.takeMouse(false) }
        terminal.redraw()
        mustRepaint = true
        core.invalidate()
    }

    func bell() { terminal.bell() }

    func settingsChanged() { adopt() }

    func edit(file: URL) throws {
        let command = EditorProcess.command(core.state.settings.editorCommand, environment)
        // The editor draws on standard output, which has to be the terminal again.
        log.release()
        defer {
            log.capture()
            repaint()
        }
        try terminal.withTerminalGivenBack { try EditorProcess.run(command, file: file) }
    }
}

/// A flag between threads.
final class ReadyFlag: Sendable {
    private let raised = Atomic(false)

    func raise() { raised.store(true, ordering: .releasing) }

    /// Lowers it; whether it was raised.
    func take() -> Bool { raised.exchange(false, ordering: .acquiringAndReleasing) }
}
