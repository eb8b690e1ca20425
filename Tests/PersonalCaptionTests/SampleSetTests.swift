import Foundation
import Testing

@testable import PersonalCaption

struct SampleSetTests {
    private static let concepts =
        #"[{"id": 3, "file": "c3.png", "name": "Max", "info": "a dog"}, {"id": 1, "file": "c1.png", "name": "Bo"}, {"id": 2, "file": "c2.png", "name": "Zoe"}]"#

    @discardableResult private func withSet<Result>(
        concepts: String = concepts, queries: String, _ body: (URL) throws -> Result
    ) throws -> Result {
        try Fixtures.withFolder { folder in
            let set = folder.appending(path: "set")
            try FileManager.default.createDirectory(at: set, withIntermediateDirectories: true)
            for name in ["c1.png", "c2.png", "c3.png", "q.png", "../outside.png"] {
                try Data([1]).write(to: set.appending(path: name))
            }
            try FileManager.default.createSymbolicLink(
                atPath: set.appending(path: "link.png").path,
                withDestinationPath: folder.appending(path: "outside.png").path)
            try Data(
                #"{"concepts": \#(concepts), "queries": \#(queries), "image_size": [1, 1]}"#.utf8
            )
            .write(to: set.appending(path: "truth.json"))
            return try body(set)
        }
    }

    private func query(
        file: String = "q.png", objects: String = #"[{"concept": 3, "box": [0, 1, 20, 30]}]"#,
        absent: String = "[1, 2]"
    ) -> String {
        #"[{"file": "\#(file)", "objects": \#(objects), "suggested_absent": \#(absent)}]"#
    }

    @Test func theSetIsReadWithItsTruth() throws {
        try withSet(queries: query()) { folder in
            let set = try SampleSet.read(folder: folder)
            #expect(set.concepts.map(\.name) == ["Max", "Bo", "Zoe"])
            #expect(set.concepts[0].info == "a dog")
            let query = try #require(set.queries.first)
            #expect(query.truth == ["Max"])
            #expect(query.objects[0].box == [0, 1, 20, 30])
            #expect(set.references(for: query, absent: 0).map(\.name) == ["Max"])
            #expect(set.references(for: query, absent: 1).map(\.name) == ["Bo", "Max"])
            #expect(set.references(for: query, absent: 9).map(\.name) == ["Bo", "Zoe", "Max"])
        }
    }

    @Test(arguments: [
        ("../outside.png", "leads out"), ("/etc/passwd", "leads out"), ("link.png", "leads out"),
        ("a/../../outside.png", "leads out"), ("..\\\\outside.png", "leads out"),
        ("missing.png", "does not exist"), ("", "names no file"), (".", "names no file"),
    ])
    func picturesStayInsideTheFolder(path: String, reason: String) throws {
        try withSet(queries: query(file: path)) { folder in
            let error = #expect(throws: SampleSetError.self) { try SampleSet.read(folder: folder) }
            #expect(error.map { "\($0)".contains(reason) } == true)
        }
    }

    @Test(arguments: [
        (#"[{"concept": 9, "box": [0, 0, 1, 1]}]"#, "[]", "concept 9"),
        (#"[{"concept": 3, "box": [5, 0, 1, 1]}]"#, "[]", "box"),
        (#"[{"concept": 3, "box": [0, 0, 1]}]"#, "[]", "box"),
        (#"[{"concept": 3, "box": [-1, 0, 1, 1]}]"#, "[]", "box"),
        (#"[{"concept": 3, "box": [0, 0, 1, 1]}]"#, "[8]", "concept 8"),
        (#"[{"concept": 3, "box": [0, 0, 1, 1]}]"#, "[3]", "absent"),
        (#"[{"concept": "3", "box": [0, 0, 1, 1]}]"#, "[]", "another type"),
        (#"[{"box": [0, 0, 1, 1]}]"#, "[]", "has no 'concept'"),
    ])
    func contradictionsAreNamed(objects: String, absent: String, reason: String) throws {
        try withSet(queries: query(objects: objects, absent: absent)) { folder in
            let error = #expect(throws: SampleSetError.self) { try SampleSet.read(folder: folder) }
            #expect(error.map { "\($0)".contains(reason) } == true, "\(String(describing: error))")
        }
    }

    @Test func repeatedNumbersAndMissingNamesAreRefused() throws {
        for concepts in [
            #"[{"id": 1, "file": "c1.png", "name": "a"}, {"id": 1, "file": "c2.png", "name": "b"}]"#,
            #"[{"id": 1, "file": "c1.png", "name": " "}]"#, "{}", "[",
        ] {
            try withSet(concepts: concepts, queries: "[]") { folder in
                #expect(throws: SampleSetError.self) { try SampleSet.read(folder: folder) }
            }
        }
        try Fixtures.withFolder { folder in
            #expect(throws: SampleSetError.self) { try SampleSet.read(folder: folder) }
        }
    }
}
