public import Foundation

/// Small files of training runs, written so that a crash leaves either the old one or the new one.
public enum DurableData {
    /// Writes under a temporary name, flushes to the disk, and renames.
    ///
    /// - Throws: `AdapterError.unwritable`.
    public static func write(_ data: Data, to url: URL) throws(AdapterError) {
        do throws(DurableFile.Failure) {
            try DurableFile.write(data, to: url)
        } catch {
            throw .unwritable(path: error.path, reason: error.reason)
        }
    }
}
