import Foundation

/// Shows a file in whatever program the desktop uses for it.
enum ExternalOpener {
    static func open(_ url: URL, _ context: EffectContext) {
        context.background {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["xdg-open", url.path]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            if process.terminationStatus != 0 {
                context.post(
                    .toast(.warning, "xdg-open could not show \(url.path); is a desktop running?"))
            }
        }
    }
}
