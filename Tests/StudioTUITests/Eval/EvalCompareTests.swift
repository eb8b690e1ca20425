import Foundation
import Testing

@testable import StudioTUI

@Suite struct EvalCompareTests {
    /// Two short runs of the embedded model, one with a look-alike among the concepts given.
    private func runs(_ studio: inout TestStudio) throws -> (String, String) {
        studio.environment["STUDIO_SAMPLES"] = try SmallSampleSet.make(
            in: studio.folder, queries: 2)
        let folders = (studio.folder.path("one"), studio.folder.path("two"))
        for (folder, absent) in [(folders.0, "0"), (folders.1, "1")] {
            let outcome = studio.run(
                "eval", "personal", "--set", "studio", "--absent", absent, "--max-tokens", "10",
                "--out", folder)
            #expect(outcome.exit == .done, "\(outcome.error)")
            let page = try String(
                contentsOf: URL(fileURLWithPath: "\(folder)/report.html"), encoding: .utf8)
            #expect(page.contains("data:image/jpeg;base64,"))
        }
        return folders
    }

    @Test func runsAreComparedPictureByPicture() throws {
        var studio = try TestStudio()
        let (one, two) = try runs(&studio)
        let report = studio.folder.path("compare.html")
        let outcome = studio.run("eval", "compare", one, two, "--html", report)
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(outcome.output.hasPrefix("pictures  2\n"))
        #expect(outcome.output.contains("F1 of names"))
        #expect(FileManager.default.fileExists(atPath: report))
        let json = studio.run("eval", "compare", one, two, "--json", "--judge", "mini")
        #expect(json.exit == .done, "\(json.error)")
        let document = try #require(json.json() as? [String: Any])
        #expect(document["items"] as? Int == 2)
        let preference = try #require(document["preference"] as? [String: Any])
        let counts = ["first", "second", "ties"].compactMap { preference[$0] as? Int }
        #expect(counts.reduce(0, +) == 2)
    }

    @Test func whatIsNoRunIsNotFound() throws {
        let studio = try TestStudio()
        let outcome = studio.run("eval", "compare", studio.folder.path("."), "/nowhere")
        #expect(outcome.exit == .notFound)
        #expect(outcome.error.contains("holds no run"))
    }
}
