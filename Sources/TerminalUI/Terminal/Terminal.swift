import Glibc

/// The terminal that the app runs in: frames go out, events come in.
///
/// Used by one thread. Only this class reads and writes the terminal while it is open; its end is
/// `close`, and whatever ends the process gives the terminal back too.
public final class Terminal {
    /// Asks for what a terminal can do: background, name, numbers of sixel, size of a cell,
    /// synchronized output, and attributes.
    ///
    /// Every terminal answers the last, so its answer
    /// (`.attributes`) says that no other will follow. The first `.graphics` about item 2 is the
    /// size of the text in pixels, the second the largest picture.
    public static let probe =
        "\u{1B}]11;?\u{1B}\\" + "\u{1B}[>0q" + "\u{1B}[?1;1;0S" + "\u{1B}[?2;1;0S"
        + "\u{1B}[?2;4;0S" + "\u{1B}[16t" + "\u{1B}[?2026$p" + "\u{1B}[c"

    /// What this terminal may be asked: the Linux console and GNU screen only for their attributes,
    /// tmux for all, of which it leaves most unanswered.
    public static func probe(environment: [String: String]) -> String {
        let type = environment["TERM"] ?? ""
        let isTmux = environment["TMUX"] != nil
        if type.hasPrefix("linux") || (type.hasPrefix("screen") && !isTmux) { return "\u{1B}[c" }
        return probe
    }

    /// Columns and rows, as of the last `resize`.
    public private(set) var size: Size
    /// How many colours there are; 0 for none.
    public var colours: Int { screen.colours }
    /// Whether text may be more than ASCII.
    public let isUTF8: Bool
    /// Whether the app runs inside tmux.
    public let isInsideTmux: Bool
    /// Consoles would show the title instead of taking it.
    private let hasTitle: Bool
    /// Wakes `wait` from another thread.
    public let waker = Waker()
    /// Whether frames are sent so that the terminal shows them at once; set when it says that it
    /// knows how (`.mode(2026, …)`).
    public var synchronizedOutput = false
    /// How many frames were sent.
    public private(set) var framesPresented = 0
    /// How many bytes were sent in all.
    public private(set) var bytesWritten = 0

    private enum Possession {
        case ours, givenBack, closed
    }

    private let line: TerminalLine
    private let screen: CursesScreen
    private var model: ScreenModel
    private var reader: InputReader
    private var possession = Possession.givenBack
    private var shownCursor: Point??
    /// Whether the terminal itself said how many pixels a cell has.
    private var isCellTold = false

    /// The window's size in pixels as the system knows it, borders included.
    public var pixelSize: (width: Int, height: Int)? { line.pixels.map { ($0.width, $0.height) } }

    /// A descriptor of the terminal for programs that the app starts; owned by this object.
    public var descriptor: Int32 { line.output }

    /// Takes the terminal at standard input and output.
    public static func open(
        environment: [String: String]
    ) throws(TerminalOpenError) -> Terminal {
        try Terminal(environment: environment, input: 0, output: 1)
    }

    /// Takes the terminal at these descriptors.
    init(environment: [String: String], input: Int32, output: Int32) throws(TerminalOpenError) {
        line = try TerminalLine(input: input, output: output)
        let type = environment["TERM"] ?? ""
        if type.isEmpty { throw .noType }
        if type == "dumb" { throw .dumb }
        let isUTF8 = LocaleCharset.set(environment)
        let memory = ProcessSignals.memoryFile()
        guard ProcessSignals.descriptor >= 0, memory >= 0 else {
            throw .system("no file descriptor is left")
        }
        let size = line.size ?? Size(columns: 80, rows: 24)
        screen = try CursesScreen.start(
            types: TerminalType.candidates(environment), size: size, memory: memory, isUTF8: isUTF8)
        self.size = size
        self.isUTF8 = isUTF8
        isInsideTmux = environment["TMUX"] != nil
        hasTitle = !["linux", "vt", "ansi"].contains { type.hasPrefix($0) }
        model = ScreenModel(size: size)
        reader = InputReader(line: line)
        ProcessSignals.install()
        enter()
    }

    deinit { close() }

    // MARK: Taking and giving back

    /// Gives the terminal back for good; may be called again.
    public func close() {
        guard possession != .closed else { return }
        if possession == .ours {
            // A reply that is still on its way would be typed into the shell.
            reader.awaitReplies(milliseconds: 150)
            leave()
        }
        possession = .closed
        ProcessSignals.remove()
        screen.close()
    }

    /// Stops the process as ctrl-z does; returns when it goes on, with an empty screen.
    public func suspend() {
        guard possession == .ours else { return }
        leave()
        ProcessSignals.stopGroup()
        enter()
    }

