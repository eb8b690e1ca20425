import Foundation
import Testing

@testable import StudioTUI

/// What reads folders: completion and patterns.
@Suite struct PathFolderTests {
    private let folder: TemporaryFolder
    private let place: PathPlace

    init() throws {
        folder = try TemporaryFolder()
        place = PathPlace(home: folder.path("user"), folder: folder.path("pics"))
        let files = [
            "pics/cat 1.jpg", "pics/cat 2.PNG", "pics/cat 10.jpg", "pics/dog.webp",
            "pics/notes.txt",
            "pics/.hidden.png", "pics/it's.png", "pics/Zebra.jpg", "pics/[odd]*.png",
            "pics/catalogue/a.jpg", "pics/catalogue/deep/b.jpg", "pics/catalogue/deep/er/c.png",
            "pics/catalogue/deep/er/d.txt", "pics/.git/e.png", "user/me.jpg",
            "user/My Pictures/f.jpg",
            "pics/new\nline.png",
        ]
        for name in files {
            let url = folder.url.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: url)
        }
        let manager = FileManager.default
        try manager.createSymbolicLink(
            atPath: folder.path("pics/linked"), withDestinationPath: folder.path("user"))
        try manager.createSymbolicLink(
            atPath: folder.path("pics/link.jpg"), withDestinationPath: folder.path("user/me.jpg"))
        try manager.createSymbolicLink(
            atPath: folder.path("pics/broken.jpg"), withDestinationPath: "/nowhere/at/all")
        try manager.createSymbolicLink(
            atPath: folder.path("pics/catalogue/loop"), withDestinationPath: folder.path("pics"))
        mkfifo(folder.path("pics/pipe.jpg"), 0o600)
    }

    @Test(arguments: [
        (
            "",
            [
                "catalogue/", "linked/", #"\[odd\]\*.png"#, #"cat\ 1.jpg"#, #"cat\ 2.PNG"#,
                #"cat\ 10.jpg"#, "dog.webp", #"it\'s.png"#, "link.jpg", "Zebra.jpg",
            ], ""
        ),
        ("ca", ["catalogue/", #"cat\ 1.jpg"#, #"cat\ 2.PNG"#, #"cat\ 10.jpg"#], "cat"),
        (#"cat\ "#, [#"cat\ 1.jpg"#, #"cat\ 2.PNG"#, #"cat\ 10.jpg"#], #"cat\ "#),
        (#"cat\ 1"#, [#"cat\ 1.jpg"#, #"cat\ 10.jpg"#], #"cat\ 1"#),
        ("'cat", ["'catalogue/", "'cat 1.jpg'", "'cat 2.PNG'", "'cat 10.jpg'"], "'cat"),
        ("\"cat 2", ["\"cat 2.PNG\""], "\"cat 2.PNG\""),
        ("'it", [#"'it'\''s.png'"#], #"'it'\''s.png'"#),
        ("dog.webp cata", ["dog.webp catalogue/"], "dog.webp catalogue/"),
        ("catalogue/", ["catalogue/deep/", "catalogue/loop/", "catalogue/a.jpg"], "catalogue/"),
        ("'catalogue/d", ["'catalogue/deep/"], "'catalogue/deep/"),
        ("catalogue/'d", ["catalogue/'deep/"], "catalogue/'deep/"),
        (".h", [".hidden.png"], ".hidden.png"),
        (".g", [".git/"], ".git/"),
        ("~", ["~/My\\ Pictures/", "~/me.jpg"], "~"),
        ("~/", ["~/My\\ Pictures/", "~/me.jpg"], "~/"),
        ("~/My\\ P", ["~/My\\ Pictures/"], "~/My\\ Pictures/"),
        ("zeb", ["Zebra.jpg"], "Zebra.jpg"),
        ("nothing", [], "nothing"),
        ("pipe", [], "pipe"),
        ("broken", [], "broken"),
        ("new", [], "new"),
    ])
    func completions(line: String, candidates: [String], common: String) {
        let completion = PathCompletion.complete(line, in: place)
        #expect(completion.candidates.map(\.line) == candidates)
        #expect(completion.common == common)
        #expect(completion.problem == nil)
        #expect(completion.total == candidates.count)
    }

    @Test func aCompletedLineLeadsToTheFile() {
        for line in ["", "'", "\"", "~/"] {
            for candidate in PathCompletion.complete(line, in: place).candidates {
                let word = ShellWords.split(candidate.line).last
                #expect(word?.isPattern == false)
                let kind = word.flatMap { FolderReader.kind(of: place.absolute($0)) }
                #expect(kind == (candidate.isFolder ? .folder : .file), "\(candidate.line)")
            }
        }
    }

    @Test func limitsAndCancelling() throws {
        let one = PathCompletion.complete("", in: place, limit: 1)
        #expect(one.candidates.map(\.name) == ["catalogue"])
        #expect(one.total == 10)
        let folders = PathCompletion.complete("", in: place, foldersOnly: true)
        #expect(folders.candidates.map(\.name) == ["catalogue", "linked"])
        let crowd = folder.path("crowd")
        try FileManager.default.createDirectory(atPath: crowd, withIntermediateDirectories: true)
        for number in 0..<600 {
            _ = FileManager.default.createFile(atPath: "\(crowd)/\(number).png", contents: nil)
        }
        var asked = 0
        let stopped = PathCompletion.complete(crowd + "/", in: place) {
            asked += 1
            return asked == 2
        }
        #expect(stopped.isIncomplete)
        #expect(stopped.total == 511)
        #expect(PathCompletion.complete(crowd + "/", in: place).total == 600)
    }

    @Test func unreadableFoldersAreNamed() {
        let completion = PathCompletion.complete("/no/such\u{1B}/x", in: place)
        #expect(
            completion.problem
                == "the folder '/no/such␛/' cannot be read: No such file or directory")
        #expect(completion.common == "/no/such\u{1B}/x")
    }

    // MARK: - Patterns

    @Test(arguments: [
        ("*.jpg", ["cat 1.jpg", "cat 10.jpg", "link.jpg", "Zebra.jpg"]),
        ("cat*", ["cat 1.jpg", "cat 2.PNG", "cat 10.jpg"]),
        ("[cd]*", ["cat 1.jpg", "cat 2.PNG", "cat 10.jpg", "dog.webp"]),
        ("*/*.jpg", ["catalogue/a.jpg", "linked/me.jpg"]),
        ("catalogue/**", ["catalogue/a.jpg", "catalogue/deep/b.jpg", "catalogue/deep/er/c.png"]),
        ("catalogue/**/*.png", ["catalogue/deep/er/c.png"]),
        ("**/b.jpg", ["catalogue/deep/b.jpg"]),
        ("**/deep/**/c*", ["catalogue/deep/er/c.png"]),
        ("catalogue/deep", ["catalogue/deep/b.jpg"]),
        ("'cat 1.jpg' dog.webp", ["cat 1.jpg", "dog.webp"]),
        ("cat 1.jpg", ["cat 1.jpg"]),
        ("notes.txt", ["notes.txt"]),
        ("dog.webp d*.webp dog.webp", ["dog.webp"]),
        (".*.png", [".hidden.png"]),
        ("new*", ["new\nline.png"]),
        (#"\[odd\]\*.png"#, ["[odd]*.png"]),
        ("c*/d*/*.jpg", ["catalogue/deep/b.jpg"]),
    ])
    func expansions(line: String, names: [String]) {
        let expansion = GlobExpansion.expand(line, in: place)
        #expect(expansion.paths == names.map { "\(place.folder)/\($0)" })
        #expect(expansion.problems.isEmpty)
        #expect(!expansion.isTruncated && !expansion.wasCancelled)
    }

    @Test func homeAndAbsolutePatterns() {
        let home = GlobExpansion.expand("~/*/*.jpg", in: place)
        #expect(home.paths == [folder.path("user/My Pictures/f.jpg")])
        let absolute = GlobExpansion.expand("\(folder.path("user"))/*.jpg", in: place)
        #expect(absolute.paths == [folder.path("user/me.jpg")])
        #expect(GlobExpansion.expand("~", in: place).paths == [folder.path("user/me.jpg")])
    }

    @Test(arguments: [
        ("*.gif", "no picture fits '*.gif'"),
        ("missing.jpg", "there is no file 'missing.jpg'"),
        ("pipe.jpg", "'pipe.jpg' is neither a file nor a folder"),
        ("catalogue/deep/er/d*", "no picture fits 'catalogue/deep/er/d*'"),
        ("~/../empty", "there is no picture in '~/../empty'"),
    ])
    func whatLeadsNowhereIsNamed(line: String, problem: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder.path("empty"), withIntermediateDirectories: true)
        let expansion = GlobExpansion.expand(line, in: place)
        #expect(expansion.paths.isEmpty)
        #expect(expansion.problems == [problem])
    }

    @Test func expansionIsBoundedAndCanBeCancelled() {
        let two = GlobExpansion.expand("**", in: place, limit: 2)
        #expect(two.paths.count == 2)
        #expect(two.isTruncated)
        let stopped = GlobExpansion.expand("** **", in: place) { true }
        #expect(stopped.wasCancelled)
        #expect(stopped.paths.isEmpty && stopped.problems.isEmpty)
        let pasted = GlobExpansion.expand(paths: [
            folder.path("pics/dog.webp"), folder.path("user"),
        ])
        #expect(pasted.paths == [folder.path("pics/dog.webp"), folder.path("user/me.jpg")])
    }
}
