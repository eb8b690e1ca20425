import ConceptDB
import Foundation
import TerminalUI
import Testing

@testable import StudioTUI

/// What the screen Settings makes of actions and keys, without files.
@Suite struct AppSettingsReducerTests {
    private func state(_ part: SettingsPart = .models) -> AppState {
        var state = AppState(
            places: AppPlaces(
                home: StudioHome(directory: URL(fileURLWithPath: "/nowhere")),
                samples: Samples(directory: URL(fileURLWithPath: "/samples")),
                workingFolder: "/", environment: ["TERM": "xterm"]), now: .now)
        state.screen = .settings
        state.settingsScreen.part = part
        state.terminal.size = Size(columns: 100, rows: 30)
        return state
    }

    private func model(_ name: String, isDefault: Bool = false) -> ModelRecord {
        ModelRecord(
            name: name, path: "/models/\(name)", family: "qwen2_5_vl",
            facts: .object(["parameters": .integer(3_750_000_000)]),
            addedAt: Timestamp(milliseconds: 1_780_000_000_000), isDefault: isDefault)
    }

    private func press(_ key: String, _ state: inout AppState) throws -> [Effect] {
        try KeySequence(parsing: key).keys.flatMap {
            Reducer.reduce(&state, .input(.key($0)))
        }
    }

    @Test func partsGoRound() throws {
        var state = state()
        for part in [SettingsPart.options, .keys, .doctor, .models] {
            _ = try press("]", &state)
            #expect(state.settingsScreen.part == part)
        }
        _ = try press("[", &state)
        #expect(state.settingsScreen.part == .doctor)
        _ = try press("tab", &state)
        #expect(state.settingsScreen.part == .models)
        _ = try press("shift-tab", &state)
        #expect(state.settingsScreen.part == .doctor)
    }

    /// What is read in the background must not take the user anywhere.
    @Test func lateNewsLeaveThePartAsItIs() {
        var state = state(.options)
        _ = Reducer.reduce(&state, .settings(.foldersRead([:], nil)))
        _ = Reducer.reduce(&state, .settings(.inspected(path: "/", name: "x", lines: ["y"])))
        #expect(state.settingsScreen.part == .options)
    }

    @Test func theEmbeddedModelIsFirstUnlessItsNameIsTaken() {
        var state = state()
        state.library.models = [model("Big", isDefault: true)]
        #expect(ModelRow.rows(state).map(\.name) == ["mini", "Big"])
        #expect(ModelRow.rows(state).map(\.isInUse) == [false, true])
        state.library.models = [model("Mini")]
        #expect(ModelRow.rows(state).map(\.name) == ["Mini"])
        state.library.models = []
        #expect(ModelRow.rows(state).map(\.isInUse) == [true])
    }

    @Test func enterUsesTheModelUnderTheCursor() throws {
        var state = state()
        state.library.models = [model("Big")]
        // The embedded one is in use already.
        #expect(try press("enter", &state).allSatisfy { !$0.isSettings })
        #expect(state.toasts.shown.last?.text.contains("in use already") == true)
        _ = try press("j", &state)
        let effects = try press("enter", &state)
        guard case .settings(.use("Big"))? = effects.first(where: \.isSettings) else {
            Issue.record("\(effects)")
            return
        }
        state.library.models = [model("Big", isDefault: true)]
        _ = try press("k", &state)
        guard case .settings(.use(nil))? = try press("enter", &state).first(where: \.isSettings)
        else {
            Issue.record("the embedded model cannot be chosen again")
            return
        }
    }

    @Test func forgettingAsksAndSparesTheEmbeddedModel() throws {
        var state = state()
        state.library.models = [model("Big")]
        _ = try press("d", &state)
        #expect(state.overlays.isEmpty)
        _ = try press("j", &state)
        _ = try press("d", &state)
        #expect(state.overlays.count == 1)
        #expect(try press("n", &state).isEmpty)
        _ = try press("d", &state)
        guard case .settings(.remove("Big"))? = try press("y", &state).first else {
            Issue.record("the model is not forgotten")
            return
        }
    }

    @Test func loadingAndUnloadingFollowTheModel() throws {
        var state = state()
        guard case .loadModel? = try press("m", &state).last else {
            Issue.record("not loaded")
            return
        }
        state.model = .ready(name: "mini", seconds: 1)
        #expect(ModelRow.rows(state)[0].isLoaded(state))
        guard case .unloadModel? = try press("m", &state).last else {
            Issue.record("not unloaded")
            return
        }
    }

