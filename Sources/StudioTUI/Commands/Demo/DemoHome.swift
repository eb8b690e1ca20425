import ConceptDB
import Foundation

/// A library that exists only while the demo runs.
struct DemoHome {
    let home: StudioHome
    private let folder: URL
    private let interrupts: InterruptHandler
    private let cleanup: Int

    /// Makes an empty folder that is removed by `remove()`, and also when a second Ctrl-C ends the
    /// program at once.
    init(interrupts: InterruptHandler) throws {
        let template = FileManager.default.temporaryDirectory
            .appendingPathComponent("studio-demo-XXXXXX").path
        var path = Array(template.utf8CString)
        guard mkdtemp(&path) != nil else {
            let reason = String(cString: strerror(errno))
            throw StudioFailure(
                .failed,
                "\(template) cannot be made: \(reason); set TMPDIR to a folder you can write")
        }
        let text = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = URL(fileURLWithPath: text, isDirectory: true)
        self.folder = folder
        self.interrupts = interrupts
        home = StudioHome(directory: folder)
        cleanup = interrupts.addCleanup { @Sendable in
            try? FileManager.default.removeItem(at: folder)
        }
    }

    /// Takes the folder away.
    func remove() {
        interrupts.removeCleanup(cleanup)
        try? FileManager.default.removeItem(at: folder)
    }

    /// A file in the folder.
    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
}
