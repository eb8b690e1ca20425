import Testing

@Suite struct HouseRuleTests {
    static let sources = SourceTree.files(below: "Sources", endings: ["swift", "c", "h"])
    static let tests = SourceTree.files(below: "Tests", endings: ["swift"])

    @Test func filesStayReadable() {
        for file in Self.sources + Self.tests {
            #expect(file.lines.count <= 600, "\(file.path) has \(file.lines.count) lines")
        }
    }

    /// A user's file or typing must never end the program with a trap.
    @Test func sourcesDoNotTrapOnPurpose() {
        // Put together here, so that this file does not contain them itself.
        let forbidden = ["try" + "!", "as" + "!", "fatal" + "Error(", "TO" + "DO", "FIX" + "ME"]
        for file in Self.sources {
            for (number, line) in file.lines.enumerated() {
                for word in forbidden where line.contains(word) {
                    Issue.record("\(file.path):\(number + 1) contains \(word)")
                }
            }
        }
    }

    /// Nothing may depend on, or tell of, the machine it was written on.
    @Test func noFileNamesTheBuildMachine() {
        let paths = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/"]
        let folders = ["Documentation", "Tools", "Samples", "Benchmarks", "Tests/Scripts"]
        let endings: Set<String> = ["md", "1", "sh", "py", "json", "swift", "txt"]
        let others =
            folders.flatMap { SourceTree.files(below: $0, endings: endings) }
            + SourceTree.topLevelFiles(endings: ["md", "swift", ""])
        for file in Self.sources + Self.tests + others {
            for (number, line) in file.lines.enumerated() {
                for path in paths where line.contains(path) {
                    Issue.record("\(file.path):\(number + 1) contains \(path)")
                }
            }
        }
    }
}
