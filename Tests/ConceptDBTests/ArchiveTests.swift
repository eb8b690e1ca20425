import Foundation
import Testing

@testable import ConceptDB

@Suite struct ArchiveTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }
    var file: URL { library.folder.appending(path: "concepts.tar") }

    init() throws { library = try TemporaryLibrary() }

    private func fill() throws -> [Concept] {
        let shared = ImageSource.file(try library.picture(1))
        let mochi = try store.add(
            NewConcept(name: "Mochi", category: "cat", info: "white", tags: ["pet"]),
            images: [shared, .data(try Pictures.jpeg(2), name: "2.jpg")])
        _ = try store.setCover(mochi.images[1].id, of: mochi.id)
        _ = try store.add(NewConcept(name: "红色杯子"), images: [shared])
        _ = try store.add(NewConcept(name: "No picture"))
        return try store.concepts().concepts
    }

    /// What must survive the journey: everything except the numbers.
    private func essence(_ concepts: [Concept]) -> [String] {
        concepts.map {
            "\($0.name)|\($0.category)|\($0.info)|\($0.tags)|\($0.images.map(\.sha256))"
                + "|\($0.coverImage?.sha256 ?? "")|\($0.createdAt)"
        }.sorted()
    }

    @Test func archiveCarriesConceptsToAnotherLibrary() throws {
        let concepts = try fill()
        let export = try store.exportArchive(to: file)
        #expect((export.concepts, export.images) == (3, 2))
        let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int64
        #expect(size == export.bytes)
        let other = try TemporaryLibrary()
        let report = try other.store.importArchive(from: file)
        #expect(report.problems.isEmpty && report.renamed.isEmpty)
        #expect(essence(report.imported) == essence(concepts))
        #expect(essence(try other.store.concepts().concepts) == essence(concepts))
        #expect(try other.store.verify().problems.isEmpty)
        #expect(other.imageFiles() == library.imageFiles())
        // The same library makes the same archive.
        let again = library.folder.appending(path: "again.tar")
        _ = try store.exportArchive(to: again)
        #expect(try Data(contentsOf: file) == Data(contentsOf: again))
    }

    @Test func selectedConceptsOnlyAreExported() throws {
        let concepts = try fill()
        _ = try store.exportArchive(to: file, concepts: [concepts[0].id])
        let other = try TemporaryLibrary()
        #expect(try other.store.importArchive(from: file).imported.map(\.name) == ["Mochi"])
        #expect(throws: ConceptStoreError.noSuchConceptID(99)) {
            try store.exportArchive(to: file, concepts: [99])
        }
    }

    @Test func takenNamesAreSkippedOrNumbered() throws {
        _ = try fill()
        _ = try store.exportArchive(to: file)
        let skipped = try store.importArchive(from: file)
        #expect(skipped.imported.isEmpty && skipped.problems.count == 3)
        #expect(skipped.problems.contains { $0.item == "Mochi" && $0.reason.contains("taken") })
        #expect(try store.verify().problems.isEmpty)
        let renamed = try store.importArchive(from: file, onConflict: .rename)
        #expect(renamed.problems.isEmpty)
        #expect(Set(renamed.imported.map(\.name)) == ["Mochi (2)", "红色杯子 (2)", "No picture (2)"])
        #expect(renamed.renamed.contains { $0.from == "Mochi" && $0.to == "Mochi (2)" })
        #expect(
            Set(try store.importArchive(from: file, onConflict: .rename).imported.map(\.name))
                == ["Mochi (3)", "红色杯子 (3)", "No picture (3)"])
    }

    @Test func skippedConceptLeavesNoPicture() throws {
        _ = try fill()
        _ = try store.exportArchive(to: file)
        let other = try TemporaryLibrary()
        for name in ["mochi", "红色杯子", "no picture"] {
            _ = try other.store.add(NewConcept(name: name))
        }
        #expect(try other.store.importArchive(from: file).imported.isEmpty)
        #expect(other.imageFiles().isEmpty)
        #expect(try other.store.verify().problems.isEmpty)
    }

    @Test func failedExportLeavesTheOldArchive() throws {
        let concepts = try fill()
        _ = try store.exportArchive(to: file)
        let before = try Data(contentsOf: file)
        #expect(throws: ConceptStoreError.stopped) {
            try store.exportArchive(to: file) { _, _ in false }
        }
        try FileManager.default.removeItem(at: store.url(of: concepts[0].images[0]))
        #expect(throws: ConceptStoreError.self) { try store.exportArchive(to: file) }
        #expect(try Data(contentsOf: file) == before)
        let names = try FileManager.default.contentsOfDirectory(atPath: library.folder.path)
        #expect(!names.contains { $0.hasSuffix(".part") })
    }

    @Test func brokenOffArchiveBringsInWhatIsWhole() throws {
        _ = try fill()
        _ = try store.exportArchive(to: file)
        let whole = try Data(contentsOf: file)
        for length in stride(from: 0, to: whole.count - 1024, by: 700) {
            try whole.prefix(length).write(to: file)
            let other = try TemporaryLibrary()
            let result = Result { try other.store.importArchive(from: file) }
            switch result {
            case .success(let report):
                #expect(!report.problems.isEmpty)
                #expect(report.imported.allSatisfy { $0.images.count == 2 || $0.name != "Mochi" })
            case .failure(let error):
                guard case .archive? = error as? ConceptStoreError else { throw error }
                #expect(try other.store.counts().concepts == 0)
            }
            #expect(try other.store.verify().problems.isEmpty)
        }
    }

    @Test func whatIsNoArchiveIsRefused() throws {
        let fifo = library.folder.appending(path: "fifo")
        #expect(mkfifo(fifo.path, 0o600) == 0)
        try Data("hello".utf8).write(to: file)
        for url in [file, fifo, library.folder] {
            let error = #expect(throws: ConceptStoreError.self) {
                try store.importArchive(from: url)
            }
            guard case .archive(url.path, _) = try #require(error) else {
                Issue.record("\(String(describing: error)) for \(url)")
                continue
            }
        }
        #expect(throws: ConceptStoreError.self) {
            try store.importArchive(from: URL(fileURLWithPath: "/nowhere/at/all.tar"))
        }
    }
}