    @Test(arguments: [
        ("/a/b/Qwen-3B", "", "Qwen-3B"), ("/a/b/Qwen-3B/", "", "Qwen-3B"),
        ("/a", " Mine ", "Mine"),
    ])
    func anAddedModelIsNamedAfterItsFolder(_ path: String, _ typed: String, _ name: String) {
        #expect(SettingsModelReducer.name(["path": path, "name": typed]) == name)
    }

    private func put(_ key: String, _ state: inout AppState) throws {
        let rows = OptionRow.rows(state)
        state.settingsScreen.options.cursor = try #require(
            rows.firstIndex {
                if case .option(let option) = $0 { option.key == key } else { false }
            })
    }

    private func saved(_ effects: [Effect]) -> (key: String, value: String?)? {
        for case .saveSetting(let key, let value) in effects { return (key, value) }
        return nil
    }

    @Test func choicesStepRoundAndFlagsToggle() throws {
        var state = state(.options)
        try put("ui.theme", &state)
        #expect(saved(try press("right", &state))?.value == "dark")
        #expect(saved(try press("left", &state))?.value == "mono")
        try put("ui.mouse", &state)
        for key in ["enter", "space", "left", "right", "h", "l"] {
            #expect(saved(try press(key, &state))?.value == "off", "\(key)")
        }
        try put("ui.which_key_delay_ms", &state)
        #expect(saved(try press("right", &state)) == nil)
    }

    @Test func aChoiceOpensAListAndANumberAForm() throws {
        var state = state(.options)
        try put("images.protocol", &state)
        _ = try press("enter", &state)
        #expect(state.overlays.last is ListOverlay)
        state.overlays = []
        try put("caption.temperature", &state)
        _ = try press("enter", &state)
        #expect(state.overlays.last is FormOverlay)
        for key in ["ctrl-u", "9", "9", "9"] { _ = try press(key, &state) }
        #expect(saved(try press("enter", &state)) == nil)
        #expect(state.overlays.count == 1)
        for key in ["ctrl-u", "0", ".", "5"] { _ = try press(key, &state) }
        let change = saved(try press("enter", &state))
        #expect(change?.key == "caption.temperature")
        #expect(change?.value == "0.5")
        #expect(state.overlays.isEmpty)
    }

    @Test func dGoesBackToTheDefault() throws {
        var state = state(.options)
        try put("ui.ascii", &state)
        #expect(saved(try press("d", &state)) == nil)
        try state.settings.set("ui.ascii", to: "on")
        let change = saved(try press("d", &state))
        #expect(change?.key == "ui.ascii")
        #expect(change != nil && change?.value == nil)
    }

    @Test func problemsOfTheFilesComeFirstAndOpenThem() throws {
        var state = state(.options)
        state.configurationProblems = [
            "config.yaml: line 3: there is no option 'x'",
            "keymap.yaml: line 1: 'q q q q q q' is too long",
        ]
        #expect(OptionRow.rows(state).count == SettingCatalogue.all.count + 1)
        guard case .editConfiguration(.settings)? = try press("enter", &state).last else {
            Issue.record("config.yaml does not open")
            return
        }
        state.settingsScreen.part = .keys
        guard case .problem(let text) = KeyRow.rows(state)[0] else {
            Issue.record("the keymap's problem is not shown")
            return
        }
        #expect(text.contains("too long"))
        guard case .editConfiguration(.keymap)? = try press("E", &state).last else {
            Issue.record("keymap.yaml does not open")
            return
        }
    }

    @Test func commandsOfOneScopeStandTogether() {
        let rows = KeyRow.rows(state(.keys))
        #expect(rows.count == CommandCatalogue.all.count)
        var seen: Set<CommandScope> = []
        var last: CommandScope?
        for case .command(let command) in rows where command.scope != last {
            #expect(seen.insert(command.scope).inserted, "\(command.scope) comes twice")
            last = command.scope
        }
    }

    @Test(arguments: [
        ("j", ["j"]), ("j, g g ,ctrl-d", ["j", "g g", "ctrl-d"]), ("", []), (",,", [","]),
        ("a,,,b", ["a", ",", "b"]),
    ])
    func keysAreReadFromAList(_ text: String, _ keys: [String]) {
        let read = SettingsOptionReducer.sequences(text).compactMap { try? $0.get().description }
        #expect(read == keys)
    }

    @Test func keysAreChangedUnlessTheyClash() throws {
        var state = state(.keys)
        let rows = KeyRow.rows(state)
        state.settingsScreen.keys.cursor = try #require(
            rows.firstIndex {
                if case .command(let command) = $0 { command.id == "view.tasks" } else { false }
            })
        _ = try press("enter", &state)
        // `u` takes a change back everywhere.
        for key in ["ctrl-u", "u"] { _ = try press(key, &state) }
        _ = try press("enter", &state)
        #expect(state.overlays.count == 1)
        for key in ["ctrl-u", "W"] { _ = try press(key, &state) }
        let effects = try press("enter", &state)
        guard case .saveKeys("view.tasks", let keys?)? = effects.last else {
            Issue.record("\(effects)")
            return
        }
        #expect(keys.map(\.description) == ["W"])
    }

    @Test func conflictsAreFoundWithinAScopeOnly() throws {
        func command(_ id: String, _ scope: CommandScope, _ keys: [String]) -> Command {
            Command(
                CommandID(id), id, help: id, scope: scope, keys: keys, action: { _ in .none })
        }
        let table = CommandTable([
            command("a", .everywhere, ["x"]), command("b", .everywhere, ["x y"]),
            command("c", .screen(.ask), ["x"]), command("d", .everywhere, ["z"]),
        ])
        let conflicts = KeyConflict.all(in: table)
        #expect(conflicts.count == 1)
        #expect(conflicts.first?.first == "a" && conflicts.first?.second == "b")
        let remark = KeyConflict.remark(on: command("d", .everywhere, ["z"]), in: table)
        #expect(remark == nil)
        #expect(KeyConflict.all(in: CommandTable(CommandCatalogue.all)).isEmpty)
    }

    @Test func theReportIsCopiedAsPlainText() throws {
        var state = state(.doctor)
        #expect(try press("y", &state).allSatisfy { if case .copy = $0 { false } else { true } })
        state.settingsScreen.report = DoctorReport(
            home: state.places.home, samples: nil, terminal: DoctorReport.Terminal(state),
            open: { throw StudioFailure(.failed, "no library here") })
        guard case .copy(let text, _)? = try press("y", &state).last else {
            Issue.record("nothing is copied")
            return
        }
        #expect(text.contains("studio \(Studio.version)"))
        #expect(text.contains("no library here"))
        #expect(!text.contains("\u{1B}"))
    }
}

