import Foundation
import ImageCodecs
import PersonalCaption
import VLMRuntime

extension TrainingStage {
    /// More than anybody looks at.
    private static let mostPictures = 100

    /// Writes what the scenes kept back show, so that people can judge the captions too.
    ///
    /// Training does not need them, so nothing is said when they cannot be written.
    func keepPictures(in folder: RunFolder) {
        let files = FileManager.default
        guard !heldOut.isEmpty, !files.fileExists(atPath: folder.heldOutPictures.path) else {
            return
        }
        try? files.createDirectory(at: folder.heldOutPictures, withIntermediateDirectories: true)
        for (index, episode) in heldOut.prefix(Self.mostPictures).enumerated() {
            guard let picture = episode.queryPicture, let data = try? ImageEncoder.png(picture)
            else { continue }
            try? data.write(to: folder.heldOutPicture(index), options: .atomic)
        }
    }
}

extension Episode {
    /// The picture that is asked about: the last one of the chat.
    var queryPicture: RGBImage? {
        for message in messages.reversed() {
            for case .image(let image) in message.parts.reversed() { return image.pixels }
        }
        return nil
    }
}
