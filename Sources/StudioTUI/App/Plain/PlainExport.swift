import ConceptDB
import Foundation
import VLMRuntime

/// Files in plain mode: the history as text, the concepts as an archive.
struct PlainExport {
    let studio: PlainStudio

    private var dialogue: PlainDialogue { studio.dialogue }

    func run() throws(PlainLeave) {
        let choice = try dialogue.choose(
            "What to write?",
            [
                ("Markdown", "the history, for people"),
                ("JSON", "the history, for programs"),
                ("Concepts", "all concepts with their pictures, as one archive"),
            ])
        guard let choice, let file = try chooseFile() else { return }
        switch choice {
        case 0: try write(.markdown, to: file)
        case 1: try write(.json, to: file)
        default: try writeConcepts(to: file)
        }
    }

    private func chooseFile() throws(PlainLeave) -> URL? {
        while true {
            let answer = try dialogue.ask(
                "File to write",
                help: "~ is your home folder; relative paths start at "
                    + "\(studio.places.workingFolder).")
            guard let answer else { return nil }
            let file = studio.file(answer)
            guard FileManager.default.fileExists(atPath: file.path) else { return file }
            if try dialogue.confirm("\(file.path) exists. Replace it?") { return file }
        }
    }

    private func write(_ format: HistoryFormat, to file: URL) throws(PlainLeave) {
        let count = try dialogue.attempt {
            let captions = try studio.store().captions(CaptionQuery()).captions
            try HistoryText.write(
                try HistoryText.text(captions, format), to: file, shownName: file.path)
            return captions.count
        }
        if let count {
            dialogue.say("Wrote \(TextForm.count(count, "caption")) to \(file.path).")
        }
    }

    private func writeConcepts(to file: URL) throws(PlainLeave) {
        let report = try studio.interruptible { flag in
            try studio.store().exportArchive(
                to: file, concepts: nil, progress: { _, _ in !flag.isCancelled })
        }
        if let report {
            dialogue.say(
                "Wrote \(TextForm.count(report.concepts, "concept")) with "
                    + "\(TextForm.count(report.images, "picture")) to \(file.path).")
        }
    }
}
