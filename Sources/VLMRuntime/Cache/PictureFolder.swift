import Foundation
import ImageCodecs

/// The folder with the rows of reference pictures; may be deleted at any time.
///
/// Failing to read or write it costs time, never a result, so errors stay here.
struct PictureFolder: Sendable {
    let url: URL
    /// Most bytes all files take together.
    let budget: Int

    func rows(_ key: ContentDigest, rows: Int, columns: Int) -> Matrix? {
        let file = file(key)
        let size = PictureRowFile.size(rows: rows, columns: columns)
        guard let data = try? BoundedFile.read(file, limit: size),
            let found = PictureRowFile.decoded(data, key: key, rows: rows, columns: columns)
        else { return nil }
        // Its time says when it was used last.
        try? FileManager.default.setAttributes(
            [.modificationDate: Date()], ofItemAtPath: file.path)
        return found
    }

    func keep(_ rows: Matrix, key: ContentDigest) {
        let data = PictureRowFile.encoded(rows, key: key)
        guard data.count <= budget else { return }
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        // Written beside and renamed: a reader sees all of it or nothing.
        try? data.write(to: file(key), options: .atomic)
        trim()
    }

    private func file(_ key: ContentDigest) -> URL {
        url.appendingPathComponent(key.hexadecimal + ".rows")
    }

    /// Removes the files used longest ago until the rest fits.
    private func trim() {
        let properties: [URLResourceKey] = [.fileSizeKey, .contentModificationDateKey]
        let urls =
            (try? FileManager.default.contentsOfDirectory(
                at: url, includingPropertiesForKeys: properties)) ?? []
        var files = urls.map { url in
            let values = try? url.resourceValues(forKeys: Set(properties))
            return (
                url: url, size: values?.fileSize ?? 0,
                time: values?.contentModificationDate ?? .distantPast
            )
        }
        var total = files.reduce(0) { $0 + $1.size }
        guard total > budget else { return }
        files.sort { $0.time < $1.time }
        for file in files where total > budget {
            try? FileManager.default.removeItem(at: file.url)
            total -= file.size
        }
    }
}
