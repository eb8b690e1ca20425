import Foundation
import ImageCodecs
import PersonalCaption

/// A small version of the composition, to be made away from the interface.
struct ComposePreviewJob: Sendable {
    struct Item: Sendable {
        let id: Int
        let placement: Placement
        let image: RGBAImage
    }

    /// Counts the versions of the scene; the result says which one it shows.
    let revision: Int
    let area: PixelArea
    let background: ComposePreviewBackground
    let items: [Item]

    /// Longest side of a preview in pixels.
    static let side = 640
}

/// What lies behind the pieces of a preview.
enum ComposePreviewBackground: Sendable {
    case plain(String)
    case pixels(RGBImage)
}

/// A finished preview.
struct ComposePreview: Sendable {
    let revision: Int
    let image: RGBImageBox
    /// The visible part of each piece, by its id.
    let boxes: [Int: CanvasBox]
    /// Why a piece cannot be seen, by its id.
    let problems: [Int: String]

    /// Composes what can be composed; pieces that cannot be seen are told, not thrown.
    static func make(_ job: ComposePreviewJob) -> ComposePreview {
        let canvas = background(job)
        var items = job.items
        var problems: [Int: String] = [:]
        while true {
            do throws(CompositionError) {
                let composed = try Composition.compose(items.map(composedItem), on: canvas)
                return finished(job, composed, items, problems)
            } catch {
                let (name, reason) = explain(error)
                guard let index = items.firstIndex(where: { String($0.id) == name }) else {
                    // Nothing in particular is to blame; show the rest of the screen at least.
                    items.removeAll()
                    continue
                }
                problems[items[index].id] = reason
                items.remove(at: index)
            }
        }
    }

    private static func background(_ job: ComposePreviewJob) -> RGBImage {
        switch job.background {
        case .pixels(let image): image
        case .plain(let name):
            (Background(name) ?? Background.named[0])
                .picture(width: job.area.width, height: job.area.height)
        }
    }

    private static func composedItem(_ item: ComposePreviewJob.Item) -> ComposedItem {
        var placement = item.placement
        // Errors name the placement; the id is unique where names may one day not be.
        placement.name = String(item.id)
        return ComposedItem(placement: placement, image: item.image)
    }

    private static func finished(
        _ job: ComposePreviewJob, _ composed: Composition, _ items: [ComposePreviewJob.Item],
        _ problems: [Int: String]
    ) -> ComposePreview {
        let (width, height) = (Double(composed.image.width), Double(composed.image.height))
        var boxes: [Int: CanvasBox] = [:]
        for (item, placed) in zip(items, composed.boxes) where placed.box.count == 4 {
            let box = placed.box.map(Double.init)
            boxes[item.id] = CanvasBox(
                x: box[0] / width, y: box[1] / height, width: (box[2] - box[0]) / width,
                height: (box[3] - box[1]) / height)
        }
        return ComposePreview(
            revision: job.revision, image: RGBImageBox(composed.image), boxes: boxes,
            problems: problems)
    }

    /// Which piece is to blame, and what is wrong with it in a clause.
    private static func explain(_ error: CompositionError) -> (name: String, reason: String) {
        switch error {
        case .covered(let name): (name, "hidden behind another piece")
        case .outside(let name, _, _): (name, "outside of the picture")
        case .transparent(let name): (name, "its picture is fully transparent")
        case .zeroSize(let name): (name, "too small to be seen")
        case .tooLarge(let name, _): (name, "too large")
        case .tooMany: ("", "too many pieces")
        }
    }
}
