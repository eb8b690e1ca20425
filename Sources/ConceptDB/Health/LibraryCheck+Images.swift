import Dispatch
import Foundation
import GRDB
import ImageCodecs
import Synchronization

extension LibraryCheck {
    /// What one stored picture turned out to be.
    private enum Finding {
        case missing
        case damaged(reason: String)
        case otherSize(width: Int, height: Int)
    }

    /// Every picture: there, unchanged, decodable, of the size noted.
    mutating func checkImages(progress: ((Int, Int) -> Bool)?) throws {
        let images = try pool.read { db in
            try Row.fetchAll(
                db, sql: "SELECT sha256, format, width, height, byteCount FROM image"
            ).compactMap(ImageRows.stored)
        }
        // In portions, so that progress is reported and stopping is quick.
        for start in stride(from: 0, to: images.count, by: 16) {
            let portion = Array(images[start..<min(start + 16, images.count)])
            let findings = Self.examine(portion, in: vault)
            for (image, finding) in zip(portion, findings) {
                if let finding { try report(finding, of: image) }
            }
            if let progress, !progress(start + portion.count, images.count) {
                throw ConceptStoreError.stopped
            }
        }
    }

    private static func examine(_ images: [StoredImage], in vault: ImageVault) -> [Finding?] {
        let findings = Mutex<[Int: Finding]>([:])
        DispatchQueue.concurrentPerform(iterations: images.count) { index in
            guard let finding = examine(images[index], in: vault) else { return }
            findings.withLock { $0[index] = finding }
        }
        return findings.withLock { found in images.indices.map { found[$0] } }
    }

    private static func examine(_ image: StoredImage, in vault: ImageVault) -> Finding? {
        let path = vault.absolute(image.path)
        guard DurableFile.kind(of: path) != nil else { return .missing }
        do {
            let limit = ImageLimits.standard.maximumBytes
            let data = try BoundedFile.read(URL(fileURLWithPath: path), limit: limit)
            guard ImageVault.sha256(data) == image.sha256 else {
                return .damaged(reason: "its bytes changed since it was stored")
            }
            let pixels = try ImageDecoder.decode(data, name: image.path, limits: .standard)
            guard (pixels.width, pixels.height) != (image.width, image.height) else { return nil }
            return .otherSize(width: pixels.width, height: pixels.height)
        } catch {
            return .damaged(reason: "\(error)")
        }
    }

    private mutating func report(_ finding: Finding, of image: StoredImage) throws {
        // Another process may have purged it since the list was read.
        let users = try pool.read { db in try Self.users(db, of: image.sha256) }
        guard let users else { return }
        switch finding {
        case .missing:
            let path = vault.absolute(image.path)
            try found(.imageMissing, "\(image.path)\(users) is missing", path: image.path) { db in
                guard DurableFile.kind(of: path) == nil else { return false }
                try Self.drop(db, image.sha256)
                return true
            }
        case .damaged(let reason):
            try found(
                .imageDamaged,
                "\(image.path)\(users) is damaged: \(reason.printable); add the picture again",
                path: image.path)
        case .otherSize(let width, let height):
            try found(
                .imageSizeWrong,
                "\(image.path)\(users) is \(width)×\(height) and noted as "
                    + "\(image.width)×\(image.height)", path: image.path
            ) { db in
                try db.execute(
                    sql: "UPDATE image SET width = ?, height = ? WHERE sha256 = ?",
                    arguments: [width, height, image.sha256])
                return true
            }
        }
    }

    /// ` of "Mochi"` and so on; `nil` if the picture is not noted any more.
    private static func users(_ db: Database, of sha256: String) throws -> String? {
        let isNoted = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM image WHERE sha256 = ?)", arguments: [sha256])
        guard isNoted == true else { return nil }
        let names = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM concept JOIN reference_image r ON r.conceptID = concept.id
                WHERE r.sha256 = ? ORDER BY sortKey LIMIT 3
                """, arguments: [sha256])
        guard !names.isEmpty else { return "" }
        return " of " + names.map { "\"\($0.printable)\"" }.joined(separator: ", ")
    }

    /// Forgets a picture whose file is gone, in concepts and captions.
    private static func drop(_ db: Database, _ sha256: String) throws {
        let concepts = try Int64.fetchAll(
            db, sql: "SELECT conceptID FROM reference_image WHERE sha256 = ?",
            arguments: [sha256])
        for sql in [
            "DELETE FROM reference_image WHERE sha256 = ?",
            "UPDATE caption SET sha256 = NULL WHERE sha256 = ?",
            "DELETE FROM image WHERE sha256 = ?",
        ] {
            try db.execute(sql: sql, arguments: [sha256])
        }
        for concept in concepts { try ImageRows.mendCover(db, concept) }
    }

    /// Pictures noted that nothing uses; their files go to `lost+found`.
    mutating func checkUnusedImages() throws {
        let vault = vault
        for image in try pool.read({ db in try ImageRows.unused(db) }) {
            try found(.imageUnused, "\(image.path) is used by nothing", path: image.path) { db in
                let unused = try ImageRows.unused(db)
                guard unused.contains(where: { $0.sha256 == image.sha256 }) else { return false }
                try vault.moveToLostAndFound(image.path)
                try db.execute(
                    sql: "DELETE FROM image WHERE sha256 = ?", arguments: [image.sha256])
                return true
            }
        }
    }

    /// Files of the picture folder that no row knows; they go to `lost+found`.
    mutating func checkFiles() throws {
        let files = vault.files()
        let vault = vault
        func unknown(_ db: Database) throws -> [String] {
            let known = try Row.fetchAll(db, sql: "SELECT sha256, format FROM image")
            let paths = Set(known.map { ConceptRows.path(sha256: $0[0], format: $0[1]) })
            return files.filter {
                !paths.contains($0) && DurableFile.kind(of: vault.absolute($0)) != nil
            }
        }
        guard try !pool.read(unknown).isEmpty else { return }
        // Under the writers' lock: importers put a file in place and commit its row under it.
        for path in try pool.write(unknown) {
            try found(
                .fileUnknown, "\(path.printable) is not known to the library", path: path
            ) { _ in
                try vault.moveToLostAndFound(path)
                return true
            }
        }
    }
}

extension ImageVault {
    /// Everything in the picture folder, relative to the library, except work in progress.
    func files() -> [String] {
        DurableFile.names(in: images).sorted().flatMap { name in
            if name.hasPrefix(".incoming-") || name.hasPrefix(".new-") { return [String]() }
            let path = "images/" + name
            guard name.utf8.count == 2, DurableFile.kind(of: absolute(path)) == S_IFDIR else {
                return [path]
            }
            return DurableFile.names(in: absolute(path)).sorted().map { path + "/" + $0 }
        }
    }

    /// Moves a file out of the way without ever overwriting another one.
    func moveToLostAndFound(_ path: String) throws(SystemFailure) {
        let folder = library + "/lost+found"
        try DurableFile.makeFolder(folder)
        guard DurableFile.kind(of: absolute(path)) != nil else { return }
        let name = path.replacing("/", with: "_")
        var target = folder + "/" + name
        if DurableFile.kind(of: target) != nil { target += "." + UUID().uuidString }
        try DurableFile.move(absolute(path), to: target)
        try DurableFile.syncFolder(folder)
    }
}
