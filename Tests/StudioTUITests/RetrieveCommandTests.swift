import Foundation
import ImageCodecs
import Testing

@testable import StudioTUI

/// Searching a small library with the embedded model.
@Suite struct RetrieveCommandTests {
    private static let names = ["luna", "dotty", "milo", "hugo", "pico"]

    private func sample(_ path: String) -> String { "\(TestStudio.samples)/\(path)" }

    private func studio() throws -> TestStudio {
        let studio = try TestStudio()
        for name in Self.names {
            let outcome = studio.run(
                "concept", "add", name.capitalized, sample("concepts/\(name).png"))
            #expect(outcome.exit == .done, "\(outcome.error)")
        }
        return studio
    }

    /// Luna is in the fourth sample query at 16,35 to 85,112.
    @Test func whoIsInAPictureIsFound() throws {
        let studio = try studio()
        let query = sample("queries/query_03.png")
        let found = studio.run("retrieve", query, "--json")
        #expect(found.exit == .done, "\(found.error)")
        #expect(try found.keys() == ["candidates", "threshold", "librarySize"])
        let document = try #require(found.json() as? [String: Any])
        let candidates = try #require(document["candidates"] as? [[String: Any]])
        #expect(candidates.count == Self.names.count)
        #expect(
            Set(candidates[0].keys) == [
                "name", "score", "accepted", "box", "similarity", "probability", "reason",
            ])
        let accepted = candidates.filter { $0["accepted"] as? Bool == true }
        #expect(accepted.map { $0["name"] as? String } == ["Luna"])
        let box = try #require(accepted.first?["box"] as? [Int])
        #expect(zip(box, [16, 35, 85, 112]).allSatisfy { abs($0 - $1) < 20 }, "\(box)")
        #expect(studio.run("retrieve", query).output.hasPrefix("Luna\t"))
        let all = studio.run("retrieve", query, "--all", "--limit", "1").output
        #expect(all.split(separator: "\n").count == Self.names.count)
    }

    @Test func nobodyYouKnowIsAnAnswer() throws {
        let studio = try studio()
        let picture = try studio.picture("plain.png", red: 120, size: 112)
        let outcome = studio.run("retrieve", picture)
        #expect(outcome.exit == .done)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.contains("nobody you know is in this picture"))
        let named = studio.run("retrieve", picture, "--question", "Where is Milo?")
        #expect(named.output.hasPrefix("Milo\t"))
        #expect(named.output.contains("named in the question"))
    }

    @Test func anEmptyLibraryIsNoError() throws {
        let studio = try TestStudio()
        let outcome = studio.run("retrieve", try studio.picture("a.png", size: 112))
        #expect(outcome.exit == .done)
        #expect(outcome.error.contains("the library has no concept with a picture"))
    }

    @Test func aConceptIsLocated() throws {
        let studio = try studio()
        let query = sample("queries/query_03.png")
        let found = studio.run("locate", query, "--concept", "Luna", "--json")
        #expect(found.exit == .done, "\(found.error)")
        #expect(try found.keys() == ["name", "box", "confidence"])
        let document = try #require(found.json() as? [String: Any])
        #expect((document["box"] as? [Int])?.count == 4)
        let absent = studio.run("locate", query, "--concept", "Hugo", "--json")
        #expect((try absent.json() as? [String: Any])?["box"] is NSNull)
        #expect(studio.run("locate", query, "-c", "Hugo").error.contains("not in this picture"))
        #expect(studio.run("locate", query, "-c", "Lunna").exit == .notFound)
        #expect(studio.run("locate", query).exit == .usage)
        #expect(studio.run("locate", studio.folder.path("no.png"), "-c", "Luna").exit == .notFound)
    }

    @Test func captionsFindTheirConcepts() throws {
        let studio = try studio()
        let outcome = studio.run(
            "caption", sample("queries/query_03.png"), "--auto", "--json", "--concept", "Hugo")
        #expect(outcome.exit == .done, "\(outcome.error)")
        let document = try #require(outcome.json() as? [String: Any])
        #expect(Set(document["concepts"] as? [String] ?? []) == ["Hugo", "Luna"])
        #expect(document["named"] as? [String] == ["Luna"])
        #expect(document["recognition"] is [String: Any])
        let evidence = try #require(document["evidence"] as? [[String: Any]])
        #expect(evidence.contains { $0["name"] as? String == "Luna" })
        let unchecked = studio.run(
            "caption", sample("queries/query_03.png"), "--auto", "--check", "off", "--json")
        #expect((try unchecked.json() as? [String: Any])?["evidence"] is NSNull)
    }

    @Test(arguments: [
        "retrieve q.png --limit 5", "retrieve q.png --limit 0", "retrieve",
        "retrieve q.png --threshold 2", "retrieve q.png --shortlist 0",
        "locate q.png -c x --threshold -1", "caption q.png --check perhaps",
    ])
    func wrongOptionsAreUsageErrors(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        #expect(try TestStudio().run(words).exit == .usage)
    }

    @Test func framesAreDrawnInsideThePicture() {
        let plain = BoxDrawing.draw(
            [], on: .init(width: 8, height: 8, pixels: Array(repeating: 9, count: 192)))
        #expect(plain.pixels.allSatisfy { $0 == 9 })
        let framed = BoxDrawing.draw([[2, 2, 99, 7], [-5, -5, -1, -1], [1]], on: plain)
        #expect(Array(framed.pixels[(2 * 8 + 2) * 3..<(2 * 8 + 2) * 3 + 3]) == [255, 220, 0])
        #expect(framed.pixels[0] == 9)
    }
}
