import Glibc

/// Waits for the terminal's bytes and the process's signals with one `poll`, and knows how long to
/// wait for the rest of a sequence.
struct InputReader {
    /// After a single `ESC`: long enough for the rest of a sequence, too short to be felt.
    private static let escapePatience = Duration.milliseconds(25)
    /// While answers are expected, the rest of one may be slow.
    private static let replyPatience = Duration.milliseconds(200)
    /// In the middle of a reply or a paste.
    private static let insidePatience = Duration.seconds(3)

    /// The terminal has answered nothing yet, or not all.
    var expectsReplies = false
    /// Nothing can come or go any more.
    var isGone = false

    private let line: TerminalLine
    private var parser = InputParser()
    private var lastBytes = ContinuousClock.now

    init(line: TerminalLine) { self.line = line }

    /// What came, at the latest at the deadline.
    mutating func wait(
        until deadline: ContinuousClock.Instant?
    ) -> ([InputEvent], ProcessSignals.Notices) {
        if isGone { return ([], ProcessSignals.notices()) }
        let limit = [deadline, patienceEnd].compactMap { $0 }.min()
        var descriptors = [
            pollfd(fd: ProcessSignals.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: line.input, events: Int16(POLLIN), revents: 0),
        ]
        Self.poll(&descriptors, until: limit)
        let notices = descriptors[0].revents == 0 ? [] : ProcessSignals.notices()
        if descriptors[1].revents != 0 { return (readAll(), notices) }
        guard let end = patienceEnd, end <= .now else { return ([], notices) }
        return (parser.isWaiting ? parser.flush() : parser.abandon(), notices)
    }

    /// Takes answers that are still expected, and drops everything.
    mutating func awaitReplies(milliseconds: Int) {
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while expectsReplies, !isGone, .now < deadline {
            var descriptors = [pollfd(fd: line.input, events: Int16(POLLIN), revents: 0)]
            Self.poll(&descriptors, until: deadline)
            if descriptors[0].revents != 0 { _ = readAll() }
        }
    }

    /// When the start of a sequence will be taken for what it is.
    private var patienceEnd: ContinuousClock.Instant? {
        if parser.isWaiting {
            return lastBytes + (expectsReplies ? Self.replyPatience : Self.escapePatience)
        }
        return parser.isInside ? lastBytes + Self.insidePatience : nil
    }

    /// Reads as long as there is more, within reason, so that held keys become one frame.
    private mutating func readAll() -> [InputEvent] {
        var events: [InputEvent] = []
        for _ in 0..<16 {
            guard let bytes = line.read() else {
                isGone = true
                break
            }
            lastBytes = .now
            events += parser.feed(bytes)
            var more = [pollfd(fd: line.input, events: Int16(POLLIN), revents: 0)]
            guard Glibc.poll(&more, 1, 0) > 0 else { break }
        }
        for case .reply(.attributes) in events { expectsReplies = false }
        return events
    }

    private static func poll(
        _ descriptors: inout [pollfd], until limit: ContinuousClock.Instant?
    ) {
        var milliseconds: Int32 = -1
        if let limit {
            let left = max(.zero, limit - .now).components
            let (seconds, rest) = (min(left.seconds, 1_000_000), left.attoseconds)
            // Rounded up, or the last millisecond would be spent turning in circles.
            milliseconds =
                Int32(seconds) * 1000 + Int32((rest + 999_999_999_999_999) / 1_000_000_000_000_000)
        }
        _ = Glibc.poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    }
}