/// Archives made to do harm.
@Suite struct HostileArchiveTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }

    init() throws { library = try TemporaryLibrary() }

    /// Imports an archive of one concept with the given pictures and files.
    private func importing(
        _ words: [String: Any] = [:], images: [String], files: [(String, Data)]
    ) throws -> ArchiveImport {
        var item: [String: Any] = ["name": "Mochi", "images": images]
        item.merge(words) { _, new in new }
        let manifest: [String: Any] = [
            "format": ArchiveManifest.format, "version": 1, "concepts": [item],
        ]
        let json = try JSONSerialization.data(withJSONObject: manifest)
        var bytes = Data()
        for (name, data) in [("concepts.json", json)] + files {
            bytes += TarWriter.header(name, size: data.count) + data
            bytes += Data(count: (512 - data.count % 512) % 512)
        }
        let file = library.folder.appending(path: "hostile.tar")
        try (bytes + Data(count: 1024)).write(to: file)
        return try store.importArchive(from: file)
    }

    private func expectRefused(_ report: ArchiveImport) throws {
        #expect(report.imported.isEmpty && !report.problems.isEmpty)
        #expect(library.imageFiles().isEmpty)
        #expect(try store.verify().problems.isEmpty)
        let outside = try FileManager.default.contentsOfDirectory(atPath: library.folder.path)
        #expect(Set(outside) == ["library", "hostile.tar"])
    }

    @Test(arguments: [
        "../../escape.png", "/tmp/escape.png", "images/../escape.png", "images/a.png",
        "images/\(String(repeating: "A", count: 64)).png",
        "images/\(String(repeating: "a", count: 64)).sh",
        "images/\(String(repeating: "a", count: 64)).png/x",
    ])
    func namesOfNoPictureAreRefused(name: String) throws {
        try expectRefused(
            try importing(images: [name], files: [(name, try Pictures.png(1))]))
    }

    @Test func pictureMustMatchItsHash() throws {
        let name = "images/\(String(repeating: "a", count: 64)).png"
        try expectRefused(
            try importing(images: [name], files: [(name, try Pictures.png(1))]))
    }

    @Test func pictureMustBeOne() throws {
        let script = Data("#!/bin/sh\nrm -rf ~\n".utf8)
        let name = "images/\(ImageVault.sha256(script)).png"
        try expectRefused(try importing(images: [name], files: [(name, script)]))
    }

    @Test func wordsMustBeAllowed() throws {
        for words in [
            ["name": ""], ["name": "a\u{1B}[2J"], ["info": "a\nb"],
            ["name": String(repeating: "n", count: 201)],
        ] {
            let report = try importing(words, images: [], files: [])
            try expectRefused(report)
            #expect(!report.problems.contains { $0.item.contains("\u{1B}") })
        }
    }

    @Test func metadataInAnArchiveIsStrippedToo() throws {
        let secret = try Pictures.jpegWithMetadata(1)
        let name = "images/\(ImageVault.sha256(secret)).jpg"
        let report = try importing(images: [name], files: [(name, secret)])
        let concept = try #require(report.imported.first)
        let stored = try Data(contentsOf: store.url(of: concept.images[0]))
        #expect(stored.range(of: Data("SECRET".utf8)) == nil)
        #expect(try store.verify().problems.isEmpty)
    }

    @Test func unexpectedFilesAreReportedAndNotWritten() throws {
        let report = try importing(
            images: [], files: [("../evil", Data("x".utf8)), ("\u{1B}[2J", Data())])
        #expect(report.imported.map(\.name) == ["Mochi"])
        #expect(report.problems.count == 2)
        #expect(!report.problems.contains { $0.item.contains("\u{1B}") })
        #expect(library.imageFiles().isEmpty)
    }

    @Test func sizesAreClaimsNotReasonsToReserveMemory() throws {
        var header = [UInt8](TarWriter.header("concepts.json", size: 0))
        header.replaceSubrange(124..<135, with: "77777777777".utf8)
        header.replaceSubrange(148..<156, with: repeatElement(32, count: 8))
        let sum = header.reduce(0) { $0 + Int($1) }
        let octal = String(sum, radix: 8)
        let field = String(repeating: "0", count: 6 - octal.count) + octal + "\0 "
        header.replaceSubrange(148..<156, with: field.utf8)
        let file = library.folder.appending(path: "hostile.tar")
        try Data(header).write(to: file)
        #expect(throws: ConceptStoreError.self) { try store.importArchive(from: file) }
    }
}
