import Foundation

/// Runs the user's editor on a file and waits for it.
enum EditorProcess {
    /// The editor of the settings, else `$VISUAL`, else `$EDITOR`, else `vi`.
    static func command(_ setting: String?, _ environment: [String: String]) -> String {
        [setting, environment["VISUAL"], environment["EDITOR"]].compactMap { $0 }
            .first { !$0.isEmpty } ?? "vi"
    }

    /// - Parameter command: may hold arguments; the shell reads it, as `git` does.
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
