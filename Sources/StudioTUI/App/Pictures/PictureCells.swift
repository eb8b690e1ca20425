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
        func index(_ x: Int, _ y: Int) -> Colour {
            guard y < image.height else { return .indexed(colours < 256 ? 0 : 16) }
            let at = (y * image.width + x) * 3
            let colour = (
                Int(image.pixels[at]), Int(image.pixels[at + 1]), Int(image.pixels[at + 2])
            )
            let index =
                colours < 256
                ? TerminalPalette.index16(colour, colours: colours)
                : TerminalPalette.index240(colour)
            return .indexed(UInt8(index))
        }
        return (0..<(image.height + 1) / 2).map { row in
            (0..<image.width).map { x in
                Cell(
                    "▀",
                    style: Style(
                        foreground: index(x, row * 2), background: index(x, row * 2 + 1)))
            }
        }
    }

    /// Characters of different ink.
    static func ramp(_ image: RGBImage, isLight: Bool) -> [[Cell]] {
        AsciiRamp.rows(image, isLight: isLight).map { row in row.map { Cell(String($0)) } }
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
