import Foundation

/// Measures the terminal: cells across and down, and how many pixels one has.
enum TerminalMeasure {
    /// Fills size and cell size from the best source there is.
    ///
    /// The system's pixel size counts the window's border and is rounded down, so what the terminal
    /// says of its text area comes first.
    static func fill(_ facts: inout TerminalFacts) {
        let window = windowSize()
        if let window, window.ws_col > 0, window.ws_row > 0 {
            facts.size = TerminalSize(columns: Int(window.ws_col), rows: Int(window.ws_row))
        }
        let report = facts.report ?? TerminalReport()
        let candidates: [(source: String, width: Int?, height: Int?)] = [
            (
                "the terminal (XTSMGRAPHICS)", report.areaWidth.map { $0 / facts.size.columns },
                report.areaHeight.map { $0 / facts.size.rows }
            ),
            ("the terminal (CSI 16 t)", report.cellWidth, report.cellHeight),
            (
                "the system (TIOCGWINSZ)", window.map { Int($0.ws_xpixel) / facts.size.columns },
                window.map { Int($0.ws_ypixel) / facts.size.rows }
            ),
        ]
        for candidate in candidates {
            guard let width = candidate.width, let height = candidate.height else { continue }
            guard let cell = CellSize(checkedWidth: width, height: height) else { continue }
            facts.cell = cell
            facts.cellSource = candidate.source
            return
        }
    }

    /// Columns of the terminal behind standard error or output; 80 without one.
    static func columns() -> Int {
        guard let window = windowSize(), window.ws_col > 0 else {
            return TerminalSize.assumed.columns
        }
        return Int(window.ws_col)
    }

    private static func windowSize() -> winsize? {
        for descriptor in [STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO] {
            var size = winsize()
            if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 { return size }
        }
        return nil
    }
}
