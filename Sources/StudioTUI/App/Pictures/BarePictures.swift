import ImageCodecs
import Synchronization

/// The pixels of the last few pictures whose marks move, so that a crop frame that is dragged does
/// not make the picture below it be decoded at every step.
final class BarePictures: Sendable {
    struct Name: Equatable, Sendable {
        let identity: String
        let width: Int
        let height: Int
        let quality: PictureQuality
        let background: PictureColour
    }

    /// The quick and the good version of one picture; each may take a few megabytes.
    private static let limit = 2

    private let kept = Mutex<[(name: Name, image: RGBImage)]>([])

    func find(_ name: Name) -> RGBImage? {
        kept.withLock { $0.first { $0.name == name }?.image }
    }

    func keep(_ image: RGBImage, _ name: Name) {
        kept.withLock { kept in
            kept.removeAll { $0.name == name }
            kept.append((name, image))
            if kept.count > Self.limit { kept.removeFirst() }
        }
    }
}
