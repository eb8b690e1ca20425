import Foundation
import Testing

@testable import ModelHub

/// What a hub may make us do, decided without a network.
struct HubPolicyTests {
    @Test(arguments: [
        "", "name", "a/b/c", "/b", "a/", "../b", "a/..", "a/b/../..", "a b/c", "a/b@", "-a/b",
        ".a/b", "a/b@../x", "a/b@x//y", "https://huggingface.co/a/b", "a/b\u{1B}[2J", "a/b\n",
        "é/b",
    ])
    func namesThatCouldBePathsAreRefused(text: String) {
        #expect(throws: HubError.self) { try RepositoryName(text) }
    }

    @Test func namesAreRead() throws {
        let plain = try RepositoryName("Qwen/Qwen2.5-VL-3B-Instruct")
        #expect(plain.owner == "Qwen" && plain.name == "Qwen2.5-VL-3B-Instruct")
        #expect(plain.revision == "main" && "\(plain)" == "Qwen/Qwen2.5-VL-3B-Instruct")
        #expect(try RepositoryName("a/b@refs/pr/1").revision == "refs/pr/1")
        #expect(try RepositoryName("a/b", revision: "v1").revision == "v1")
        #expect(throws: HubError.self) { try RepositoryName("a/b@v2", revision: "v1") }
    }

