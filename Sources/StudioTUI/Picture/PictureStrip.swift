import Foundation
import ImageCodecs
import TerminalUI

/// Pictures with words beside them, in the flow of the terminal's output.
struct PictureStrip {
    let picture: TerminalPicture
    let style: TextStyle

    /// The query picture, and below it the covers of the concepts in a row over their names.
    func bytes(
        query: RGBImage, label: String, covers: [(name: String, image: RGBImage)]
    ) -> Data {
        let place = picture.placement(width: query.width, height: query.height)
        var bytes = picture.bytes(query, at: place, label: label)
        guard !covers.isEmpty, picture.showsPixels else { return bytes }
        bytes += row(covers)
        return bytes
    }

    /// Text to the right of a picture, beginning on its first row; below it where there is no room.
    ///
    /// - Parameter lines: builds the lines for a width in columns; they must be sanitised.
    func beside(
        _ image: RGBImage, label: String, rows: Int? = nil, lines: (Int) -> [String]
    ) -> Data {
        let drawn = opening(image, label: label, rows: rows)
        return drawn.bytes + closing(drawn.placement, lines: lines)
    }

    /// The picture alone, to be followed by `closing` once the words are known.
    func opening(
        _ image: RGBImage, label: String, rows: Int? = nil
    ) -> (bytes: Data, placement: PicturePlacement) {
        let columns = max(8, picture.facts.size.columns / 2)
        let place = picture.placement(
            width: image.width, height: image.height, columns: columns, rows: rows)
        return (picture.bytes(image, at: place, label: label), place)
    }

    /// Goes back up beside the picture just drawn, writes the words and leaves the cursor below.
    func closing(_ placement: PicturePlacement, lines: (Int) -> [String]) -> Data {
        let column = placement.columns + 3
        let width = picture.facts.size.columns - column
        guard picture.showsPixels, width >= 24 else {
            return Data(lines(picture.facts.size.columns).map { "\($0)\n" }.joined().utf8)
        }
        var text = "\u{1B}[\(placement.rows)A"
        let all = lines(width)
        for line in all { text += "\u{1B}[\(column)G\(line)\n" }
        if all.count < placement.rows { text += "\u{1B}[\(placement.rows - all.count)B" }
        return Data("\(text)\r".utf8)
    }

    /// Small pictures side by side, made into one so that every protocol can draw them.
    private func row(_ covers: [(name: String, image: RGBImage)]) -> Data {
        let side = 112
        let gap = 12
        let width = covers.count * (side + gap) - gap
        var sheet = RGBImage(
            width: width, height: side, pixels: [UInt8](repeating: 0, count: width * side * 3))
        for (index, cover) in covers.enumerated() {
            let small = Resampler.bicubic(cover.image, width: side, height: side)
            sheet.paste(small, left: index * (side + gap))
        }
        let place = picture.placement(width: width, height: side, rows: 6)
        var bytes = picture.bytes(sheet, at: place)
        let slot = max(1, place.columns * (side + gap) / width)
        let names = covers.enumerated().map { index, cover in
            let name = TerminalText.padded(TerminalText.sanitized(cover.name), to: slot - 1)
            return style(name, .concept(index))
        }
        bytes += Data((names.joined(separator: " ") + "\n").utf8)
        return bytes
    }
}

extension RGBImage {
    /// Copies a picture of the same height into this one.
    mutating func paste(_ image: RGBImage, left: Int) {
        for y in 0..<min(height, image.height) {
            let count = min(image.width, width - left) * 3
            let from = y * image.width * 3
            let to = (y * width + left) * 3
            pixels.replaceSubrange(to..<to + count, with: image.pixels[from..<from + count])
        }
    }
}
