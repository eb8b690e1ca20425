import Foundation
import Testing

@testable import StudioTUI

/// The command lines of `model pull` and of `model add` with names; pulling has tests of its own.
struct ModelHubCommandTests {
    /// A cache as Hugging Face's tools leave it: snapshots are links to blobs.
    private func cache(_ studio: TestStudio) throws -> String {
        let files = FileManager.default
        let root = studio.folder.path("hf")
        let model = root + "/hub/models--org--small"
        let commit = String(repeating: "e", count: 40)
        let snapshot = model + "/snapshots/" + commit
        for folder in [snapshot, model + "/blobs", model + "/refs"] {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let source = TestStudio.samples + "/mini"
        for (number, name) in try files.contentsOfDirectory(atPath: source).sorted().enumerated() {
            try files.copyItem(atPath: "\(source)/\(name)", toPath: "\(model)/blobs/\(number)")
            try files.createSymbolicLink(
                atPath: "\(snapshot)/\(name)", withDestinationPath: "../../blobs/\(number)")
        }
        try Data(commit.utf8).write(to: URL(fileURLWithPath: model + "/refs/main"))
        return root
    }

    @Test func aModelInTheCacheIsFoundByItsName() throws {
        var studio = try TestStudio()
        studio.environment["HF_HOME"] = try cache(studio)
        let added = studio.run("model", "add", "org/small", "--use")
        #expect(added.exit == .done, "\(added.error)")
        let list = studio.run("model", "list", "--json")
        #expect(list.output.contains("\"small\"") && list.output.contains("snapshots"))
        let folder = studio.folder.path("hf/hub/models--org--small")
        let again = studio.run("model", "add", folder, "--name", "again")
        #expect(again.exit == .done, "\(again.error)")
        #expect(studio.run("model", "add", "org/none").exit == .notFound)
    }

    @Test func whatCannotBePulledIsSaid() throws {
        var studio = try TestStudio()
        #expect(studio.run("model", "pull", "../../etc").exit == .badInput)
        #expect(studio.run("model", "pull", "a/b", "--endpoint", "ftp://x").exit == .badInput)
        #expect(studio.run("model", "pull", "a/b", "--parallel", "0").exit == .usage)
        // What has the name already is found out before anything is asked of the hub.
        let mini = TestStudio.samples + "/mini"
        #expect(studio.run("model", "add", mini, "--name", "taken").exit == .done)
        studio.environment["HF_ENDPOINT"] = "http://127.0.0.1:1"
        let taken = studio.run("model", "pull", "a/b", "--name", "taken")
        #expect(taken.exit == .badInput && taken.error.contains("taken"))
    }
}
