import Foundation

/// Reads small text files that came from outside.
enum BoundedText {
    /// Why a file was not read.
    enum Failure: Error, Equatable, CustomStringConvertible {
        case notARegularFile
        case tooLarge(limit: Int)
        case unreadable

        var description: String {
            switch self {
            case .notARegularFile: "it is not a regular file"
            case .tooLarge(let limit): "it has more than \(limit) bytes"
            case .unreadable: "it cannot be opened"
            }
        }
    }

    /// The bytes of a regular file; a pipe or device is refused before it could block.
    static func read(_ url: URL, limit: Int) throws(Failure) -> Data {
        // The type is asked of the target, so a link to a pipe is refused as well.
        let path = url.resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            throw .unreadable
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw .notARegularFile
        }
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: limit + 1) ?? Data()
        else { throw .unreadable }
        guard data.count <= limit else { throw .tooLarge(limit: limit) }
        return data
    }
}
