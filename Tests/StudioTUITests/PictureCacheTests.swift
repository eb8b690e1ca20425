import Foundation
import ImageCodecs
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct PictureCacheTests {
    private var cache = PictureCache(capacity: 10_000)

    private func variant(_ id: Int, _ quality: PictureQuality = .still) -> PictureVariant {
        let source = PictureSource.stored(sha256: "\(id)", file: URL(fileURLWithPath: "/x"))
        return PictureVariant(
            key: PictureKey(PictureSample.request(source), usesLabel: false), quality: quality)
    }

    /// A picture that takes so many bytes in all.
    private func picture(_ bytes: Int) -> RenderedPicture {
        RenderedPicture(
            columns: 1, rows: 1, content: .overlay([[UInt8](repeating: 0, count: bytes - 288)]),
            pixelWidth: 1, pixelHeight: 1, originalWidth: 1, originalHeight: 1)
    }

    @Test mutating func theLeastRecentlyShownGoesFirst() {
        for id in 1...3 { cache.insert(picture(3000), as: variant(id)) }
        _ = cache.find(variant(1))
        cache.insert(picture(3000), as: variant(4))
        #expect(cache.has(variant(1)) && cache.has(variant(3)) && cache.has(variant(4)))
        #expect(!cache.has(variant(2)))
        #expect(cache.bytes == 9000)
    }

    @Test mutating func lookingIsNotUsing() {
        for id in 1...3 { cache.insert(picture(3000), as: variant(id)) }
        _ = cache.has(variant(1))
        cache.insert(picture(3000), as: variant(4))
        #expect(!cache.has(variant(1)))
    }

    @Test mutating func whatIsOnTheScreenStaysEvenBeyondTheLimit() {
        for id in 1...4 {
            cache.insert(picture(4000), as: variant(id)) { _ in true }
        }
        #expect(cache.count == 4)
        #expect(cache.bytes == 16_000)
        cache.insert(picture(1000), as: variant(5))
        // As many as must go, and no more.
        #expect(cache.count == 3)
        #expect(cache.bytes == 9000)
    }

    @Test mutating func shrinkingDropsTheOldestButNothingNeededAndLeavesRoom() {
        for id in 1...3 { cache.insert(picture(3000), as: variant(id)) }
        let needed = variant(1).key
        cache.shrink(to: 6000) { $0 == needed }
        #expect(cache.has(variant(1)) && !cache.has(variant(2)) && cache.has(variant(3)))
        cache.shrink(to: 0) { $0 == needed }
        #expect(cache.count == 1 && cache.bytes == 3000)
        cache.insert(picture(7000), as: variant(4))
        #expect(cache.count == 2)
    }

    @Test mutating func picturesInAdvanceDisplaceNothingNeeded() {
        cache.insert(picture(9000), as: variant(1))
        let refused = cache.insert(picture(3000), as: variant(2), isSpare: true) { _ in true }
        #expect(!refused)
        #expect(cache.has(variant(1)) && !cache.has(variant(2)))
        let accepted = cache.insert(picture(3000), as: variant(2), isSpare: true)
        #expect(accepted)
        #expect(!cache.has(variant(1)))
    }

    @Test mutating func aLowerLimitTakesEffectAtOnce() {
        for id in 1...3 { cache.insert(picture(3000), as: variant(id)) }
        let needed = variant(1).key
        cache.limit(to: 3500) { $0 == needed }
        #expect(cache.has(variant(1)) && cache.count == 1 && cache.bytes == 3000)
        cache.limit(to: 100) { $0 == needed }
        #expect(cache.has(variant(1)))
    }

    @Test mutating func replacingCountsOnceAndRenames() {
        cache.insert(picture(3000), as: variant(1))
        let before = cache.find(variant(1))?.name
        cache.insert(picture(4000), as: variant(1))
        #expect(cache.bytes == 4000)
        #expect(cache.find(variant(1))?.name != before)
        cache.remove(variant(1))
        #expect(cache.bytes == 0 && cache.count == 0)
    }

    @Test func everythingThatMattersIsInTheKey() {
        let source = PictureSource.stored(sha256: "a", file: URL(fileURLWithPath: "/x"))
        let plain = PictureSample.request(source)
        var others: [PictureRequest] = []
        func vary(_ change: (inout PictureRequest) -> Void) {
            var request = plain
            change(&request)
            others.append(request)
        }
        vary { $0.box.columns += 1 }
        vary { $0.box.rows += 1 }
        vary { $0.magnification = 1 }
        vary { $0.marks = [PictureMark(kind: .crop, x: 0, y: 0, width: 1, height: 1)] }
        vary { $0.source = .stored(sha256: "b", file: URL(fileURLWithPath: "/x")) }
        vary { $0.source = .file(URL(fileURLWithPath: "/x"), modified: 1, bytes: 1) }
        vary { $0.source = .file(URL(fileURLWithPath: "/x"), modified: 2, bytes: 1) }
        vary { $0.source = .file(URL(fileURLWithPath: "/x"), modified: 2, bytes: 2) }
        let keys = Set((others + [plain]).map { PictureKey($0, usesLabel: false) })
        #expect(keys.count == others.count + 1)
        vary { $0.priority = 2 }
        vary { $0.label = "mochi" }
        #expect(Set((others + [plain]).map { PictureKey($0, usesLabel: false) }) == keys)
    }
}

