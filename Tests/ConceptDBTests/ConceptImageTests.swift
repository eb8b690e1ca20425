import ConceptDB
import Foundation
import ImageCodecs
import Testing

@Suite struct ConceptImageTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }

    init() throws { library = try TemporaryLibrary() }

    @Test func pictureIsStoredUnderTheHashOfItsBytes() throws {
        let file = try library.picture(1)
        let original = try Data(contentsOf: file)
        let concept = try store.add(NewConcept(name: "Mochi"), images: [.file(file)])
        let image = try #require(concept.images.first)
        #expect(concept.cover == image.id)
        #expect((image.width, image.height) == (12, 8))
        #expect(
            image.path == "images/\(image.sha256.prefix(2))/\(image.sha256.dropFirst(2)).png")
        let stored = try ImageDecoder.decode(fileAt: store.url(of: image), limits: .standard)
        #expect(stored == (try ImageDecoder.decode(original, name: "original")))
        #expect(try Data(contentsOf: file) == original)
        // Nothing but the picture: no temporary file or staging folder is left.
        #expect(library.imageFiles() == [String(image.path.dropFirst("images/".count))])
    }

    @Test func metadataNeverEntersTheLibrary() throws {
        let secret = try Pictures.jpegWithMetadata(1)
        #expect(secret.range(of: Data("SECRET".utf8)) != nil)
        let concept = try store.add(
            NewConcept(name: "Mochi"), images: [.data(secret, name: "photo.jpg")])
        let stored = try Data(contentsOf: store.url(of: try #require(concept.images.first)))
        #expect(stored.range(of: Data("SECRET".utf8)) == nil)
        // The same photo without metadata is the same picture.
        let again = try store.addImages(
            [.data(try Pictures.jpeg(1), name: "plain.jpg")], to: concept.id)
        #expect(again.added.isEmpty && again.alreadyPresent == concept.images)
    }

    @Test func sameBytesAreStoredOnce() throws {
        let file = try library.picture(1)
        let first = try store.add(NewConcept(name: "a"), images: [.file(file), .file(file)])
        let second = try store.add(NewConcept(name: "b"), images: [.file(file)])
        #expect(first.images.count == 1)
        #expect(first.images.map(\.sha256) == second.images.map(\.sha256))
        #expect(library.imageFiles().count == 1)
    }

    @Test func oneBadPictureAddsNothing() throws {
        let good = try library.picture(1)
        let text = library.folder.appending(path: "notes.png")
        try Data("no picture at all".utf8).write(to: text)
        for bad in [text, library.folder.appending(path: "missing.png"), library.folder] {
            let error = #expect(throws: ConceptStoreError.self) {
                try store.add(NewConcept(name: "Mochi"), images: [.file(good), .file(bad)])
            }
            guard case .image = try #require(error) else {
                Issue.record("\(String(describing: error)) instead of a picture's error")
                continue
            }
            #expect(try #require(error).description.contains(bad.lastPathComponent))
        }
        #expect(try store.counts().concepts == 0)
        #expect(library.imageFiles().isEmpty)
        #expect(try store.verify().problems.isEmpty)
    }

    @Test func takenNameStoresNoPicture() throws {
        _ = try store.add(NewConcept(name: "Mochi"))
        #expect(throws: ConceptStoreError.self) {
            try store.add(NewConcept(name: "mochi"), images: [.file(try library.picture(1))])
        }
        #expect(library.imageFiles().isEmpty)
    }

    @Test func picturesKeepTheirOrder() throws {
        let files = try (1...9).map { try library.picture($0) }
        let concept = try store.add(
            NewConcept(name: "Mochi"), images: files.map { .file($0) })
        let alone = try files.enumerated().map { index, file in
            try store.add(NewConcept(name: "\(index)"), images: [.file(file)]).images[0].sha256
        }
        #expect(concept.images.map(\.sha256) == alone)
    }

    @Test func removedPictureComesBackToItsPlace() throws {
        let files = try (1...3).map { ImageSource.file(try library.picture($0)) }
        let concept = try store.add(NewConcept(name: "Mochi"), images: files)
        let cover = concept.images[0]
        let removal = try store.removeImage(cover.id, of: concept.id)
        #expect(removal.wasCover && !removal.isLast)
        #expect(removal.concept.images == Array(concept.images.dropFirst()))
        #expect(removal.concept.cover == concept.images[1].id)
        let back = try store.restoreImage(removal)
        #expect(back.images == concept.images && back.cover == concept.cover)
    }

    @Test func lastPictureCanBeRemovedAndSaysSo() throws {
        let concept = try store.add(
            NewConcept(name: "Mochi"), images: [.file(try library.picture(1))])
        let removal = try store.removeImage(concept.images[0].id, of: concept.id)
        #expect(removal.isLast && removal.concept.cover == nil)
        // Adding the same picture again takes it out of the trash.
        let added = try store.addImages([.file(try library.picture(1))], to: concept.id)
        #expect(added.added == concept.images && added.concept.cover == concept.cover)
    }

    @Test func coverMustBeOneOfTheConceptsPictures() throws {
        let first = try store.add(
            NewConcept(name: "a"),
            images: [.file(try library.picture(1)), .file(try library.picture(2))])
        let other = try store.add(
            NewConcept(name: "b"), images: [.file(try library.picture(3))])
        let change = try store.setCover(first.images[1].id, of: first.id)
        #expect(change.before.cover == first.images[0].id)
        #expect(change.after.coverImage == first.images[1])
        #expect(throws: ConceptStoreError.noSuchImage(other.images[0].id)) {
            try store.setCover(other.images[0].id, of: first.id)
        }
        #expect(throws: ConceptStoreError.noSuchImage(other.images[0].id)) {
            try store.removeImage(other.images[0].id, of: first.id)
        }
    }

    @Test func thumbnailIsSmallAndComesBackAfterTheCacheIsDeleted() throws {
        let large = try ImageEncoder.png(Pictures.rgb(1, width: 600, height: 300))
        let concept = try store.add(
            NewConcept(name: "Mochi"), images: [.data(large, name: "large.png")])
        let sha256 = concept.images[0].sha256
        let thumbnail = try store.thumbnail(of: sha256)
        let pixels = try ImageDecoder.decode(fileAt: thumbnail, limits: .standard)
        #expect((pixels.width, pixels.height) == (256, 128))
        try FileManager.default.removeItem(at: store.thumbnailDirectory)
        #expect(try store.thumbnail(of: sha256) == thumbnail)
        #expect(FileManager.default.fileExists(atPath: thumbnail.path))
        #expect(throws: ConceptStoreError.noSuchStoredImage(sha256: "../../x")) {
            try store.thumbnail(of: "../../x")
        }
    }

    @Test func transparentPictureHasATransparentThumbnail() throws {
        var pixels = [UInt8](repeating: 200, count: 20 * 10 * 4)
        pixels[3] = 0
        let picture = try ImageEncoder.png(RGBAImage(width: 20, height: 10, pixels: pixels))
        let concept = try store.add(
            NewConcept(name: "cut-out"), images: [.data(picture, name: "cut-out.png")])
        let thumbnail = try store.thumbnail(of: concept.images[0].sha256)
        #expect(thumbnail.pathExtension == "png")
        #expect(try !ImageDecoder.decode(fileAt: thumbnail, limits: .standard).isOpaque)
    }
}
