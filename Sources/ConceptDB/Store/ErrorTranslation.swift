import Foundation
import GRDB
import ImageCodecs

extension ConceptStoreError {
    /// Turns whatever a layer below threw into the one sentence that helps the user.
    init(_ error: any Error, library: String) {
        switch error {
        case let error as ConceptStoreError: self = error
        case let error as ImageReadError: self = .image(error)
        case let error as SystemFailure: self.init(error, library: library)
        case let error as DatabaseError: self.init(error, library: library)
        case let error as CocoaError: self.init(error, library: library)
        default: self = .database(library: library, reason: "\(error)")
        }
    }

    private init(_ failure: SystemFailure, library: String) {
        switch failure.code {
        // The folder the user chose, not the one of some temporary file inside it.
        case ENOSPC, EDQUOT: self = .diskFull(folder: library)
        case EACCES, EPERM, EROFS: self = .readOnly(folder: library)
        default: self = .file(path: failure.path, reason: failure.reason)
        }
    }

    private init(_ error: DatabaseError, library: String) {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(library: library)
        case .SQLITE_FULL: self = .diskFull(folder: library)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
            self = .readOnly(folder: library)
        case .SQLITE_NOTADB: self = .notADatabase(file: library + "/library.sqlite")
        case .SQLITE_CORRUPT:
            self = .damagedDatabase(library: library, reason: error.message ?? "unreadable page")
        // Growing the shared-memory file of WAL on a full disk ends here, not in SQLITE_FULL.
        case .SQLITE_IOERR where Self.isFull(library): self = .diskFull(folder: library)
        default:
            self = .database(library: library, reason: error.message ?? "\(error.resultCode)")
        }
    }

    private init(_ error: CocoaError, library: String) {
        switch error.code {
        case .fileWriteOutOfSpace: self = .diskFull(folder: library)
        case .fileWriteNoPermission, .fileWriteVolumeReadOnly, .fileReadNoPermission:
            self = .readOnly(folder: library)
        default:
            self = .unusableFolder(folder: library, reason: error.localizedDescription)
        }
    }

    /// Whether fewer than 64 KiB are left, two pages of shared memory.
    private static func isFull(_ folder: String) -> Bool {
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else { return false }
        return UInt64(facts.f_bavail) * UInt64(facts.f_frsize) < 64 << 10
    }
}