extension Effect {
    fileprivate var isSettings: Bool { if case .settings = self { true } else { false } }
}

/// The screen Settings as people see and use it, with its real files.
@Suite struct AppSettingsScreenTests {
    let folder: TemporaryFolder
    let robot: AppRobot

    init() throws {
        folder = try TemporaryFolder()
        robot = AppRobot(home: folder.url)
        try robot.press("7")
    }

    private var config: String {
        let file = SettingsFile(robot.home).url
        return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }

    @Test func aModelIsAddedUsedInspectedAndForgotten() throws {
        try robot.wait(forText: "17.6 MB")
        try robot.press("a")
        robot.type(TestStudio.samples + "/mini")
        try robot.press("down")
        robot.type("Twin")
        try robot.press("enter")
        try robot.wait(for: "the model") {
            $0.core.state.library.models.map(\.isDefault) == [true]
        }
        #expect(robot.screen.contains("8.8 million"))
        try robot.press("j", "i")
        try robot.wait(forText: "language")
        try robot.press("esc")
        try robot.press("m")
        try robot.wait(forText: "loaded in")
        try robot.press("d", "y")
        try robot.wait(for: "the model to go") { $0.core.state.library.models.isEmpty }
        try robot.wait(for: "its memory to be free") { $0.core.state.model == .idle }
    }

    @Test func aFolderThatIsNoModelIsRefusedInOneSentence() throws {
        try robot.press("a")
        robot.type(folder.url.path)
        try robot.press("enter")
        try robot.wait(for: "the refusal") { $0.core.state.toasts.lastProblem != nil }
        #expect(robot.core.state.library.models.isEmpty)
    }

