import Foundation
import Testing
import TerminalUI

@testable import StudioTUI

@Suite struct KeymapFileTests {
    static let actions = [
        KeymapAction(
            "move.down", "Move down", scope: "list", keys: [[.character("j")], [Key(.down)]]),
        KeymapAction(
            "move.top", "Go to the top", scope: "list", keys: [[.character("g"), .character("g")]]),
        KeymapAction("concepts.add", "Add a concept", scope: "list", keys: [[.character("a")]]),
        KeymapAction(
            "concepts.trash", "Move to the trash", scope: "list", keys: [[.character("d")]]),
        KeymapAction("caption.again", "Caption again", scope: "ask", keys: [[.character("a")]]),
        KeymapAction("app.quit", "Quit", scope: "app", keys: []),
    ]

    private func keys(_ text: String) -> [String: String] {
        KeymapFile.parse(text, Self.actions).keymap.keys
            .mapValues { $0.map(\.description).joined(separator: ", ") }
    }

    private func problems(_ text: String) -> [String] {
        KeymapFile.parse(text, Self.actions).problems.map(\.description)
    }

    @Test func templateNamesEveryActionAndChangesNothing() {
        let template = KeymapFile.template(Self.actions)
        #expect(KeymapFile.parse(template, Self.actions).keymap == Keymap(Self.actions))
        #expect(problems(template).isEmpty)
        let active = template.replacing("\n#", with: "\n").split(separator: "\n").filter {
            !$0.hasPrefix(" ")
        }
        .joined(separator: "\n")
        let sheet = OptionSheet(String(active.drop { $0 == "#" || $0 == " " }))
        #expect(sheet.entries.map(\.key) == Self.actions.map(\.id))
        #expect(template.contains("#move.top: [\"g g\"]"))
    }

    /// The app's own commands, as they are.
    @Test func commandsOfTheAppDoNotClash() {
        let all = CommandCatalogue.all.map {
            KeymapAction($0.id.name, $0.title, scope: $0.scope.title, keys: $0.keys)
        }
        let (keymap, problems) = KeymapFile.parse(KeymapFile.template(all), all)
        #expect(problems.isEmpty)
        for action in all {
            #expect(keymap[action.id] == action.keys, "\(action.id) of \(action.scope)")
        }
    }

