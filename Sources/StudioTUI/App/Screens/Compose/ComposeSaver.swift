import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI

/// Composes in full size and writes the picture with its known boxes.
struct ComposeSaver {
    let context: EffectContext
    let reporter: TaskReporter

    /// The file of boxes beside a picture: `milo.png` has `milo.json`.
    static func boxes(of picture: URL) -> URL {
        picture.deletingPathExtension().appendingPathExtension("json")
    }

    func save(_ scene: ComposeScene, to file: URL, replaces: Bool) throws {
        let sidecar = Self.boxes(of: file)
        if !replaces {
            for url in [file, sidecar] where FileManager.default.fileExists(atPath: url.path) {
                throw NewFile.Exists()
            }
        }
        let composition = try compose(scene)
        try reporter.checkCancellation()
        let isJPEG = ["jpg", "jpeg"].contains(file.pathExtension.lowercased())
        let picture =
            try isJPEG
            ? ImageEncoder.jpeg(composition.image, quality: 92)
            : ImageEncoder.png(composition.image)
        let document = ComposeCommand.Document(
            image: file.path, width: composition.image.width, height: composition.image.height,
            boxes: composition.boxes)
        let text = try StudioJSON.text(document) + "\n"
        if file.deletingLastPathComponent().path == context.places.home.queries.path {
            try FileManager.default.createDirectory(
                at: context.places.home.queries, withIntermediateDirectories: true)
        }
        try NewFile.write(picture, to: file, replaces: replaces)
        do {
            try NewFile.write(Data(text.utf8), to: sidecar, replaces: replaces)
        } catch {
            // A picture without its boxes would pass for a complete one.
            if !replaces { try? FileManager.default.removeItem(at: file) }
            throw error
        }
    }

    private func compose(_ scene: ComposeScene) throws -> Composition {
        let count = Double(scene.pieces.count + 2)
        var items: [ComposedItem] = []
        for (index, piece) in scene.pieces.enumerated() {
            reporter.progress(Double(index) / count, "reading \(piece.name)")
            let file = context.places.home.library.appending(path: piece.picture.path)
            guard FileManager.default.fileExists(atPath: file.path) else {
                throw StudioFailure(
                    .notFound,
                    "the picture of \(TerminalText.sanitized(piece.name)) is missing from the "
                        + "library; remove the piece, or run 'studio concept verify'")
            }
            let image = try ImageDecoder.decode(fileAt: file)
            items.append(ComposedItem(placement: scene.placement(of: piece), image: image))
            try reporter.checkCancellation()
        }
        reporter.progress((count - 2) / count, "composing")
        return try Composition.compose(items, on: try canvas(scene))
    }

    private func canvas(_ scene: ComposeScene) throws -> RGBImage {
        switch scene.background {
        case .picture(let url):
            try RegularFile.check(url)
            return try ImageDecoder.decode(fileAt: url).flattened()
        case .plain(let name):
            guard let plain = Background(name) else {
                throw StudioFailure(.notFound, "there is no background '\(name)'")
            }
            return plain.picture(width: scene.canvas.width, height: scene.canvas.height)
        }
    }
}