    @Test func optionsAreWrittenToTheFileAndCountAtOnce() throws {
        try robot.press("]")
        try robot.press("right")
        try robot.wait(for: "the dark theme") { $0.core.state.settings.theme == .dark }
        #expect(config.contains("\nui.theme: dark\n"))
        #expect(robot.screen.contains("* ui.theme"))
        try robot.press("d")
        try robot.wait(for: "the default") { $0.core.state.settings.theme == .automatic }
    }

    @Test func theFileIsEditedOutsideAndItsProblemsAreShown() throws {
        robot.host.editor = { file in
            try Data("ui.theme: purple\nui.ascii: on\n".utf8).write(to: file)
        }
        try robot.press("]", "e")
        try robot.wait(forText: "'ui.theme' cannot be 'purple'")
        #expect(robot.core.state.settings.isASCII)
        #expect(robot.screen.contains("Problems in config.yaml"))
    }

    @Test func keysAreChangedHereAndWorkAtOnce() throws {
        try robot.press("]", "]")
        let rows = KeyRow.rows(robot.core.state)
        let index = try #require(
            rows.firstIndex {
                if case .command(let command) = $0 { command.id == "view.tasks" } else { false }
            })
        for _ in 0..<index { try robot.press("j") }
        try robot.press("enter", "ctrl-u", "W", "enter")
        try robot.wait(for: "the new key") {
            $0.core.state.keymap.keys(of: "view.tasks").map(\.description) == ["W"]
        }
        try robot.press("W")
        #expect(robot.core.state.overlays.last is TasksOverlay)
        try robot.press("esc", "d")
        try robot.wait(for: "the usual key") {
            $0.core.state.keymap.keys(of: "view.tasks").map(\.description) == ["w"]
        }
    }

    @Test func theDoctorReportsAndVerifies() throws {
        try robot.press("[")
        try robot.wait(forText: "nothing wrong")
        #expect(robot.screen.contains("kernels"))
        try robot.press("y")
        #expect(robot.host.copied.last?.contains("library") == true)
        try robot.press("v")
        try robot.wait(forText: "the library is sound")
        try robot.press("r")
        try robot.wait(for: "a second report") { !$0.core.state.settingsScreen.isExamining }
    }

    @Test func aClickOpensAPartAndASecondOneARow() throws {
        try robot.click("Options")
        #expect(robot.core.state.settingsScreen.part == .options)
        try robot.click("ui.mouse    ")
        #expect(OptionRow.option(robot.core.state)?.key == "ui.mouse")
        #expect(robot.core.state.settings.takesMouse)
        try robot.click("ui.mouse    ")
        try robot.wait(for: "the mouse to be off") { !$0.core.state.settings.takesMouse }
    }

    @Test(arguments: [
        Size(columns: 60, rows: 16), Size(columns: 80, rows: 24),
        Size(columns: 120, rows: 36), Size(columns: 200, rows: 50),
    ])
    func everyPartFitsAndPlacesTheCursor(_ size: Size) throws {
        let robot = AppRobot(home: folder.url, size: size)
        try robot.press("7")
        try robot.wait(forText: "mini")
        for part in SettingsPart.allCases {
            if part == .doctor { try robot.wait(forText: "studio \(Studio.version)") }
            for key in ["G", "g g", "pgdn", "pgup"] {
                try robot.press(key)
                let scene = robot.core.draw(pictures: NoPictures())
                let cursor = try #require(scene.frame.cursor, "\(part) \(key)")
                #expect(cursor.y > 1 && cursor.y < size.rows - 2)
                #expect(robot.rows.allSatisfy { TerminalText.width($0) == size.columns })
            }
            #expect(robot.rows[1].contains("[\(part.title)]"))
            try robot.press("]")
        }
    }

    @Test func namesFromOutsideCannotReachTheTerminal() throws {
        let store = try ConceptStore(
            directory: robot.home.library, thumbnails: robot.home.thumbnails)
        try store.addModel(ModelRecord(name: "odd", path: "/x\u{7}\u{1B}[31m", family: "f\u{9B}"))
        let context = robot.core.context
        LibraryEffects.reload(context)
        try robot.wait(for: "the model") { $0.core.state.library.models.count == 1 }
        try robot.press("j")
        #expect(!robot.screen.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    }
}
