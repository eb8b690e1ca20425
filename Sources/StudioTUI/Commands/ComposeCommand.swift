import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI

/// `studio compose OUT.png --background IMG --place NAME@X,Y,W ...`.
struct ComposeCommand: StudioCommand {
    struct Document: Encodable {
        let image: String
        let width, height: Int
        let boxes: [PlacedBox]
    }

    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "Build a picture from concepts of the library, and print where each one is.",
        discussion: """
            A placement is NAME@X,Y,W: left top corner and width, in pixels or percent of the \
            background. ',r15' after it turns it by 15 degrees, ',flip' mirrors it; later ones \
            cover earlier ones.
            Backgrounds without a picture: \
            \(Background.named.map(\.name).joined(separator: ", ")), or a colour such as #ffcc00.
            """)

    @Argument(help: "The picture to write; .png, or .jpg.", completion: .file())
    var output: String

    @Option(
        help: "A picture, the name of a background, or a colour.", completion: .file())
    var background: String

    @Option(
        name: .customLong("place"),
        help: ArgumentHelp("A concept and where it goes; up to four.", valueName: "NAME@X,Y,W"))
    var places: [String]

    @Option(help: ArgumentHelp("Size of a background that is no picture.", valueName: "WxH"))
    var size = PixelSize.standard

    @Flag(help: "Draw the picture on the terminal.")
    var show = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        for place in places {
            do { _ = try Placement(parsing: place) } catch {
                throw ValidationError(error.description)
            }
        }
    }

    func run(_ session: Session) throws {
        let store = try session.store()
        let items = try places.map { text in
            var placement = try Placement(parsing: text)
            let reference = try LibraryReference.read(placement.name, from: store)
            placement.name = reference.concept.name
            return ComposedItem(placement: placement, image: reference.original)
        }
        let composition = try Composition.compose(items, on: try canvas())
        try write(composition.image)
        if common.json {
            return try session.printJSON(
                Document(
                    image: output, width: composition.image.width,
                    height: composition.image.height, boxes: composition.boxes))
        }
        if show {
            let picture = session.picture()
            let place = picture.placement(
                width: composition.image.width, height: composition.image.height)
            session.console.write(picture.bytes(composition.image, at: place, label: output))
        }
        for box in composition.boxes {
            let corners = box.box.map(String.init).joined(separator: ",")
            session.print("\(TerminalText.sanitized(box.name))\t\(corners)")
        }
        session.note("wrote \(TerminalText.sanitized(output))")
    }

    /// The background's pixels; a file wins over a name.
    private func canvas() throws -> RGBImage {
        let url = URL(fileURLWithPath: background)
        guard FileManager.default.fileExists(atPath: url.path) else {
            guard let plain = Background(background) else {
                let names = Background.named.map(\.name).joined(separator: ", ")
                throw StudioFailure(
                    .notFound,
                    "there is neither a picture nor a background '\(background)'; give a file, a "
                        + "colour such as #ffcc00, or one of \(names)")
            }
            return plain.picture(width: size.width, height: size.height)
        }
        return try ImageDecoder.decode(fileAt: url).flattened()
    }

    private func write(_ image: RGBImage) throws {
        let isJPEG = ["jpg", "jpeg"].contains((output as NSString).pathExtension.lowercased())
        do {
            let data = try isJPEG ? ImageEncoder.jpeg(image, quality: 92) : ImageEncoder.png(image)
            try data.write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            throw StudioFailure(
                .failed,
                "\(output) cannot be written: \(FileReason.text(error)); choose another file")
        }
    }
}
