import Foundation
import GRDB
import ImageCodecs

/// One import: takes pictures as they come and adds each concept once all of its own are there.
struct ArchiveIntake {
    private static let largestManifest = 64 << 20
    private static let portion = 64

    private let store: ConceptStore
    private let staging: StagingFolder
    private let policy: ArchiveConflict
    private var tar: TarReader
    private let manifest: ArchiveManifest
    /// For each picture still expected, the concepts that wait for it.
    private var waiting: [String: [Int]] = [:]
    /// How many pictures each concept lacks; -1 for one that was given up.
    private var lacking: [Int]
    /// Pictures taken, by their name in the archive.
    private var taken: [String: StoredImage] = [:]
    private var ready: [Int] = []
    private var done = 0
    private(set) var result = ArchiveImport()

    /// Reads `concepts.json`, which must come first.
    init(
        store: ConceptStore, staging: StagingFolder, descriptor: Int32, policy: ArchiveConflict
    ) throws {
        self.store = store
        self.staging = staging
        self.policy = policy
        tar = TarReader(descriptor: descriptor)
        manifest = try Self.manifest(&tar)
        lacking = manifest.concepts.map { Set($0.images).count }
        for (index, item) in manifest.concepts.enumerated() { expect(item, index) }
    }

    private static func manifest(_ tar: inout TarReader) throws -> ArchiveManifest {
        guard let entry = try tar.next(), entry.name == ArchiveManifest.fileName else {
            throw TarReader.Damage(reason: "it does not begin with concepts.json")
        }
        guard entry.size <= largestManifest else {
            throw TarReader.Damage(
                reason: "concepts.json has \(entry.size) bytes, \(largestManifest) are allowed")
        }
        let data = try tar.content(of: entry)
        guard let manifest = try? JSONDecoder().decode(ArchiveManifest.self, from: data),
            manifest.format == ArchiveManifest.format
        else { throw TarReader.Damage(reason: "its concepts.json is not of this program") }
        guard manifest.version == 1 else {
            throw TarReader.Damage(
                reason: "it has version \(manifest.version), and this program reads version 1")
        }
        return manifest
    }

    /// Notes which pictures a concept needs, or gives it up if its words or names are bad.
    private mutating func expect(_ item: ArchiveManifest.Item, _ index: Int) {
        do throws(ConceptStoreError) {
            _ = try CheckedFields(item.words)
        } catch {
            return giveUp(index, error.description)
        }
        let names = Set(item.images)
        if let bad = names.first(where: { Self.sha256(ofEntry: $0) == nil }) {
            return giveUp(index, "it names the picture \"\(bad.printable)\", which cannot be")
        }
        for name in names { waiting[name, default: []].append(index) }
        if names.isEmpty { ready.append(index) }
    }

    mutating func run(_ progress: ((Int, Int) -> Bool)?) throws {
        do {
            while let entry = try tar.next() {
                try take(entry)
                if ready.count >= Self.portion { try commit(progress) }
            }
        } catch let damage as TarReader.Damage {
            result.report("archive", damage.reason)
        }
        while !ready.isEmpty { try commit(progress) }
        for index in lacking.indices where lacking[index] > 0 {
            giveUp(index, "a picture of it is not in the archive")
        }
    }

    private mutating func take(_ entry: TarReader.Entry) throws {
        guard let concepts = waiting.removeValue(forKey: entry.name),
            let sha256 = Self.sha256(ofEntry: entry.name)
        else {
            result.report(entry.name, "this file is not expected, or a second time")
            return
        }
        guard entry.size <= ImageLimits.standard.maximumBytes else {
            for index in concepts { giveUp(index, "a picture of it is too large") }
            return
        }
        let data = try tar.content(of: entry)
        guard ImageVault.sha256(data) == sha256 else {
            for index in concepts { giveUp(index, "a picture of it does not match its hash") }
            return
        }
        do {
            let image = try PreparedImage(.data(data, name: entry.name))
            try staging.stage(image)
            taken[entry.name] = image.stored
        } catch let error as ImageReadError {
            for index in concepts { giveUp(index, error.description) }
            return
        }
        for index in concepts where lacking[index] > 0 {
            lacking[index] -= 1
            if lacking[index] == 0 { ready.append(index) }
        }
    }

    private mutating func giveUp(_ index: Int, _ reason: String) {
        guard lacking[index] >= 0 else { return }
        lacking[index] = -1
        done += 1
        result.report(manifest.concepts[index].name, reason)
    }

    /// Adds a portion of the complete concepts in one transaction.
    private mutating func commit(_ progress: ((Int, Int) -> Bool)?) throws {
        let portion = Array(ready.prefix(Self.portion))
        ready.removeFirst(portion.count)
        let images = portion.flatMap { manifest.concepts[$0].images }.compactMap { taken[$0] }
        let before = result
        result = try store.commit(images, from: staging) { db in
            var result = before
            for index in portion { try add(db, manifest.concepts[index], &result) }
            return result
        }
        done += portion.count
        if let progress, !progress(done, manifest.concepts.count) {
            throw ConceptStoreError.stopped
        }
    }

    private func add(
        _ db: Database, _ item: ArchiveManifest.Item, _ result: inout ArchiveImport
    ) throws {
        var words = item.words
        words.name = try CheckedFields(words).name
        if let existing = try ConceptRows.livingName(db, like: words.name) {
            guard policy == .rename else {
                let error = ConceptStoreError.duplicateName(name: words.name, existing: existing)
                return result.report(words.name, error.description)
            }
            let name = try Self.freeName(db, words.name)
            result.renamed.append(ArchiveImport.Renaming(from: words.name, to: name))
            words.name = name
        }
        let id = try ConceptStore.insert(db, try CheckedFields(words))
        try ImageRows.attach(db, item.images.compactMap { taken[$0] }, to: id)
        try db.execute(
            sql: """
                UPDATE concept SET createdAt = coalesce(?1, createdAt), cover = coalesce((
                    SELECT id FROM reference_image WHERE conceptID = ?2 AND sha256 = ?3), cover)
                WHERE id = ?2
                """,
            arguments: [
                item.createdAt?.milliseconds, id, item.cover.flatMap { taken[$0]?.sha256 },
            ])
        result.imported.append(try ConceptRows.living(db, id: id))
    }

    private static func freeName(_ db: Database, _ name: String) throws -> String {
        var number = 2
        while true {
            let ending = " (\(number))"
            let candidate = String(name.prefix(200 - ending.count)) + ending
            if try ConceptRows.livingName(db, like: candidate) == nil { return candidate }
            number += 1
        }
    }

    /// The hash in `images/<sha256>.<ext>`; `nil` for any other name.
    private static func sha256(ofEntry name: String) -> String? {
        guard name.hasPrefix("images/") else { return nil }
        let parts = name.dropFirst(7).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].isSHA256,
            ImageFormat(fileExtension: String(parts[1])) != nil
        else { return nil }
        return String(parts[0])
    }
}

extension ArchiveManifest.Item {
    var words: NewConcept {
        NewConcept(name: name, category: category ?? "", info: info ?? "", tags: tags ?? [])
    }
}
