import Foundation
import TerminalUI
import VLMRuntime

/// Writes when keys came and when they were on the screen, for measurements: `STUDIO_TRACE=FILE`.
final class AppTrace {
    private let file: FileHandle
    private let start = ContinuousClock.now
    private var waiting: [ContinuousClock.Instant] = []
    private var hasPainted = false

    init?(environment: [String: String]) {
        guard let path = environment["STUDIO_TRACE"], !path.isEmpty,
            FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { return nil }
        self.file = file
    }

    func keyArrived() { waiting.append(ContinuousClock.now) }

    /// After a frame is on the screen.
    ///
    /// - Parameter isWriting: whether the model is writing a caption.
    func painted(_ scene: Scene, isWriting: Bool) {
        let now = ContinuousClock.now
        if !hasPainted {
            hasPainted = true
            line("first_paint", start, now, scene, isWriting)
        }
        for key in waiting { line("key", key, now, scene, isWriting) }
        waiting = []
        line("frame", start, now, scene, isWriting)
    }

    private func line(
        _ kind: String, _ from: ContinuousClock.Instant, _ now: ContinuousClock.Instant,
        _ scene: Scene, _ isWriting: Bool
    ) {
        let milliseconds = (now - from).inSeconds * 1000
        let text =
            "{\"event\":\"\(kind)\",\"ms\":\(milliseconds),"
            + "\"at\":\((now - start).inSeconds * 1000),"
            + "\"wanted\":\(scene.requests.count),\"shown\":\(scene.shownPictures),"
            + "\"writing\":\(isWriting)}\n"
        try? file.write(contentsOf: Data(text.utf8))
    }
}