@Suite struct PicturePreviewCacheTests {
    private let folder: TemporaryFolder
    private let data = Data(repeating: 7, count: 1000)

    init() throws { folder = try TemporaryFolder() }

    private func files() -> [String] {
        let all = FileManager.default.enumerator(atPath: folder.url.path)
        return (all?.compactMap { $0 as? String } ?? []).filter { $0.contains(".") }.sorted()
    }

    @Test func copiesAreFoundAgain() throws {
        let cache = PreviewCache(folder: folder.url.appendingPathComponent("previews"))
        #expect(cache.existing("a") == nil)
        cache.store(data, "a", isOpaque: true)
        cache.store(data, "b", isOpaque: false)
        #expect(try Data(contentsOf: #require(cache.existing("a"))) == data)
        #expect(cache.existing("a")?.pathExtension == "jpg")
        #expect(cache.existing("b")?.pathExtension == "png")
        #expect(cache.existing("c") == nil)
        cache.remove("a")
        #expect(cache.existing("a") == nil)
    }

    @Test func onlyTheOwnerCanLook() throws {
        let root = folder.url.appendingPathComponent("previews")
        let cache = PreviewCache(folder: root)
        cache.store(data, "a", isOpaque: true)
        let file = try #require(cache.existing("a"))
        for path in [file.path, root.path] {
            let facts = try FileManager.default.attributesOfItem(atPath: path)
            let mode = try #require(facts[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(path)")
        }
    }

    @Test func theOldestGoWhenThereIsTooMuch() throws {
        let cache = PreviewCache(folder: folder.url, limit: 10_000)
        for id in 0..<30 {
            cache.store(data, "\(id)", isOpaque: true)
            let file = try #require(cache.existing("\(id)"))
            let time = Date(timeIntervalSince1970: Double(1_000_000 + id * 100))
            try FileManager.default.setAttributes(
                [.modificationDate: time], ofItemAtPath: file.path)
        }
        #expect(files().count <= 10)
        let kept = (0..<30).filter { cache.existing("\($0)") != nil }
        #expect(kept.contains(29))
        #expect(!kept.contains(0))
        #expect(kept == Array((30 - kept.count)..<30))
    }

    @Test func leftoversGoAndStrangersStay() throws {
        let names = [
            "aa/.preview-old", "aa/.preview-new", "aa/notes.txt", "readme.jpg", "aa/x.jpg",
        ]
        try FileManager.default.createDirectory(
            at: folder.url.appendingPathComponent("aa"), withIntermediateDirectories: true)
        for name in names { try data.write(to: folder.url.appendingPathComponent(name)) }
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -7200)],
            ofItemAtPath: folder.path("aa/.preview-old"))
        let outside = try TemporaryFolder()
        let precious = "bcdef0123456789bcdef0123456789"
        try data.write(to: outside.url.appendingPathComponent("\(precious).jpg"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("aa/\(precious).jpg"),
            withDestinationPath: outside.path("\(precious).jpg"))
        let cache = PreviewCache(folder: folder.url, limit: 5000)
        for id in 0..<20 { cache.store(data, "\(id)", isOpaque: true) }
        let left = files()
        #expect(!left.contains("aa/.preview-old"))
        for name in names.dropFirst() { #expect(left.contains(name), "\(name)") }
        #expect(FileManager.default.fileExists(atPath: outside.path("\(precious).jpg")))
    }

    @Test func aFolderThatCannotBeWrittenIsNoError() throws {
        try data.write(to: folder.url.appendingPathComponent("file"))
        let cache = PreviewCache(folder: folder.url.appendingPathComponent("file"))
        cache.store(data, "a", isOpaque: true)
        #expect(cache.existing("a") == nil)
    }

    @Test func theFolderMayVanish() throws {
        let root = folder.url.appendingPathComponent("previews")
        let cache = PreviewCache(folder: root)
        cache.store(data, "a", isOpaque: true)
        try FileManager.default.removeItem(at: root)
        #expect(cache.existing("a") == nil)
        cache.store(data, "a", isOpaque: true)
        #expect(cache.existing("a") != nil)
    }

    @Test func namesAreHexAndTellNothing() {
        let name = PreviewName.hash("file:1:2:/some/where/secret.jpg")
        #expect(name.count == 32)
        #expect(PreviewName.isFolder(String(name.prefix(2))))
        #expect(PreviewName.isFile("\(name.dropFirst(2)).jpg"))
        #expect(PreviewName.hash("") != PreviewName.hash("a"))
        let many = Set((0..<20_000).map { PreviewName.hash("file:\($0):7:/p") })
        #expect(many.count == 20_000)
        #expect(!PreviewName.isFile("../../etc/passwd"))
        #expect(!PreviewName.isFile("x.jpg"))
    }
}
