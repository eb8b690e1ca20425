import Foundation
import Testing
import VLMRuntime

@testable import StudioTUI

@Suite struct SettingsTests {
    @Test func everyOptionIsComplete() {
        let options = SettingCatalogue.all
        #expect(Set(options.map(\.key)).count == options.count)
        for option in options {
            #expect(
                SettingCatalogue.sections.contains { $0.name == option.section }, "\(option.key)")
            #expect(option.explanation.hasSuffix("."), "\(option.key)")
            // The default is a value that the option takes.
            #expect(throws: Never.self) { try option.value(of: option.standard.text) }
            #expect((try? option.value(of: option.standard.text)) == option.standard)
        }
    }

    @Test func defaultsByMeaning() {
        let settings = Settings()
        #expect(settings.theme == .automatic)
        #expect(settings.startScreen == .last)
        #expect(settings.takesMouse && !settings.isForScreenReader && !settings.isASCII)
        #expect(settings.whichKeyDelay == .milliseconds(300))
        #expect(settings.confirmsQuit == .automatic && settings.hasVimKeys)
        #expect(settings.imageProtocol == nil)
        #expect(settings.tmuxPassthrough == .off && settings.dither == .automatic)
        #expect(settings.pictureMemoryBytes == 12 << 20)
        #expect(settings.question == nil && settings.temperature == nil && settings.topP == nil)
        #expect(settings.topK == nil && settings.repetitionPenalty == nil)
        #expect(settings.maximumTokens == nil && settings.seed == nil && settings.keepsHistory)
        #expect(
            settings.modelLoading == .whenNeeded && settings.keyValues == nil
                && settings.editorCommand == nil && settings.engineWish == nil)
        #expect(settings.logLevel == .info)
    }

    @Test func everyOptionReachesItsMeaning() throws {
        var settings = Settings()
        let changes: [(String, String, (Settings) -> Bool)] = [
            ("ui.theme", "light", { $0.theme == .light }),
            ("ui.start_screen", "history", { $0.startScreen == .history }),
            ("ui.mouse", "off", { !$0.takesMouse }),
            ("ui.screen_reader", "yes", { $0.isForScreenReader }),
            ("ui.ascii", "true", { $0.isASCII }),
            ("ui.which_key_delay_ms", "0", { $0.whichKeyDelay == .zero }),
            ("ui.confirm_quit", "on", { $0.confirmsQuit == .on }),
            ("ui.vim_keys", "no", { !$0.hasVimKeys }),
            ("images.protocol", "256", { $0.imageProtocol == .indexed256 }),
            ("images.tmux_passthrough", "auto", { $0.tmuxPassthrough == .automatic }),
            ("images.dither", "false", { $0.dither == .off }),
            ("images.memory_mib", "64", { $0.pictureMemoryBytes == 64 << 20 }),
            (
                "caption.question", "What is {name} doing?",
                { $0.question == "What is {name} doing?" }
            ),
            ("caption.temperature", "0.7", { $0.temperature == 0.7 }),
            ("caption.top_p", "1", { $0.topP == 1 }),
            ("caption.top_k", "0", { $0.topK == 0 }),
            ("caption.repetition_penalty", "1.05", { $0.repetitionPenalty == 1.05 }),
            ("caption.max_tokens", "80", { $0.maximumTokens == 80 }),
            ("caption.seed", "42", { $0.seed == 42 }),
            ("caption.keep_history", "off", { !$0.keepsHistory }),
            ("model.kv_bits", "8", { $0.keyValues == .int8 }),
            ("model.load", "at-start", { $0.modelLoading == .atStart }),
            (
                "engine.urls", "http://a:1 http://b:2",
                { $0.engineWish == EngineWish(urls: ["http://a:1", "http://b:2"]) }
            ),
            ("engine.model", "big", { $0.engineWish?.model == "big" }),
            ("engine.key_file", "/k", { $0.engineWish?.keyFile == "/k" }),
            ("editor.command", "vim -n", { $0.editorCommand == "vim -n" }),
            ("log.level", "debug", { $0.logLevel == .debug }),
        ]
        #expect(Set(changes.map(\.0)) == Set(SettingCatalogue.all.map(\.key)))
        for (key, text, holds) in changes {
            try settings.set(key, to: text)
            #expect(holds(settings), "\(key)")
            let option = try #require(SettingCatalogue[key])
            #expect(settings.isChanged(option))
        }
        // Back to the defaults, nothing is left.
        for option in SettingCatalogue.all { settings.set(option, to: option.standard) }
        #expect(settings == Settings())
    }

    @Test(arguments: [
        ("ui.theme", "pink", "'ui.theme' cannot be 'pink'; it takes auto, dark, light, mono"),
        ("ui.mouse", "2", "'ui.mouse' cannot be '2'; it takes on, off"),
        ("images.memory_mib", "0", "'images.memory_mib' cannot be '0'; it takes 4 to 1024"),
        (
            "images.memory_mib", "99999999999999999999",
            "'images.memory_mib' cannot be '99999999999999999999'; it takes 4 to 1024"
        ),
        (
            "caption.temperature", "nan",
            "'caption.temperature' cannot be 'nan'; it takes model, or 0 to 100"
        ),
        (
            "caption.temperature", "inf",
            "'caption.temperature' cannot be 'inf'; it takes model, or 0 to 100"
        ),
        ("caption.top_p", "0", "'caption.top_p' cannot be '0'; it takes model, or 0.001 to 1"),
        (
            "caption.seed", "-1",
            "'caption.seed' cannot be '-1'; it takes random, or 0 to 9007199254740991"
        ),
        (
            "caption.question", "a\u{1B}[2J",
            "'caption.question' cannot be 'a␛[2J'; it takes one line of at most 2000 characters"
        ),
        (
            "caption.question", "a\nb",
            "'caption.question' cannot be 'a b'; it takes one line of at most 2000 characters"
        ),
        ("nope", "x", "there is no option 'nope'"),
    ])
    func whatCannotBeSet(key: String, text: String, reason: String) {
        var settings = Settings()
        #expect(throws: SettingMistake(reason)) { try settings.set(key, to: text) }
        #expect(settings == Settings())
    }
}

