import Glibc

/// The line to the terminal: descriptors of our own, sizes and bytes.
final class TerminalLine {
    let input: Int32
    let output: Int32

    /// Takes its own copies of two descriptors that are terminals, so that the caller may point
    /// standard output to a log.
    init(input: Int32, output: Int32) throws(TerminalOpenError) {
        guard isatty(input) == 1 else { throw .notATerminal("Standard input") }
        guard isatty(output) == 1 else { throw .notATerminal("Standard output") }
        // Above the numbers that programs give to their children by habit.
        let copies = (fcntl(input, F_DUPFD_CLOEXEC, 10), fcntl(output, F_DUPFD_CLOEXEC, 10))
        guard copies.0 >= 0, copies.1 >= 0 else {
            throw .system(String(cString: strerror(errno)))
        }
        (self.input, self.output) = copies
        // Our own copy: the caller's descriptor may be a log by the time of a crash.
        let error = ProcessSignals.remember(self.output)
        guard error == 0 else { throw .system(String(cString: strerror(error))) }
    }

    deinit {
        close(input)
        close(output)
    }

    /// Columns and rows, when the system knows them.
    var size: Size? {
        let window = window
        guard window.ws_col > 0, window.ws_row > 0 else { return nil }
        return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }

    /// The size in pixels, when the terminal tells the system.
    var pixels: PixelSize? {
        let window = window
        guard window.ws_xpixel > 0, window.ws_ypixel > 0 else { return nil }
        return PixelSize(width: Int(window.ws_xpixel), height: Int(window.ws_ypixel))
    }

    private var window: winsize {
        var window = winsize()
        _ = ioctl(output, UInt(TIOCGWINSZ), &window)
        return window
    }

    /// What has come by now, or `nil` when nothing will come any more; only called when `poll`
    /// said that there is something.
    func read() -> [UInt8]? {
        var isGone = false
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, used in
            let count = Glibc.read(input, buffer.baseAddress, buffer.count)
            isGone = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
            used = max(0, count)
        }
        return isGone ? nil : bytes
    }
}