    @Test func endpointsComeFromTheOptionFirst() throws {
        let environment = ["HF_ENDPOINT": "https://mirror.example/"]
        #expect(
            try HubEndpoint.resolve(option: "http://127.0.0.1:9", environment: environment)
                .description == "http://127.0.0.1:9")
        #expect(
            try HubEndpoint.resolve(option: nil, environment: environment).description
                == "https://mirror.example")
        #expect(
            try HubEndpoint.resolve(option: nil, environment: [:]).description
                == "https://huggingface.co")
        for bad in ["huggingface.co", "ftp://a", "https://me:secret@a", "https://a?x=1", "http://"]
        {
            #expect(throws: HubError.self) { try HubEndpoint(bad) }
        }
        let hub = try HubEndpoint("https://hub.example/base")
        let name = try RepositoryName("a/b@v1")
        #expect(
            hub.listing(of: name).absoluteString
                == "https://hub.example/base/api/models/a/b/revision/v1?blobs=true")
        #expect(
            hub.file("x.json", of: name, commit: "c").absoluteString
                == "https://hub.example/base/a/b/resolve/c/x.json")
    }

    @Test func tokensComeFromTheUsualPlaces() {
        func find(_ environment: [String: String], _ files: [String: String] = [:]) -> String? {
            HubToken.find(environment: environment) { files[$0] }
        }
        #expect(
            find(["HF_TOKEN": "one", "HOME": "/h"], ["/h/.cache/huggingface/token": "x"]) == "one")
        #expect(find(["HOME": "/h"], ["/h/.cache/huggingface/token": " two\n"]) == "two")
        #expect(find(["HF_HOME": "/c", "HOME": "/h"], ["/c/token": "three"]) == "three")
        #expect(find(["HF_TOKEN_PATH": "/t"], ["/t": "four"]) == "four")
        #expect(find(["HOME": "/h"]) == nil)
        #expect(find(["HF_TOKEN": "with\r\nHeader: x"]) == nil)
    }

    @Test func theTokenStaysWithTheHub() throws {
        let hub = try HubEndpoint("https://hub.example")
        func takes(_ text: String, _ endpoint: HubEndpoint) throws -> Bool {
            HubRedirect.takesToken(try #require(URL(string: text)), endpoint: endpoint)
        }
        #expect(try takes("https://hub.example/a", hub))
        #expect(try takes("https://HUB.example:443/a", hub))
        #expect(try !takes("https://cdn.example/a", hub))
        #expect(try !takes("https://hub.example:8443/a", hub))
        #expect(try !takes("https://hub.example.evil.org/a", hub))
        #expect(try !takes("http://hub.example/a", try HubEndpoint("http://hub.example")))
        #expect(try takes("http://127.0.0.1:9/a", try HubEndpoint("http://127.0.0.1:9")))
    }

    @Test func redirectsStayEncrypted() throws {
        let from = try #require(URL(string: "https://hub.example/a/b"))
        func target(_ location: String?) -> String? {
            HubRedirect.target(of: location, from: from)?.absoluteString
        }
        #expect(target("/c") == "https://hub.example/c")
        #expect(target("https://cdn.example/x?sig=1") == "https://cdn.example/x?sig=1")
        #expect(target("http://cdn.example/x") == nil)
        #expect(target("file:///etc/passwd") == nil)
        #expect(target("https://user@cdn.example/") == nil)
        #expect(target(nil) == nil)
        let open = try #require(URL(string: "http://127.0.0.1:1/"))
        #expect(HubRedirect.target(of: "http://127.0.0.1:2/x", from: open) != nil)
    }

    @Test func listsAreReadAndFilesChosen() throws {
        let sha = String(repeating: "ab", count: 20)
        let hash = String(repeating: "0f", count: 32)
        let json = """
            {"sha": "\(sha)", "private": false, "siblings": [
              {"rfilename": "config.json", "size": 12, "blobId": "\(sha)"},
              {"rfilename": "model.safetensors", "size": 130, "blobId": "\(sha)",
               "lfs": {"sha256": "\(hash)", "size": 77, "pointerSize": 130}},
              {"rfilename": "pytorch_model.bin", "size": 5},
              {"rfilename": "onnx/config.json"}, {"rfilename": "tokenizer.json"},
              {"rfilename": "../../etc/passwd.json"}, {"rfilename": "README.md"}]}
            """
        let listing = try HubListing(Data(json.utf8), hub: "h")
        let files = try listing.needed(by: try RepositoryName("a/b"), hub: "h")
        #expect(
            files.map(\.name) == [
                "README.md", "config.json", "model.safetensors", "tokenizer.json",
            ])
        #expect(files[2] == .init(name: "model.safetensors", size: 77, digest: .sha256(hash)))
        #expect(files[1].digest == .git(sha))
        #expect(files[3].size == nil && files[3].digest == nil)
    }

    @Test(arguments: [
        "", "[]", #"{"sha": "x", "siblings": []}"#,
        #"{"sha": "abababababababababababababababababababab", "siblings": [{"rfilename": "config.json", "size": -1}]}"#,
        #"{"sha": "abababababababababababababababababababab", "siblings": [{"size": 1}]}"#,
    ])
    func strangeListsAreRefused(json: String) {
        #expect(throws: HubError.self) { try HubListing(Data(json.utf8), hub: "h") }
    }

    @Test(arguments: [
        (["config.json"], "no weights"), (["model.safetensors"], "no config.json"),
        (["config.json", "model-Q4_0.gguf"], "GGUF"),
        (["config.json", "model.safetensors", "-rf .json"], "could be a path"),
        (["config.json", "model.safetensors", "a\\b.json"], "could be a path"),
    ])
    func whatIsNoModelIsSaid(names: [String], word: String) throws {
        let listing = HubListing(
            commit: "c", files: names.map { .init(name: $0, size: 1, digest: nil) })
        do {
            _ = try listing.needed(by: try RepositoryName("a/b"), hub: "h")
            Issue.record("\(names) is no model")
        } catch {
            #expect("\(error)".contains(word))
        }
    }

    @Test func hashesAreToldApart() {
        let long = String(repeating: "A1", count: 32)
        #expect(HubListing.Digest("\"\(long)\"") == .sha256(long.lowercased()))
        #expect(
            HubListing.Digest("W/\"\(long.prefix(40))\"")
                == .git(String(long.lowercased().prefix(40))))
        for none in [nil, "", "abc", "\(long)-12", String(repeating: "g", count: 64)] {
            #expect(HubListing.Digest(none) == nil)
        }
    }

    @Test func rangesAreJoinedAndWhatIsMissingIsCut() {
        var ranges = ByteRanges()
        #expect(ranges.missing(of: 10, piece: 4) == [0..<4, 4..<8, 8..<10])
        ranges.insert(4..<6)
        ranges.insert(8..<9)
        ranges.insert(2..<4)
        ranges.insert(3..<3)
        #expect(ranges.ranges == [2..<6, 8..<9] && ranges.count == 5)
        #expect(ranges.missing(of: 10, piece: 4) == [0..<2, 6..<8, 9..<10])
        ranges.insert(0..<10)
        #expect(ranges.ranges == [0..<10])
        #expect(
            ranges.missing(of: 10, piece: 4).isEmpty
                && ByteRanges().missing(of: 0, piece: 4).isEmpty)
    }

    @Test func rangesAreTheSetOfTheirBytes() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var ranges = ByteRanges()
            var bytes: Set<Int> = []
            for _ in 0..<8 {
                let start = Int.random(in: 0..<30, using: &random)
                let range = start..<Int.random(in: start...32, using: &random)
                ranges.insert(range)
                bytes.formUnion(range)
            }
            #expect(ranges.count == bytes.count)
            let missing = ranges.missing(of: 32, piece: 5)
            #expect(missing.allSatisfy { $0.count <= 5 && !$0.isEmpty })
            #expect(Set(missing.flatMap { Array($0) }) == Set(0..<32).subtracting(bytes))
        }
    }

    @Test func listsOfWhatIsThereAreBelievedOnlyWhenWhole() {
        let head = "100 sha256(\"x\")"
        func read(_ text: String) -> (ByteRanges, Bool) {
            let (ranges, isSame) = FileDownload.read(text, head: head, size: 100)
            return (ranges, isSame)
        }
        #expect(read(head + "\n0 10\n20 30\n").0.ranges == [0..<10, 20..<30])
        #expect(read(head + "\n0 10\n20 3").0.ranges == [0..<10], "cut short")
        #expect(!read("99 other\n0 10\n").1 && !read("").1)
        for bad in ["0 101", "-1 5", "5 5", "x y", "0 10 20"] {
            #expect(!read(head + "\n" + bad + "\n").1, "\(bad)")
        }
    }

    @Test func pausesGrowAndSlowIsNotProgress() {
        let retry = HubRetry(first: 1, longest: 8, tries: 3, stall: 10, slowest: 100)
        #expect(retry.pause(failures: 1, asked: nil, draw: 0) == 0.5)
        #expect(retry.pause(failures: 9, asked: nil, draw: 0) == 4)
        #expect(retry.pause(failures: 1, asked: 7, draw: 0) == 7)
        #expect(retry.pause(failures: 1, asked: 1e9, draw: 0) == 600)
        #expect(retry.pause(failures: 1, asked: -.infinity, draw: 0) == 0.5)
        #expect(retry.isProgress(bytes: 1000, seconds: 9))
        #expect(
            !retry.isProgress(bytes: 1000, seconds: 11) && !retry.isProgress(bytes: 0, seconds: 0))
        #expect(retry.limit(bytes: 1000) == 20)
    }
}
