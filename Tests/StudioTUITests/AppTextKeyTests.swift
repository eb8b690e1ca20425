import Testing
import TerminalUI

@testable import StudioTUI

@Suite struct KeyTextTests {
    @Test(arguments: [
        ("j", Key.character("j"), "j", "j", "j"),
        ("G", .character("G"), "G", "G", "G"),
        ("?", .character("?"), "?", "?", "?"),
        ("é", .character("é"), "é", "é", "é"),
        ("ctrl-d", .control("d"), "ctrl-d", "^D", "^D"),
        ("Ctrl-D", .control("d"), "ctrl-d", "^D", "^D"),
        ("C-d", .control("d"), "ctrl-d", "^D", "^D"),
        ("^d", .control("d"), "ctrl-d", "^D", "^D"),
        ("ctrl+d", .control("d"), "ctrl-d", "^D", "^D"),
        ("ctrl-space", Key(.character(" "), .control), "ctrl-space", "^␣", "^Space"),
        ("ctrl-_", .control("_"), "ctrl-_", "^_", "^_"),
        ("alt-x", Key(.character("x"), .alt), "alt-x", "Alt-x", "Alt-x"),
        ("alt-X", Key(.character("X"), .alt), "alt-X", "Alt-X", "Alt-X"),
        ("meta-shift-x", Key(.character("X"), .alt), "alt-X", "Alt-X", "Alt-X"),
        ("ctrl-alt-x", Key(.character("x"), [.control, .alt]), "ctrl-alt-x", "^Alt-X", "^Alt-X"),
        ("shift-g", .character("G"), "G", "G", "G"),
        ("shift-tab", Key(.tab, .shift), "shift-tab", "⇧Tab", "S-Tab"),
        ("space", .character(" "), "space", "␣", "Space"),
        ("enter", Key(.enter), "enter", "⏎", "Enter"),
        ("Return", Key(.enter), "enter", "⏎", "Enter"),
        ("esc", Key(.escape), "esc", "Esc", "Esc"),
        ("tab", Key(.tab), "tab", "Tab", "Tab"),
        ("backspace", Key(.backspace), "backspace", "⌫", "Bksp"),
        ("del", Key(.delete), "delete", "Del", "Del"),
        ("ins", Key(.insert), "insert", "Ins", "Ins"),
        ("up", Key(.up), "up", "↑", "Up"),
        ("ctrl-left", Key(.left, .control), "ctrl-left", "^←", "^Left"),
        ("pgdn", Key(.pageDown), "pgdn", "PgDn", "PgDn"),
        ("PageUp", Key(.pageUp), "pgup", "PgUp", "PgUp"),
        ("home", Key(.home), "home", "Home", "Home"),
        ("f1", Key(.function(1)), "f1", "F1", "F1"),
        ("shift-F12", Key(.function(12), .shift), "shift-f12", "⇧F12", "S-F12"),
        ("-", .character("-"), "-", "-", "-"),
        ("+", .character("+"), "+", "+", "+"),
        ("^", .character("^"), "^", "^", "^"),
        ("alt--", Key(.character("-"), .alt), "alt--", "Alt--", "Alt--"),
        ("c", .character("c"), "c", "c", "c"),
        ("#", .character("#"), "#", "#", "#"),
    ])
    func keys(text: String, key: Key, written: String, shown: String, ascii: String) throws {
        #expect(try KeyText.parse(text) == key)
        #expect(KeyText.text(of: key) == written)
        #expect(try KeyText.parse(written) == key)
        #expect(KeyText.display(key) == shown)
        #expect(KeyText.display(key, ascii: true) == ascii)
    }

    @Test(arguments: [
        ("hyper-x", "'hyper-x' is not a key"),
        ("f0", "'f0' is not a key"),
        ("f99", "'f99' is not a key"),
        ("jj", "'jj' is not a key"),
        ("ctrl-", "'ctrl-' is not a key"),
        ("ctrl-i", "terminals send 'ctrl-i' as tab"),
        ("ctrl-M", "terminals send 'ctrl-M' as enter"),
        ("ctrl-h", "terminals send 'ctrl-h' as backspace"),
        ("ctrl-/", "terminals send 'ctrl-/' as ctrl-_"),
        ("ctrl-[", "terminals send 'ctrl-[' as esc"),
        ("ctrl-é", "terminals cannot send 'ctrl-é'"),
        ("ctrl-shift-x", "terminals send 'ctrl-shift-x' without the shift"),
        ("shift-1", "write the sign that shift types instead of 'shift-1'"),
        ("\u{1B}", "'␛' is not a key"),
        ("\u{202E}", "'\u{FFFD}' is not a key"),
        ("a\u{1B}[2J", "'a␛[2J' is not a key"),
    ])
    func whatIsNoKey(text: String, reason: String) {
        #expect(throws: KeyTextError(reason)) { try KeyText.parse(text) }
    }

    @Test(arguments: [
        ("g g", [Key.character("g"), .character("g")], "g g"),
        ("  g   G ", [.character("g"), .character("G")], "g G"),
        ("ctrl-x ctrl-s", [.control("x"), .control("s")], "^X ^S"),
        ("space f", [.character(" "), .character("f")], "␣ f"),
    ])
    func sequences(text: String, keys: [Key], shown: String) throws {
        let sequence = try KeySequence(parsing: text)
        #expect(sequence.keys == keys)
        #expect(sequence.display() == shown)
        #expect(try KeySequence(parsing: sequence.description) == sequence)
    }

    @Test func hostileSequences() {
        #expect(throws: KeyTextError("a key is missing; write none as []")) {
            try KeySequence(parsing: "  ")
        }
        #expect(throws: KeyTextError("more than 5 keys in a row")) {
            try KeySequence(parsing: "a b c d e f")
        }
        #expect(throws: KeyTextError.self) {
            try KeySequence(parsing: String(repeating: "x", count: 1_000_000))
        }
        #expect(throws: KeyTextError.self) {
            try KeySequence(parsing: String(repeating: "c-", count: 500_000) + "x")
        }
        #expect(throws: KeyTextError.self) {
            try KeySequence(parsing: "a" + String(repeating: "\u{301}", count: 100_000))
        }
    }

    @Test func prefixes() {
        let g: KeySequence = [.character("g")]
        let gg: KeySequence = [.character("g"), .character("g")]
        #expect(g.isPrefix(of: gg))
        #expect(g.isPrefix(of: g))
        #expect(!gg.isPrefix(of: g))
    }
}
