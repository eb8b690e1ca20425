import Foundation
import Testing
import VLMRuntime
import TerminalUI

@testable import StudioTUI

/// A user without a terminal: presses keys, reads the screen, waits for what should appear.
///
/// State, effects, library and model are the real ones; only ncurses is missing.
final class AppRobot {
    let core: AppCore
    let home: StudioHome
    let host = RobotHost()
    private let arrival: DispatchSemaphore
    private let size: Size

    /// Longer than anything here takes, even on a busy machine.
    static let patience = 180.0

    init(home folder: URL, size: Size = Size(columns: 120, rows: 36)) {
        let arrival = DispatchSemaphore(value: 0)
        self.arrival = arrival
        self.size = size
        home = StudioHome(directory: folder)
        let environment = ProcessInfo.processInfo.environment
        let places = AppPlaces(
            home: home, samples: Samples(directory: URL(fileURLWithPath: TestStudio.samples)),
            workingFolder: folder.path, environment: environment)
        let context = EffectContext(places: places, mailbox: Mailbox(wake: { arrival.signal() }))
        let runner = EffectRunner(
            context: context, models: CaptionService(context: context),
            configuration: ConfigurationStore(places: places))
        core = AppCore(places: places, context: context, runner: runner, host: host)
        var terminal = TerminalState()
        terminal.size = size
        core.start(terminal)
    }

    /// The rows of the screen as text.
    var rows: [String] {
        let scene = core.draw(pictures: NoPictures())
        return (0..<scene.frame.size.rows).map { scene.frame.text(row: $0) }
    }

    var screen: String { rows.joined(separator: "\n") }

    /// Presses keys one after the other, written as in a keymap: "j", "ctrl-d", "g g", "enter".
    func press(_ keys: String...) throws {
        for text in keys {
            for key in try KeySequence(parsing: text).keys {
                core.dispatch(.input(.key(key)))
                settle()
            }
        }
    }

    /// Types text character by character.
    func type(_ text: String) {
        for character in text { core.dispatch(.input(.key(.character(character)))) }
        settle()
    }

    func paste(_ text: String) {
        core.dispatch(.input(.paste(text)))
        settle()
    }

    /// Clicks on the first place where the text is on the screen.
    func click(_ text: String) throws {
        let rows = rows
        let row = try #require(
            rows.firstIndex { $0.contains(text) }, "\(text) is not on the screen:\n\(screen)")
        let before = try #require(rows[row].range(of: text)).lowerBound
        let column = TerminalText.width(String(rows[row][..<before]))
        core.mouse(MouseEvent(.press(.left), at: Point(x: column, y: row)))
        core.mouse(MouseEvent(.release(.left), at: Point(x: column, y: row)))
        settle()
    }

    /// Waits until the screen fulfils a condition; what it shows otherwise is the failure.
    func wait(
        for what: String, _ location: SourceLocation = #_sourceLocation,
        until holds: (AppRobot) -> Bool
    ) throws {
        let end = Date().addingTimeInterval(Self.patience)
        settle()
        while !holds(self) {
            guard Date() < end else {
                Issue.record("waited in vain for \(what):\n\(screen)", sourceLocation: location)
                throw RobotGaveUp()
            }
            let due = core.nextDeadline.map { max(0, ($0 - .now).inSeconds) } ?? 1
            _ = arrival.wait(timeout: .now() + min(due + 0.005, 1))
            settle()
        }
    }

    /// Waits until the text is on the screen.
    func wait(forText text: String, _ location: SourceLocation = #_sourceLocation) throws {
        try wait(for: "\"\(text)\"", location) { $0.screen.contains(text) }
    }

    /// Takes what came from other threads and what is due.
    private func settle() {
        core.receiveMail()
        core.fireTimers()
    }
}

struct RobotGaveUp: Error {}

/// Remembers what the app asked of the terminal.
final class RobotHost: AppHost {
    var copied: [String] = []
    var repaints = 0
    var suspensions = 0
    /// What the "editor" does with a file.
    var editor: (URL) throws -> Void = { _ in }

    func copy(_ text: String, what: String) -> (Severity, String) {
        copied.append(text)
        return (.good, "copied \(what)")
    }
    func suspend() { suspensions += 1 }
    func repaint() { repaints += 1 }
    func bell() {}
    func edit(file: URL) throws { try editor(file) }
    func settingsChanged() {}
}
