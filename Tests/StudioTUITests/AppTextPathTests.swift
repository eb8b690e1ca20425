import Foundation
import Testing

@testable import StudioTUI

@Suite struct PathTextTests {
    static let place = PathPlace(home: "/users/ann", folder: "/pics")

    @Test(arguments: [
        (#"a b  c"#, ["a", "b", "c"]),
        (#"'a b' "c d""#, ["a b", "c d"]),
        (#"a\ b c\\d"#, ["a b", #"c\d"#]),
        (#"'it'\''s'"#, ["it's"]),
        (#""say \"hi\" \n $x""#, [#"say "hi" \n $x"#]),
        (#"a"b c"d"#, ["ab cd"]),
        (#"'' x"#, ["", "x"]),
        (#""open quote"#, ["open quote"]),
        (#"trailing\"#, ["trailing"]),
        ("\t a\u{3000}b\n", ["a", "b"]),
        ("", []),
        ("$(rm -rf /) `x`", ["$(rm", "-rf", "/)", "`x`"]),
    ])
    func words(line: String, expected: [String]) {
        #expect(ShellWords.split(line).map(\.text) == expected)
    }

    @Test(arguments: [
        "plain.jpg", "my cat.jpg", "it's \"x\".png", #"a\b"#, "~x", "$HOME*?[a]", "a\u{3000}b",
        "犬 (1)&;#!.png",
    ])
    func escapingIsUndoneBySplitting(text: String) {
        for quote in [nil, "'", "\""] as [Character?] {
            let open = quote.map(String.init) ?? ""
            let line = open + ShellWords.escaped(text, in: quote) + open
            let words = ShellWords.split(line)
            #expect(words.map(\.text) == [text], "\(line)")
            #expect(words.first?.isPattern == false)
            #expect(words.first?.hasTilde == false)
        }
    }

    @Test func patternsAreToldFromQuotedSigns() {
        let words = ShellWords.split(#"*.jpg '*.jpg' \*.jpg [a-c]x ~/a '~/a'"#)
        #expect(words.map(\.isPattern) == [true, false, false, true, false, false])
        #expect(words.map(\.hasTilde) == [false, false, false, false, true, false])
        #expect(words[1].pattern == #"\*.jpg"#)
        #expect(Self.place.absolute(words[4]) == "/users/ann/a")
        #expect(Self.place.absolute(words[5]) == "/pics/~/a")
    }

    // MARK: - Pasted

    @Test(arguments: [
        ("/a/b.jpg", ["/a/b.jpg"]),
        ("/a/b.jpg\n/a/c.png\n", ["/a/b.jpg", "/a/c.png"]),
        ("/a/b.jpg\r\n/a/c.png\r\n", ["/a/b.jpg", "/a/c.png"]),
        ("/a/b.jpg /a/c.png", ["/a/b.jpg", "/a/c.png"]),
        ("'/a/my cat.jpg' '/a/it'\\''s.png' ", ["/a/my cat.jpg", "/a/it's.png"]),
        ("\"/a/my cat.jpg\"", ["/a/my cat.jpg"]),
        (#"/a/my\ cat.jpg /b/x.jpg"#, ["/a/my cat.jpg", "/b/x.jpg"]),
        ("/a/my cat.jpg", ["/a/my cat.jpg"]),
        ("/a/my  black cat.jpg /b/x y.jpg", ["/a/my  black cat.jpg", "/b/x y.jpg"]),
        ("file:///a/my%20cat.jpg", ["/a/my cat.jpg"]),
        ("file:///a/%E7%8A%AC.png\r\nfile://localhost/b.png\r\n", ["/a/犬.png", "/b.png"]),
        ("file:/a/b.jpg", ["/a/b.jpg"]),
        ("FILE:///a/b.jpg", ["/a/b.jpg"]),
        ("~/cat.jpg", ["/users/ann/cat.jpg"]),
        ("./cat.jpg ../dog.jpg", ["/pics/./cat.jpg", "/pics/../dog.jpg"]),
        ("cat.jpg", ["/pics/cat.jpg"]),
        ("cat.jpg 'my dog.PNG'", ["/pics/cat.jpg", "/pics/my dog.PNG"]),
        ("/a/folder", ["/a/folder"]),
        ("file:///a.png\n# a comment\n/b.png", ["/a.png", "/b.png"]),
        ("/a/b.jpg\0/a/c.jpg\0", ["/a/b.jpg", "/a/c.jpg"]),
    ])
    func pastesAreRecognised(text: String, paths: [String]) {
        #expect(PastedPaths.recognise(text, in: Self.place) == paths)
    }

    @Test(arguments: [
        "", "  \n ", "a black cat", "look at cat.jpg", "mochi", "/", "//comment in code",
        "/search for something", "https://example.org/a.jpg", "file://other.example/a.jpg",
        "file:///a%ZZ.jpg", "file:///a%00.jpg", "file:///%FF.jpg", "'/a/open quote.jpg",
        "/a/b.jpg\nand some words", "name: mochi\ntags: [a]", "~", "~ann/x.jpg", "file:",
        "\u{1B}[31m/a/b.jpg",
    ])
    func otherTextIsNot(text: String) {
        let paths = PastedPaths.recognise(text, in: Self.place)
        if text == "~" {
            #expect(paths == ["/users/ann"])
        } else if text == "~ann/x.jpg" {
            // Another user's folder is not looked up; it is a relative path with an ending.
            #expect(paths == ["/pics/~ann/x.jpg"])
        } else if text.hasPrefix("\u{1B}") {
            #expect(paths == ["/pics/\u{1B}[31m/a/b.jpg"])
        } else {
            #expect(paths == nil)
        }
    }

    @Test func hostilePastesAreBounded() {
        let many = String(repeating: "/a/b.jpg\n", count: 50_000)
        #expect(PastedPaths.recognise(many, in: Self.place)?.count == 10_000)
        let huge = "/" + String(repeating: "x", count: 2 << 20)
        #expect(PastedPaths.recognise(huge, in: Self.place) == nil)
        let long = "/" + String(repeating: "x", count: 10_000)
        #expect(PastedPaths.recognise(long, in: Self.place) == nil)
    }

    // MARK: - Patterns

    @Test(arguments: [
        ("*.jpg", "a.jpg", true), ("*.jpg", ".jpg", false), ("*.jpg", "a.jpeg", false),
        ("?.jpg", "犬.jpg", true), ("?.jpg", "ab.jpg", false), ("?", "e\u{301}", true),
        ("[abc]x", "bx", true), ("[a-c]x", "dx", false), ("[!a-c]x", "dx", true),
        ("[^a-c]x", "ax", false), ("[]x]", "]", true), ("[a-]", "-", true),
        ("[abc", "[abc", true), ("[", "[", true), ("[]", "[]", true), ("\\*", "*", true),
        ("\\*", "a", false), ("a\\", "a\\", true), ("**", "anything", true), ("", "", true),
        ("", "a", false), ("*", "", true), ("*a*b", "xaxxb", true), ("*a*b", "xbxa", false),
        (".*", ".hidden", true), ("*", ".hidden", false), ("[.]x", ".x", false),
        ("[z-a]", "m", false), ("caf\u{E9}", "cafe\u{301}", true), ("[\\]]", "]", true),
    ])
    func globs(pattern: String, name: String, fits: Bool) {
        #expect(Glob(pattern).matches(name) == fits)
    }

    @Test func hostilePatternsEnd() {
        let pattern = String(repeating: "*a", count: 500) + "b"
        #expect(!Glob(pattern).matches(String(repeating: "a", count: 255)))
        #expect(!Glob(String(repeating: "[", count: 20_000)).matches("x"))
    }

    @Test func namesComeInTheOrderPeopleExpect() {
        let names = [
            "", "0", "00", "1", "2", "010", "10", "99999999999999999999998",
            "99999999999999999999999", "A 1", "a 1", "a 2", "A 2b", "a 10", "B", "b", "ba", "犬",
        ]
        for (index, name) in names.enumerated() {
            for other in names[(index + 1)...] {
                #expect(NaturalOrder.precedes(name, other), "\(name) < \(other)")
                #expect(!NaturalOrder.precedes(other, name), "\(name) < \(other)")
            }
            #expect(!NaturalOrder.precedes(name, name))
        }
    }
}
