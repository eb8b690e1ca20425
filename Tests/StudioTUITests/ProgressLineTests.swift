import Synchronization
import Testing

@testable import StudioTUI

@Suite struct ProgressLineTests {
    private final class Clock: Sendable {
        private let value = Mutex(0.0)
        var now: Double { value.withLock { $0 } }
        func advance(_ seconds: Double) { value.withLock { $0 += seconds } }
    }

    private func line(isTerminal: Bool = true, enabled: Bool = true)
        -> (ProgressLine, Caught, Clock)
    {
        let error = Caught()
        let clock = Clock()
        let console = Console(
            outputIsTerminal: isTerminal, errorIsTerminal: isTerminal, output: { _ in nil },
            error: { error.add($0) })
        let line = ProgressLine(
            console: console, enabled: enabled, ticks: false, columns: { 60 },
            now: { clock.now })
        return (line, error, clock)
    }

    @Test func quickWorkShowsNothing() {
        let (line, error, clock) = line()
        line.update("loading", fraction: 0)
        clock.advance(0.9)
        line.update("loading", fraction: 0.9)
        line.clear()
        #expect(error.text.isEmpty)
    }

    @Test func slowWorkShowsTheTimeLeftAndLeavesNothingBehind() {
        let (line, error, clock) = line()
        line.update("loading", fraction: 0)
        clock.advance(2)
        line.update("loading", fraction: 0.25)
        #expect(error.text == "\rloading  ██········ 25 % · 6 s left\u{1B}[K")
        clock.advance(0.05)
        line.update("loading", fraction: 0.3)
        #expect(error.text.count == "\rloading  ██········ 25 % · 6 s left\u{1B}[K".count)
        line.clear()
        #expect(error.text.hasSuffix("\r\u{1B}[K"))
    }

    @Test(arguments: [(false, true), (true, false)])
    func pipesAndQuietGetNoProgress(_ isTerminal: Bool, _ enabled: Bool) {
        let (line, error, clock) = line(isTerminal: isTerminal, enabled: enabled)
        clock.advance(5)
        line.update("loading", fraction: 0.5)
        line.clear()
        #expect(error.text.isEmpty)
    }

    @Test(arguments: [(0.2, "1 s"), (59, "59 s"), (61, "1 min 01 s"), (4000, "1 h 06 min")])
    func durationsReadAsPeopleSayThem(_ seconds: Double, _ text: String) {
        #expect(ProgressLine.duration(seconds) == text)
    }
}