    /// Lets another program use the terminal, such as an editor; afterwards the screen is empty.
    public func withTerminalGivenBack<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard possession == .ours else { return try body() }
        leave()
        defer { enter() }
        return try body()
    }

    private func enter() {
        ProcessSignals.take()
        possession = .ours
        send(Array(TerminalCommands.entering.utf8))
        resize()
    }

    private func leave() {
        send(Array(TerminalCommands.leaving.utf8) + screen.leave())
        ProcessSignals.giveBack()
        possession = .givenBack
    }

    // MARK: Out

    /// Fits everything to the window's size after `.resized`; the next frame is drawn from nothing.
    public func resize() {
        size = line.size ?? size
        screen.resize(size)
        isCellTold = false
        learnCell(pixels: line.pixels)
        redraw()
    }

    /// Takes the screen as damaged: the next frame is drawn from nothing.
    public func redraw() {
        model.forget(size: size)
        shownCursor = nil
    }

    /// Shows a frame by writing what differs from the last one.
    ///
    /// - Parameter forced: write every picture again, because something may have damaged it.
    public func present(_ frame: Frame, forced: Bool = false) {
        guard possession == .ours else { return }
        let plan = model.plan(for: frame, forced: forced)
        let cursor = frame.cursor.flatMap { Rect(size).contains($0) ? $0 : nil }
        guard !plan.isEmpty || shownCursor != .some(cursor) else { return }
        shownCursor = .some(cursor)
        screen.put(plan, of: model)
        var bytes = synchronizedOutput ? Array(TerminalCommands.beginUpdate.utf8) : []
        bytes += screen.update(cursor: cursor)
        // xterm takes its cursor away by drawing the character below it, which is a hole in a picture.
        let hidesCursor = !plan.pictures.isEmpty && cursor != nil
        if hidesCursor { bytes += TerminalCommands.hideCursor.utf8 }
        for index in plan.pictures { bytes += TerminalCommands.picture(frame.pictures[index]) }
        if hidesCursor { bytes += TerminalCommands.showCursor.utf8 }
        if synchronizedOutput { bytes += TerminalCommands.endUpdate.utf8 }
        send(bytes)
        framesPresented += 1
    }

    /// Writes bytes as they are, which must neither move the cursor nor change how text looks.
    public func write(_ bytes: some Sequence<UInt8>) {
        if possession == .ours { send(Array(bytes)) }
    }

    /// Asks the terminal something; answers come as `.reply`.
    public func ask(_ questions: String) {
        if questions.hasSuffix("\u{1B}[c") { reader.expectsReplies = true }
        write(questions.utf8)
    }

    /// Puts text on the clipboard, if the terminal allows; false when it is too long for that.
    public func copyToClipboard(_ text: String) -> Bool {
        guard let command = TerminalCommands.copy(text, insideTmux: isInsideTmux) else {
            return false
        }
        write(command)
        return true
    }

    /// Whether the mouse is reported; without, the terminal selects text with it.
    ///
    /// Holds until the terminal is given back and taken again.
    public func takeMouse(_ isTaken: Bool) {
        let final = isTaken ? "h" : "l"
        write("\u{1B}[?1000\(final)\u{1B}[?1002\(final)\u{1B}[?1006\(final)".utf8)
    }

    /// Names the window, where there is one.
    public func setTitle(_ title: String) {
        if hasTitle { write(TerminalCommands.title(title).utf8) }
    }

    /// Rings or flashes, as the user has set it.
    public func bell() { write([0x07]) }

    private func send(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !reader.isGone else { return }
        bytesWritten += bytes.count
        if !ProcessSignals.write(bytes, to: line.output) { reader.isGone = true }
    }

    // MARK: In

    /// Waits until there is something to look at, or until the deadline; then the result is empty.
    ///
    /// Without input, signals or a deadline the process sleeps.
    public func wait(until deadline: ContinuousClock.Instant?) -> [TerminalSignal] {
        while true {
            let (events, notices) = reader.wait(until: deadline)
            var signals = events.map { TerminalSignal.input($0) }
            for event in events { learn(event) }
            signals += noticed(notices)
            if reader.isGone { signals.append(.hangup) }
            if !signals.isEmpty { return signals }
            if let deadline, deadline <= .now { return [] }
        }
    }

    private func noticed(_ notices: ProcessSignals.Notices) -> [TerminalSignal] {
        var signals: [TerminalSignal] = []
        if notices.contains(.stop) {
            suspend()
            signals.append(.continued)
        } else if notices.contains(.continued), possession == .ours {
            // The shell put its own modes in place while we were stopped.
            enter()
            signals.append(.continued)
        }
        if notices.contains(.resized) { signals.append(.resized) }
        if notices.contains(.woken) { signals.append(.woken) }
        for (notice, number) in Self.endings where notices.contains(notice) {
            signals.append(.terminate(number))
        }
        return signals
    }

    private static let endings: [(ProcessSignals.Notices, Int32)] = [
        (.interrupt, SIGINT), (.terminate, SIGTERM), (.hangup, SIGHUP), (.quit, SIGQUIT),
    ]

    private func learn(_ event: InputEvent) {
        guard case .reply(let reply) = event else { return }
        switch reply {
        case .mode(2026, let state): synchronizedOutput = (1...3).contains(state)
        case .cellSize(let width, let height) where width > 0 && height > 0:
            isCellTold = true
            model.cellPixels = PixelSize(width: width, height: height)
        case .graphics(let values)
        where values.count >= 4 && values[0] == 2 && values[1] == 0 && !isCellTold:
            isCellTold = true
            learnCell(pixels: PixelSize(width: values[2], height: values[3]))
        default: break
        }
    }

    /// Takes the size of a cell from that of the window, which may count a border.
    private func learnCell(pixels: PixelSize?) {
        guard let pixels else { return }
        let cell = PixelSize(
            width: pixels.width / size.columns, height: pixels.height / size.rows)
        if cell.width > 0, cell.height > 0 { model.cellPixels = cell }
    }
}
