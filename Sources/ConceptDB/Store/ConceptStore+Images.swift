import Foundation
import GRDB
import ImageCodecs

extension ConceptStore {
    /// Adds pictures to a concept, all or none; undone by removing those in `added`.
    ///
    /// - Throws: `.noSuchConceptID`, `.image` naming the file, `.diskFull`, `.busy`.
    public func addImages(
        _ sources: [ImageSource], to id: Int64
    ) throws(ConceptStoreError) -> ImageAddition {
        _ = try read { db in try ConceptRows.living(db, id: id) }
        return try importing(sources) { db, stored in
            _ = try ConceptRows.living(db, id: id)
            let added = Set(try ImageRows.attach(db, stored, to: id))
            if !added.isEmpty { try ImageRows.touch(db, id) }
            let concept = try ConceptRows.living(db, id: id)
            let given = Set(stored.map(\.sha256))
            return ImageAddition(
                concept: concept, added: concept.images.filter { added.contains($0.sha256) },
                alreadyPresent: concept.images.filter {
                    given.contains($0.sha256) && !added.contains($0.sha256)
                })
        }
    }

    /// The hash that a picture has or would have in the library, without decoding or storing it.
    ///
    /// - Throws: `.image` naming the file when its header says that it cannot be used.
    public func sha256(of source: ImageSource) throws(ConceptStoreError) -> String {
        do {
            let original = try PreparedImage.bytes(of: source)
            let name = source.displayName
            _ = try ImageDecoder.info(original, name: name, limits: .standard)
            return ImageVault.sha256(try MetadataStripper.strip(original, name: name))
        } catch {
            throw ConceptStoreError(error, library: directory.path)
        }
    }

    /// Moves a picture of a concept to the trash; undone by `restoreImage`.
    ///
    /// The last picture can be removed too; the result then says `isLast`. If the picture was the
    /// cover, the next one becomes it.
    ///
    /// - Throws: `.noSuchImage`.
    public func removeImage(
        _ imageID: Int64, of id: Int64
    ) throws(ConceptStoreError) -> ImageRemoval {
        try write { db in
            let before = try ConceptRows.living(db, id: id)
            guard let image = before.images.first(where: { $0.id == imageID }) else {
                throw ConceptStoreError.noSuchImage(imageID)
            }
            try db.execute(
                sql: "UPDATE reference_image SET trashedAt = ? WHERE id = ?",
                arguments: [Timestamp.now.milliseconds, imageID])
            try ImageRows.mendCover(db, id)
            try ImageRows.touch(db, id)
            return ImageRemoval(
                image: image, wasCover: before.cover == imageID,
                concept: try ConceptRows.living(db, id: id))
        }
    }

    /// Brings a removed picture back to its place, as cover if it was that.
    ///
    /// - Throws: `.noSuchConceptID`; `.noSuchImage` if it has been purged.
    public func restoreImage(_ removal: ImageRemoval) throws(ConceptStoreError) -> Concept {
        try write { db in
            let id = removal.concept.id
            _ = try ConceptRows.living(db, id: id)
            try db.execute(
                sql: "UPDATE reference_image SET trashedAt = NULL WHERE id = ? AND conceptID = ?",
                arguments: [removal.image.id, id])
            guard db.changesCount == 1 else {
                throw ConceptStoreError.noSuchImage(removal.image.id)
            }
            if removal.wasCover { try Self.writeCover(db, removal.image.id, of: id) }
            try ImageRows.mendCover(db, id)
            try ImageRows.touch(db, id)
            return try ConceptRows.living(db, id: id)
        }
    }

    /// Makes one of a concept's pictures stand for it; undone with the cover of `before`.
    ///
    /// - Throws: `.noSuchConceptID`, `.noSuchImage`.
    public func setCover(_ imageID: Int64, of id: Int64) throws(ConceptStoreError) -> ConceptChange
    {
        try write { db in
            let before = try ConceptRows.living(db, id: id)
            guard before.images.contains(where: { $0.id == imageID }) else {
                throw ConceptStoreError.noSuchImage(imageID)
            }
            try Self.writeCover(db, imageID, of: id)
            try ImageRows.touch(db, id)
            return ConceptChange(before: before, after: try ConceptRows.living(db, id: id))
        }
    }

    /// The file of a stored picture; read it, never write it.
    public func url(of image: ReferenceImage) -> URL {
        directory.appending(path: image.path)
    }

    /// The file of a stored query picture; `nil` if a repair had to give it up.
    public func url(of image: QueryImage) -> URL? {
        image.path.map { directory.appending(path: $0) }
    }

    /// The thumbnail of a stored picture, 256 pixels on its longest side, made if there is none.
    ///
    /// The first call decodes the picture (some 10 ms per megapixel); later ones only look.
    ///
    /// - Parameter sha256: the hash of a reference image or query picture.
    /// - Returns: a JPEG or, for pictures with transparency, a PNG in the cache folder.
    /// - Throws: `.noSuchStoredImage`, `.image` if the file is missing or damaged.
    public func thumbnail(of sha256: String) throws(ConceptStoreError) -> URL {
        if sha256.isSHA256, let url = thumbnails.existing(sha256) { return url }
        let found = try read { db in
            try Row.fetchOne(
                db,
                sql: "SELECT sha256, format, width, height, byteCount FROM image WHERE sha256 = ?",
                arguments: [sha256]
            ).flatMap(ImageRows.stored)
        }
        guard let found else { throw .noSuchStoredImage(sha256: sha256) }
        do {
            let file = directory.appending(path: found.path)
            let pixels = try ImageDecoder.decode(fileAt: file, limits: .standard)
            return try thumbnails.make(sha256, from: pixels)
        } catch {
            throw ConceptStoreError(error, library: thumbnailDirectory.path)
        }
    }

    private static func writeCover(_ db: Database, _ imageID: Int64, of id: Int64) throws {
        try db.execute(
            sql: "UPDATE concept SET cover = ? WHERE id = ?", arguments: [imageID, id])
    }
}
