public import Foundation
import ImageCodecs

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
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else {
            throw .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        // Whoever only asks holds it for a moment.
        for attempt in 1...Self.attempts {
            if flock(opened, LOCK_EX | LOCK_NB) == 0 {
                descriptor = opened
                return
            }
            if attempt < Self.attempts { usleep(10_000) }
        }
        close(opened)
        throw .busy
    }

    deinit { close(descriptor) }

    private static let attempts = 4

    /// Leaves word which run trains, for those who watch.
    public func announce(_ run: String) {
        let name = Data(run.utf8)
        // Not worth a word when it fails: nobody can tell then which run it is.
        _ = ftruncate(descriptor, 0)
        _ = name.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// The run that some process trains now; empty when it is not known which.
    public static func holder(runs: URL) -> String? {
        guard isHeld(runs: runs) else { return nil }
        let file = runs.appendingPathComponent(".lock")
        let data = (try? BoundedFile.read(file, limit: 256)) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    /// Whether some process trains now.
    public static func isHeld(runs: URL) -> Bool {
        let descriptor = open(
            runs.appendingPathComponent(".lock").path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }
}
