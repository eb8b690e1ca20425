import Foundation
import ImageCodecs
import TerminalUI

/// Pictures as ordinary cells.
enum PictureCells {
    /// Upper half blocks: one pixel across and two down in each cell.
    ///
    /// - Parameter colours: 8, 16 or 256, of which the first 16 are left out.
    static func halfBlocks(_ image: RGBImage, colours: Int) -> [[Cell]] {
        let image = colours < 256 ? TerminalPalette.dithered(image, colours: colours) : image
        return (0..<(image.height + 1) / 2).map { row in
            (0..<image.width).map { x in
                let lower = row * 2 + 1 < image.height ? pixel(image, x, row * 2 + 1) : (0, 0, 0)
                return Cell(
                    "▀",
                    style: Style(
                        foreground: index(pixel(image, x, row * 2), colours),
                        background: index(lower, colours)))
            }
        }
    }

    /// Characters of different ink, in the picture's colours where there are any.
    static func ramp(_ image: RGBImage, isLight: Bool, colours: Int) -> [[Cell]] {
        AsciiRamp.rows(image, isLight: isLight).enumerated().map { row, line in
            line.enumerated().map { x, sign in
                guard colours >= 8 else { return Cell(String(sign)) }
                let (upper, lower) = (
                    pixel(image, x, row * 2), pixel(image, x, min(row * 2 + 1, image.height - 1))
                )
                let mean = (
                    (upper.0 + lower.0) / 2, (upper.1 + lower.1) / 2, (upper.2 + lower.2) / 2
                )
                return Cell(String(sign), style: Style(foreground: index(mean, colours)))
            }
        }
    }

    private static func pixel(_ image: RGBImage, _ x: Int, _ y: Int) -> (Int, Int, Int) {
        let at = (y * image.width + x) * 3
        return (Int(image.pixels[at]), Int(image.pixels[at + 1]), Int(image.pixels[at + 2]))
    }

    private static func index(_ colour: (Int, Int, Int), _ colours: Int) -> Colour {
        let index =
            colours < 256
            ? TerminalPalette.index16(colour, colours: colours) : TerminalPalette.index240(colour)
        return .indexed(UInt8(index))
    }

    /// A few words in the middle of a box.
    static func card(_ facts: PictureFacts, label: String, box: Size, isUTF8: Bool) -> [[Cell]] {
        let times = isUTF8 ? "×" : "x"
        var lines = [label, "\(facts.width)\(times)\(facts.height)"]
        if let format = facts.format { lines[1] += " \(format.displayName)" }
        if let bytes = facts.bytes { lines.append(size(bytes)) }
        let shown = lines.map { TerminalText.sanitized($0) }.filter { !$0.isEmpty }
            .flatMap { TerminalText.wrapped($0, to: max(1, box.columns)) }
            .prefix(max(1, box.rows))
        let width = min(max(1, box.columns), shown.map { TerminalText.width($0) }.max() ?? 1)
        return shown.map { cells($0, columns: width) }
    }

    /// A line of text as cells.
    private static func cells(_ line: String, columns: Int) -> [Cell] {
        var frame = Frame(size: Size(columns: columns, rows: 1))
        frame.write(line, x: 0, y: 0)
        return frame.cells
    }

    private static func size(_ bytes: Int) -> String {
        if bytes < 1000 { return "\(bytes) bytes" }
        if bytes < 1_000_000 { return "\(bytes / 1000) kB" }
        return "\(bytes / 1_000_000).\(bytes / 100_000 % 10) MB"
    }
}
