import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption

/// The picture the demo composes itself: two concepts of the library on a plain background.
enum DemoComposition {
    private static let size = 224
    private static let places: [(x: Double, y: Double, width: Double)] = [
        (0.05, 0.08, 0.42), (0.52, 0.48, 0.42),
    ]

    /// Composes, writes the file and asks about it with one concept more than it shows.
    static func scene(in home: DemoHome, library: [Int: LibraryReference]) throws -> DemoScene? {
        let chosen = library.keys.sorted().prefix(places.count + 1).compactMap { library[$0] }
        guard chosen.count == places.count + 1 else { return nil }
        let items = zip(chosen, places).map { reference, place in
            ComposedItem(
                placement: Placement(
                    name: reference.concept.name, x: .fraction(place.x), y: .fraction(place.y),
                    width: .fraction(place.width)),
                image: reference.original, isFramed: false)
        }
        guard let background = Background("sand") else { return nil }
        let composition = try Composition.compose(
            items, on: background.picture(width: size, height: size))
        let file = home.file("composed.png")
        try ImageEncoder.png(composition.image).write(to: file)
        return DemoScene(
            file: file, image: composition.image, truth: composition.boxes.map(\.name),
            given: chosen, isComposed: true)
    }
}
