import Foundation
import ImageCodecs
import TerminalUI

/// Draws pictures in the flow of a terminal's output, in the way chosen once at the start.
struct TerminalPicture: Sendable {
    let choice: ImageProtocolChoice
    let facts: TerminalFacts

    /// The rows a picture takes without being asked for a size.
    static let usualRows = 12

    /// Looks at the terminal once; asks it for sixel only when its answer could matter.
    static func detect(
        environment: [String: String], console: Console, colourIsOff: Bool,
        ask: ([String: String]) -> TerminalReport? = TerminalProbe.ask
    ) -> TerminalPicture {
        var facts = TerminalFacts(
            outputIsTerminal: console.outputIsTerminal, environment: environment,
            colourIsOff: colourIsOff)
        facts.isUTF8 = LocaleText.isUTF8(environment)
        let wish = environment[ImageProtocolChoice.variable] ?? ""
        if facts.outputIsTerminal, wish.isEmpty || wish == ImageProtocol.sixel.rawValue {
            facts.report = ask(environment)
        }
        TerminalMeasure.fill(&facts)
        return TerminalPicture(choice: ImageProtocolChoice.decide(facts), facts: facts)
    }

    /// Whether there is anything to see, rather than a line of text.
    var showsPixels: Bool { choice.method != .card }

    /// Where a picture of this size would go; never more than the screen less its last row.
    func placement(
        width: Int, height: Int, columns: Int? = nil, rows: Int? = nil
    ) -> PicturePlacement {
        // A sixel that touches the last row scrolls the screen, so one row stays free.
        let rowLimit = max(1, min(rows ?? defaultRows, facts.size.rows - 2))
        let columnLimit = max(1, min(columns ?? facts.size.columns, facts.size.columns))
        if choice.method == .sixel {
            return PictureFit.sixel(
                width: width, height: height, columns: columnLimit, rows: rowLimit,
                cell: facts.cell)
        }
        return PictureFit.halfBlocks(
            width: width, height: height, columns: columnLimit, rows: rowLimit, cell: facts.cell)
    }

    /// Half blocks need more cells than sixel for the same picture to be recognised.
    private var defaultRows: Int { choice.method == .sixel ? Self.usualRows : Self.usualRows + 4 }

    /// The bytes that draw the picture and leave the cursor at the start of the row below it.
    ///
    /// - Parameters:
    ///   - indent: columns left free before it.
    ///   - label: the text card for a terminal that shows none.
    func bytes(
        _ image: RGBImage, at placement: PicturePlacement, indent: Int = 0, label: String = ""
    ) -> Data {
        guard showsPixels else { return Data("[\(TerminalText.sanitized(label))]\n".utf8) }
        let scaled = Resampler.bicubic(
            image, width: placement.pixelWidth, height: placement.pixelHeight)
        let margin = String(repeating: " ", count: indent)
        switch choice.method {
        case .sixel: return sixel(scaled, placement, indent: indent)
        case .blocks: return Self.lines(HalfBlocks.rows(scaled, palette: .trueColour), margin)
        case .indexed256: return Self.lines(HalfBlocks.rows(scaled, palette: .indexed256), margin)
        case .sixteen: return Self.lines(HalfBlocks.rows(scaled, palette: .sixteen), margin)
        case .ascii: return Self.lines(AsciiRamp.rows(scaled), margin)
        case .card: return Data()
        }
    }

    private static func lines(_ rows: [String], _ margin: String) -> Data {
        Data(rows.map { "\(margin)\($0)\n" }.joined().utf8)
    }

    /// Makes room first, then draws into it: so the screen never scrolls under the picture, and the
    /// cursor is known afterwards although terminals disagree about where a sixel leaves it.
    private func sixel(_ image: RGBImage, _ placement: PicturePlacement, indent: Int) -> Data {
        let colours = min(256, max(facts.report?.colourRegisters ?? 256, 2))
        guard let body = Sixel.encode(image, colours: colours) else { return Data() }
        let rows = placement.rows
        var bytes = Data(
            "\(String(repeating: "\n", count: rows))\u{1B}[\(rows)A\u{1B}7".utf8)
        if indent > 0 { bytes += Data("\u{1B}[\(indent)C".utf8) }
        bytes += body
        bytes += Data("\u{1B}8\u{1B}[\(rows)B\r".utf8)
        return bytes
    }
}

/// The character set of the locale, from the variables that decide it.
enum LocaleText {
    /// `LC_ALL` wins over `LC_CTYPE`, which wins over `LANG`; the first that is set counts.
    ///
    /// Without any (a bare container) terminals are UTF-8 all the same.
    static func isUTF8(_ environment: [String: String]) -> Bool {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }
        guard let name = names.first(where: { !$0.isEmpty })?.lowercased() else { return true }
        return name.contains("utf-8") || name.contains("utf8")
    }
}
