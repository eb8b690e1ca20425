import Foundation

/// Runs the user's editor on a file and waits for it.
enum EditorProcess {
    /// - Parameter command: as in `$EDITOR`, may hold arguments; the shell reads it as `git` does.
    static func run(_ command: String, file: URL) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "\(command) \"$1\"", "studio", file.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw StudioFailure(
                .failed,
                "the editor '\(command)' ended with code \(process.terminationStatus); "
                    + "set $EDITOR or editor.command to another one")
        }
    }
}