    @Test func keysAreReplaced() {
        let text = """
            move.down: [n, "ctrl-n"]
            move.top: g
            concepts.trash: []
            concepts.add:
              - "+"
              - f2
            """
        #expect(problems(text).isEmpty)
        #expect(
            keys(text) == [
                "move.down": "n, ctrl-n", "move.top": "g", "concepts.trash": "",
                "concepts.add": "+, f2", "caption.again": "a", "app.quit": "",
            ])
    }

    @Test(arguments: [
        ("move.dwon: n", "line 1: there is no action 'move.dwon'; did you mean 'move.down'?"),
        ("\nnope: n", "line 2: there is no action 'nope'"),
        ("move.down: [n, hyper-n]", "line 1: 'move.down': 'hyper-n' is not a key"),
        ("move.down: ctrl-i", "line 1: 'move.down': terminals send 'ctrl-i' as tab"),
        ("move.down:", "line 1: 'move.down' has no keys; write [] to leave it without any"),
        ("move.down: [[n]]", "line 1: 'move.down' has '[' in its list; put it in quotes"),
        ("move.down: [n", "line 1: 'move.down' has a list that does not end with ']'"),
        ("move.down: ?", "line 1: 'move.down' begins with '?'; put the value in quotes"),
        (
            "concepts.add: j\nmove.down: j",
            "line 2: 'j' for 'move.down' is the key of 'concepts.add' already"
        ),
        (
            "concepts.add: d",
            "line 1: 'd' for 'concepts.add' takes 'd' from 'concepts.trash'; set 'concepts.trash' too to give it another key"
        ),
        (
            "concepts.add: g",
            "line 1: 'g' for 'concepts.add' takes 'g g' from 'move.top', which began with or continued it; set 'move.top' too to give it another key"
        ),
        (
            "concepts.add: x\nmove.top: x y",
            "line 2: 'x y' for 'move.top' clashes with 'x' of 'concepts.add'"
        ),
    ])
    func mistakesCostOneSentence(text: String, problem: String) {
        #expect(problems(text + "\napp.quit: q\n") == [problem])
        #expect(keys(text + "\napp.quit: q\n")["app.quit"] == "q")
    }

    @Test func winnersKeepTheKey() {
        #expect(keys("concepts.add: j\nmove.down: [j, n]")["move.down"] == "n")
        #expect(keys("concepts.add: j")["move.down"] == "down")
        // The same key in another scope is no conflict.
        #expect(problems("concepts.trash: x\ncaption.again: x").isEmpty)
        // Nothing readable leaves the action as it was.
        #expect(keys("move.down: [nonsense]")["move.down"] == "j, down")
        #expect(keys("move.down: [n, n, n]")["move.down"] == "n")
        let many = "move.down: [" + Array(repeating: "x", count: 17).joined(separator: ", ") + "]"
        #expect(problems(many) == ["line 1: 'move.down' has more than 16 keys"])
    }

    @Test func everyConflictIsSettled() {
        // Random keymaps: afterwards no key of a scope means two things.
        var random = Seeded(state: 5)
        for _ in 0..<200 {
            let text: String = Self.actions.map { (action) -> String in
                let keys: [String] = (0..<(random.next() % 4)).map { _ in
                    ["a", "b", "g g", "g", "ctrl-x b", "d"][Int(random.next() % 6)]
                }
                return "\(action.id): [\(keys.joined(separator: ", "))]"
            }.joined(separator: "\n")
            let keymap = KeymapFile.parse(text, Self.actions).keymap
            for scope in ["list", "ask", "app"] {
                let owned = Self.actions.filter { $0.scope == scope }
                    .flatMap { action in keymap[action.id].map { (action.id, $0) } }
                for (id, sequence) in owned {
                    #expect(
                        !owned.contains { $0.0 != id && $0.1.isPrefix(of: sequence) }, "\(text)")
                }
            }
        }
    }

    @Test func changingAnActionKeepsTheRest() throws {
        let folder = try TemporaryFolder()
        let file = KeymapFile(StudioHome(directory: folder.url))
        try file.create(Self.actions)
        try file.set(
            "move.top", to: [[.character("<")], [.control("t"), .character(" ")]], Self.actions)
        let text = try String(contentsOf: file.url, encoding: .utf8)
        #expect(
            text
                == KeymapFile.template(Self.actions).replacing(
                    "#move.top: [\"g g\"]", with: "move.top: [\"<\", \"ctrl-t space\"]"))
        #expect(
            file.load(Self.actions).keymap["move.top"].map(\.description) == ["<", "ctrl-t space"])
        try file.set("move.top", to: [], Self.actions)
        #expect(file.load(Self.actions).keymap["move.top"].isEmpty)
        #expect(file.load(Self.actions).problems.isEmpty)
    }

    @Test func everyKeySurvivesTheFile() throws {
        let folder = try TemporaryFolder()
        let file = KeymapFile(url: URL(fileURLWithPath: folder.path("keymap.yaml")))
        for character in "abcXYZ019 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~é犬" {
            let sequence: KeySequence = [.character(character)]
            try file.set("move.top", to: [sequence], Self.actions)
            let loaded = file.load(Self.actions)
            #expect(loaded.keymap["move.top"] == [sequence], "\(character)")
        }
    }

    @Test func hostileFilesAreRefused() throws {
        let folder = try TemporaryFolder()
        let url = URL(fileURLWithPath: folder.path("keymap.yaml"))
        let file = KeymapFile(url: url)
        try Data(repeating: 0xFF, count: 100).write(to: url)
        #expect(file.load(Self.actions).keymap == Keymap(Self.actions))
        #expect(file.load(Self.actions).problems.count == 1)
        try Data(count: 2 << 20).write(to: url)
        #expect(file.load(Self.actions).problems.count == 1)
        #expect(throws: FileFailure.self) { try file.set("move.top", to: [], Self.actions) }
        let long = "move.down: [" + String(repeating: "x, ", count: 20_000) + "]"
        #expect(KeymapFile.parse(long, Self.actions).keymap == Keymap(Self.actions))
        #expect(problems("move.down: [\u{1B}]").count == 1)
    }
}
