import Testing

@Suite struct ImportTests {
    /// The arrows of ARCHITECTURE.md: what each target may import besides the system's modules.
    static let allowed: [String: Set<String>] = [
        "ImageCodecs": ["CImageCodecs"],
        "VLMRuntime": ["ImageCodecs", "CKernels", "COpenBLAS", "Crypto"],
        "ConceptDB": ["ImageCodecs", "GRDB", "Crypto"],
        "PersonalCaption": ["VLMRuntime", "ConceptDB", "ImageCodecs", "WebClient"],
        "StudioServer": [
            "PersonalCaption", "VLMRuntime", "ImageCodecs", "Hummingbird", "Logging", "NIOCore",
            "HTTPTypes", "ServiceLifecycle",
        ],
        "StudioTUI": [
            "StudioServer", "ModelHub", "PersonalCaption", "VLMRuntime", "ConceptDB", "ImageCodecs",
            "CSixel",
            "TerminalUI",
            "ArgumentParser", "Yams",
        ],
        "ModelHub": ["Crypto", "WebClient"],
        "WebClient": ["CTransfer"],
        "TerminalUI": ["CNCurses", "CTerminal"],
    ]
    static let system: Set<String> = [
        "Swift", "Foundation", "Synchronization", "Dispatch", "Glibc",
        "Musl", "Darwin",
    ]

    @Test func sourcesAreFound() {
        #expect(Set(SourceTree.swiftSources.map(\.target)) == Set(Self.allowed.keys))
    }

    @Test func arrowsPointDown() {
        for file in SourceTree.swiftSources {
            let permitted = Self.system.union(Self.allowed[file.target] ?? [])
            let upward = Set(file.imports).subtracting(permitted)
            #expect(upward.isEmpty, "\(file.path) must not import \(upward.sorted())")
        }
    }

    @Test(arguments: ["CSixel", "CNCurses", "CTerminal", "CTransfer"])
    func onlyOneFileImports(_ module: String) {
        let importers = SourceTree.swiftSources.filter { $0.imports.contains(module) }
        #expect(importers.count <= 1, "\(module) is imported by \(importers.map(\.path))")
    }

    @Test func cTargetsKnowNoSwift() {
        for file in SourceTree.files(below: "Sources", endings: ["c", "h", "inl"]) {
            let includes = file.lines.filter { $0.hasPrefix("#include \"") }
            for line in includes {
                let name = line.split(separator: "\"").dropFirst().first.map(String.init) ?? ""
                let own = SourceTree.files(
                    below: "Sources/\(file.target)", endings: ["c", "h", "inl"])
                #expect(
                    own.contains { $0.path.hasSuffix("/\(name)") },
                    "\(file.path) includes \(name) of another target")
            }
        }
    }
}
