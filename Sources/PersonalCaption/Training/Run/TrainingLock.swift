public import Foundation

/// Held by the process that trains; gone with it, however it ends.
public final class TrainingLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Parameter runs: the folder of all runs, made when absent.
    /// - Throws: `RunError.busy` when another process holds it.
    public init(runs: URL) throws(RunError) {
        let path = runs.appendingPathComponent(".lock").path
        do {
            try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
        } catch {
            throw .unwritable(path: runs.path, reason: "the folder cannot be made")
        }
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .busy
        }
    }

    deinit { close(descriptor) }

    /// Whether some process trains now.
    public static func isHeld(runs: URL) -> Bool {
        do throws(RunError) {
            _ = try TrainingLock(runs: runs)
            return false
        } catch {
            return error == .busy
        }
    }
}
