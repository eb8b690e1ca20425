import Foundation
import ImageCodecs

/// A sample set of one concept and many equal queries, with the embedded model beside it.
enum SmallSampleSet {
    static func make(in folder: TemporaryFolder, queries: Int) throws -> String {
        let samples = folder.url.appendingPathComponent("samples", isDirectory: true)
        try FileManager.default.createDirectory(at: samples, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            at: samples.appendingPathComponent("mini"),
            withDestinationURL: TestStudio.repository.appendingPathComponent("Samples/mini"))
        var concepts: [[String: Any]] = []
        for (id, name) in ["Mochi", "Rex", "Momo"].enumerated() {
            _ = try folder.picture("samples/\(name).png", red: UInt8(id * 80), size: 64)
            concepts.append([
                "id": id, "file": "\(name).png", "name": name, "info": "a thing",
                "category": "thing",
            ])
        }
        _ = try folder.picture("samples/query.png", size: 112)
        let query: [String: Any] = [
            "file": "query.png", "background": "plain",
            "objects": [["concept": 0, "name": "Mochi", "box": [0, 0, 50, 50]]],
            "suggested_absent": [1],
        ]
        let truth: [String: Any] = [
            "concepts": concepts, "queries": Array(repeating: query, count: queries),
        ]
        try JSONSerialization.data(withJSONObject: truth)
            .write(to: samples.appendingPathComponent("truth.json"))
        return samples.path
    }
}
