import Foundation
import ImageCodecs

/// Checks that a path from outside is a plain file, without opening it: a pipe would block.
enum RegularFile {
    /// - Throws: a failure with a sentence when nothing is there, or something else than a file.
    static func check(_ url: URL) throws(StudioFailure) {
        guard let facts = FileFacts(url.path) else {
            throw StudioFailure(.notFound, "there is no file '\(url.path)'")
        }
        let kind: String
        switch facts.kind {
        case .file: return
        case .folder: kind = "a folder"
        case .pipe: kind = "a pipe"
        default: kind = "a device or socket"
        }
        throw StudioFailure(.badInput, "'\(url.path)' is \(kind), not a file")
    }
}

/// The reason inside Foundation's file errors, in a few words.
enum FileReason {
    static func text(_ error: any Error) -> String {
        let error = error as NSError
        let cause = (error.userInfo[NSUnderlyingErrorKey] as? NSError) ?? error
        if cause.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(cause.code)))
        }
        switch CocoaError.Code(rawValue: cause.code) {
        case .fileNoSuchFile, .fileReadNoSuchFile: return "there is no such folder"
        case .fileWriteNoPermission, .fileReadNoPermission: return "you may not write there"
        case .fileWriteOutOfSpace: return "the disk is full"
        case .fileWriteVolumeReadOnly: return "it is on a read-only disk"
        default: return cause.localizedDescription
        }
    }
}
