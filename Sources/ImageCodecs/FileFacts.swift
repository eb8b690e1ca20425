import Foundation

/// What the system says about a file.
///
/// The one place above which nobody calls `stat`: where SwiftNIO is loaded, the compiler takes that
/// name for Dispatch's own and offers no import that makes it visible.
public struct FileFacts: Sendable, Equatable {
    /// What a path leads to.
    public enum Kind: Sendable {
        /// A plain file.
        case file
        /// A folder.
        case folder
        /// A symbolic link; only when links are not followed.
        case link
        /// A named pipe.
        case pipe
        /// A device or a socket.
        case other
    }

    /// What it is.
    public let kind: Kind
    /// Bytes.
    public let size: Int
    /// When it was written last, in nanoseconds since 1970.
    public let modified: Int64
    /// Who may do what: the lower nine bits of its mode.
    public let permissions: UInt32
    /// The disk it lies on.
    public let device: UInt64
    /// Its number there.
    public let inode: UInt64

    /// Facts about what a path leads to; `nil` when nothing can be said.
    ///
    /// - Parameter followsLinks: false for the link itself.
    public init?(_ path: String, followsLinks: Bool = true) {
        var facts = stat()
        guard (followsLinks ? stat(path, &facts) : lstat(path, &facts)) == 0 else { return nil }
        self.init(facts)
    }

    /// Facts about an open file; `nil` when it is not open.
    public init?(descriptor: Int32) {
        var facts = stat()
        guard descriptor >= 0, fstat(descriptor, &facts) == 0 else { return nil }
        self.init(facts)
    }

    private init(_ facts: stat) {
        kind =
            switch facts.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            case S_IFIFO: .pipe
            default: .other
            }
        size = Int(facts.st_size)
        #if os(Linux)
            let time = facts.st_mtim
        #else
            let time = facts.st_mtimespec
        #endif
        modified = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        permissions = UInt32(facts.st_mode) & 0o777
        device = UInt64(truncatingIfNeeded: facts.st_dev)
        inode = UInt64(truncatingIfNeeded: facts.st_ino)
    }
}