@Suite struct SettingsFileTests {
    @Test func templateSaysEverythingAndChangesNothing() {
        let template = SettingsFile.template()
        let (settings, problems) = SettingsFile.parse(template)
        #expect(settings == Settings())
        #expect(problems.isEmpty)
        #expect(template.split(separator: "\n").allSatisfy { $0.hasPrefix("#") && $0.count <= 100 })
        // With the marks taken away every option is there, with its default.
        let active = template.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("#") && !$0.hasPrefix("# ") && $0 != "#" ? $0.dropFirst() : $0 }
            .joined(separator: "\n")
        let sheet = OptionSheet(active)
        #expect(sheet.entries.map(\.key) == SettingCatalogue.all.map(\.key))
        #expect(SettingsFile.parse(active).settings == Settings())
        #expect(SettingsFile.parse(active).problems.isEmpty)
    }

    @Test func valuesAreRead() {
        let (settings, problems) = SettingsFile.parse(
            """
            ---
            # mine
            ui.theme: dark    # easy on the eyes
            "ui.mouse": off
            images.protocol: 256
            caption.temperature: .5
            caption.question: >
              Where is {name}
              now?
            caption.seed: '12'
            editor.command: "emacs -nw"
            ui.ascii: On
            ...
            """)
        #expect(problems.isEmpty, "\(problems)")
        #expect(settings.theme == .dark)
        #expect(!settings.takesMouse)
        #expect(settings.imageProtocol == .indexed256)
        #expect(settings.temperature == 0.5)
        #expect(settings.seed == 12)
        #expect(settings.editorCommand == "emacs -nw")
        #expect(settings.isASCII)
    }

    @Test(arguments: [
        ("ui.them: dark", "line 1: there is no option 'ui.them'; did you mean 'ui.theme'?"),
        ("\n\nwhatever.it.is: 3", "line 3: there is no option 'whatever.it.is'"),
        (
            "ui.theme: 7",
            "line 1: 'ui.theme' cannot be '7'; it takes auto, dark, light, mono; the default, auto, is used"
        ),
        (
            "ui.theme: [dark]",
            "line 1: 'ui.theme' takes one value, not a list; the default, auto, is used"
        ),
        ("ui.theme:", "line 1: 'ui.theme' has no value; the default, auto, is used"),
        (
            "images.memory_mib: 2",
            "line 1: 'images.memory_mib' cannot be '2'; it takes 4 to 1024; the default, 12, is used"
        ),
        ("ui.theme: \"dark", "line 2: 'ui.theme' cannot be read: found unexpected end of stream"),
        ("ui.theme: {a: b}", "line 1: 'ui.theme' begins with '{'; put the value in quotes"),
        (
            "ui:\n  theme: dark",
            "line 1: 'ui' must be a value or a list; write its parts on lines of their own, such as 'name.theme: …'"
        ),
        ("just words", "line 1: 'just words' is not of the form 'key: value'"),
        ("ui.theme dark", "line 1: 'ui.theme dark' is not of the form 'key: value'"),
        (
            "ui.mouse: on\nui.mouse: off",
            "line 2: 'ui.mouse' is set in line 1 already, which counts"
        ),
        (
            "ui.theme: da\u{1B}[31mrk",
            "line 1: 'ui.theme' has a control character or an odd line break"
        ),
        ("\u{1B}[31m: x", "line 1: '␛[31m: x' is not of the form 'key: value'"),
    ])
    func mistakesCostOneSentence(text: String, problem: String) {
        let (settings, problems) = SettingsFile.parse(text + "\nlog.level: error\n")
        #expect(problems.map(\.description) == [problem])
        // What stands below still counts, and what was wrong does not.
        #expect(settings.logLevel == .error)
        #expect(settings.theme == .automatic)
    }

    @Test(arguments: [
        String(repeating: "[", count: 200_000),
        "ui.theme: " + String(repeating: "[", count: 60_000),
        "ui.theme:\n" + String(repeating: "- ", count: 30_000) + "x",
        "ui.theme:\n  " + String(repeating: "? ", count: 30_000),
        "ui.theme: [a, # ]\n " + String(repeating: "[", count: 30_000),
        "ui.theme: [a: \"]\", " + String(repeating: "[", count: 30_000),
        "ui.theme:\n- y: " + String(repeating: "[", count: 30_000),
        "ui.theme:\n-\t" + String(repeating: "[", count: 30_000),
        "ui.theme:\n-\n  " + String(repeating: "[", count: 30_000),
        "ui.theme: \u{85}  " + String(repeating: "[", count: 30_000),
        "ui.theme: &a [x, x]\nui.mouse: &b [*a, *a, *a]\nui.ascii: [*b, *b]",
        "ui.theme: ! x", "ui.theme: @x", "ui.theme: `x", "ui.theme: %x", "%YAML 9.9", "? x\n: y",
        "ui.theme: \"\\uZZZZ\"", "ui.theme: 'a' b", "ui.theme: a\n b: c", "ui.theme: |\u{7}\n x",
        "ui.theme: !!binary \"x\"", "<<: *a", "\u{FEFF}\u{FEFF}a: b", "ui.theme:\tx: y: z",
        "a: 'x\nb: y", "- a\n- b", "\t- x", "ui.theme: |9\n x", "ui.theme: >\n\tx",
    ])
    func hostileTextIsRefusedInSentences(text: String) {
        let (settings, problems) = SettingsFile.parse(text)
        #expect(settings == Settings())
        #expect(!problems.isEmpty)
        for problem in problems {
            #expect(problem.description.utf8.count < 400)
            #expect(!problem.description.unicodeScalars.contains { $0.value < 0x20 })
        }
    }

    @Test func manyMistakesAreNotAllTold() {
        let text = (0..<5000).map { "unknown.\($0): x" }.joined(separator: "\n")
        #expect(SettingsFile.parse(text).problems.count == OptionSheet.mostProblems)
        let lines = String(repeating: "\n", count: 30_000) + "ui.theme: dark"
        #expect(
            SettingsFile.parse(lines).problems.map(\.message) == [
                "only the first 20000 lines are read"
            ])
    }

    // MARK: - On disk

    @Test func aMissingFileMeansDefaults() throws {
        let folder = try TemporaryFolder()
        let file = SettingsFile(StudioHome(directory: folder.url))
        #expect(file.url.path == folder.path("config/config.yaml"))
        #expect(file.load().settings == Settings())
        #expect(file.load().problems.isEmpty)
        try file.create()
        #expect(try String(contentsOf: file.url, encoding: .utf8) == SettingsFile.template())
        try Data("mine".utf8).write(to: file.url)
        try file.create()
        #expect(try String(contentsOf: file.url, encoding: .utf8) == "mine")
    }

    @Test func changingAnOptionTouchesItsLineOnly() throws {
        let folder = try TemporaryFolder()
        let file = SettingsFile(url: URL(fileURLWithPath: folder.path("config.yaml")))
        let theme = try #require(SettingCatalogue["ui.theme"])
        // Without a file: the commented template, with one line switched on.
        try file.set(theme, to: .text("dark"))
        #expect(file.load().settings.theme == .dark)
        let expected = SettingsFile.template().replacing("#ui.theme: auto", with: "ui.theme: dark")
        #expect(try String(contentsOf: file.url, encoding: .utf8) == expected)
        try file.set(theme, to: .text("auto"))
        #expect(file.load().settings == Settings())

        let mine = """
            # My own file.\r
              # indented remark
            ui.theme:   'dark'   # easy on the eyes
            future.option: [a, 'b']   # from a newer version
            caption.question: |
              Who is
              there?

            # the end
            broken line
            """
        try Data(mine.utf8).write(to: file.url)
        try file.set(theme, to: .text("light"))
        let question = try #require(SettingCatalogue["caption.question"])
        try file.set(question, to: .text("What: is # \"it\"?"))
        let seed = try #require(SettingCatalogue["caption.seed"])
        try file.set(seed, to: .integer(7))
        let changed = """
            # My own file.
              # indented remark
            ui.theme:   light   # easy on the eyes
            future.option: [a, 'b']   # from a newer version
            caption.question: "What: is # \\"it\\"?"

            # the end
            broken line
            caption.seed: 7

            """
        #expect(try String(contentsOf: file.url, encoding: .utf8) == changed)
        let loaded = file.load()
        #expect(loaded.settings.question == "What: is # \"it\"?")
        #expect(loaded.settings.seed == 7)
        // The option of a newer version and the broken line are told, and still there.
        #expect(loaded.problems.compactMap(\.line) == [4, 8])
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(names == ["config.yaml"])
    }

    @Test func everyValueSurvivesTheFile() throws {
        let folder = try TemporaryFolder()
        let file = SettingsFile(url: URL(fileURLWithPath: folder.path("config.yaml")))
        let question = try #require(SettingCatalogue["caption.question"])
        let texts = [
            "", " ", "~", "null", "yes", "12", "-", "- a", "#x", "a #b", "a: b", "'", "\"", "\\n",
            "&a", "*a", "!x", "[x]", "{x}", "|", ">", "%", "@", "`", "?", "? x", ",",
            "犬 👩‍🚀 e\u{301}",
            "it's", "trailing ", " leading", "---", "...", "a\u{AD}b", "\u{FFFE}", "0x1F", "1e3",
            "=", "<<",
        ]
        for text in texts {
            let value = try question.value(of: text)
            try file.set(question, to: value)
            #expect(file.load().settings[question] == value, "\(text)")
            #expect(file.load().problems.isEmpty, "\(text)")
        }
    }

    @Test func linksAndPermissionsStay() throws {
        let folder = try TemporaryFolder()
        let theme = try #require(SettingCatalogue["ui.theme"])
        let real = folder.path("dotfiles.yaml")
        try Data("ui.theme: dark\n".utf8).write(to: URL(fileURLWithPath: real))
        chmod(real, 0o600)
        let link = folder.path("config.yaml")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
        try SettingsFile(url: URL(fileURLWithPath: link)).set(theme, to: .text("mono"))
        #expect(try String(contentsOfFile: real, encoding: .utf8) == "ui.theme: mono\n")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == real)
        let mode = try FileManager.default.attributesOfItem(atPath: real)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func unusableFilesAreLeftAlone() throws {
        let folder = try TemporaryFolder()
        let theme = try #require(SettingCatalogue["ui.theme"])
        let url = URL(fileURLWithPath: folder.path("config.yaml"))
        let file = SettingsFile(url: url)

        try Data("ok: 1\nui.theme: dark\nb\u{FC}d: \n".unicodeScalars.map { UInt8($0.value) })
            .write(to: url)
        #expect(
            file.load().problems.map(\.description) == [
                "'\(url.path)', line 3: this is not UTF-8 text"
            ])
        #expect(throws: FileFailure.self) { try file.set(theme, to: .text("light")) }

        try Data(count: (1 << 20) + 1).write(to: url)
        #expect(file.load().settings == Settings())
        #expect(file.load().problems.count == 1)

        try FileManager.default.removeItem(at: url)
        mkfifo(url.path, 0o600)
        #expect(file.load().problems.count == 1)
        #expect(throws: FileFailure.self) { try file.set(theme, to: .text("light")) }
        unlink(url.path)

        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        #expect(file.load().problems.count == 1)
        #expect(throws: FileFailure.self) { try file.set(theme, to: .text("light")) }
        try FileManager.default.removeItem(at: url)

        // A form of YAML we do not read as such is not rewritten blindly.
        let flow = "{ui.theme: dark}\n"
        try Data(flow.utf8).write(to: url)
        #expect(file.load().problems.count == 1)
        let inFolder = SettingsFile(url: URL(fileURLWithPath: folder.path("config.yaml/x.yaml")))
        #expect(throws: FileFailure.self) { try inFolder.set(theme, to: .text("light")) }
    }
}
