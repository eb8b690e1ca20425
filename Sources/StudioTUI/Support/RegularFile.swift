import Foundation
import ImageCodecs

/// Checks that a path from outside is a plain file, without opening it: a pipe would block.
enum RegularFile {
    /// - Throws: `ImageReadError.notFound` or `.notARegularFile`.
    static func check(_ url: URL) throws(ImageReadError) {
        var facts = stat()
        guard stat(url.path, &facts) == 0 else { throw .notFound(file: url.path) }
        switch facts.st_mode & S_IFMT {
        case S_IFREG: return
        case S_IFDIR: throw .notARegularFile(file: url.path, kind: "a folder")
        case S_IFIFO: throw .notARegularFile(file: url.path, kind: "a pipe")
        default: throw .notARegularFile(file: url.path, kind: "a device or socket")
        }
    }
}
