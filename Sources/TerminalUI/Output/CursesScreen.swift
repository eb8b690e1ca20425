import CNCurses
import Glibc

/// The screen as ncurses draws it: cells go in, bytes for the terminal come out.
///
/// The only file that knows ncurses. ncurses keeps its state in globals, so there is one screen at
/// a time, used by one thread.
final class CursesScreen {
    enum Failure: Error {
        case unknownType, noCursorAddressing
    }

    /// How many colours the terminal has; 0 for none.
    let colours: Int
    private let depth: ColourDepth
    private let isUTF8: Bool
    private let memory: Int32
    private var pairs: [Int: Int32] = [:]
    private let remembersPairs: Bool
    private var isOpen = true

    /// Starts ncurses for a type of terminal.
    ///
    /// - Parameter memory: a file of its own, into which ncurses writes.
    init(type: String, size: Size, memory: Int32, isUTF8: Bool) throws(Failure) {
        switch screen_start(type, memory, Int32(size.rows), Int32(size.columns)) {
        case 0: break
        case -2: throw .noCursorAddressing
        default: throw .unknownType
        }
        self.memory = memory
        self.isUTF8 = isUTF8
        colours = Int(screen_colours())
        depth = ColourDepth(colours: colours)
        // Where pairs are few, ncurses reuses them, and a remembered number would be wrong.
        remembersPairs = screen_pairs() > 4096
        // ncurses entered the screen already, with margins for the size that terminfo knows; it
        // will enter it again with the first update.
        _ = leave()
    }

    /// Starts ncurses for the first of the types that the system describes.
    static func start(
        types: [String], size: Size, memory: Int32, isUTF8: Bool
    ) throws(TerminalOpenError) -> CursesScreen {
        for type in types {
            do {
                return try CursesScreen(type: type, size: size, memory: memory, isUTF8: isUTF8)
            } catch {
                if error == .noCursorAddressing { throw .noCursorAddressing(type) }
            }
        }
        throw .unknownType(types.last ?? "")
    }

    /// Ends ncurses; nothing is written.
    func close() {
        guard isOpen else { return }
        isOpen = false
        screen_end()
        _ = Glibc.close(memory)
    }

    /// Fits the screen to its new size.
    func resize(_ size: Size) { screen_resize(Int32(size.rows), Int32(size.columns)) }

    /// Puts cells of a screen model in place for the next `update`.
    ///
    /// ncurses moves lines where that is shorter than writing them, and cannot be told not to; the
    /// pixels on them would move too. It sees nothing to move when it gets one line at a time.
    func put(_ plan: PresentationPlan, of model: ScreenModel) {
        if plan.clears { screen_clear() }
        wipe(plan.wipes)
        let columns = model.size.columns
        model.cells.withUnsafeBufferPointer { cells in
            var row = plan.runs.first?.y
            for run in plan.runs {
                if plan.keepsLines, let previous = row, previous != run.y { screen_update_row() }
                row = run.y
                for x in run.x..<run.x + run.columns {
                    let index = run.y * columns + x
                    let isWide = x + 1 < columns && cells[index + 1].text.isEmpty
                    put(cells[index], isWide: isWide, x: x, y: run.y)
                }
            }
        }
    }

    /// Writes characters that are no sentinels into cells, and on to the terminal.
    private func wipe(_ runs: [PresentationPlan.Run]) {
        var scalar: UInt32 = isUTF8 ? 0xA0 : 0x2E
        for (index, run) in runs.enumerated() {
            for x in run.x..<run.x + run.columns {
                screen_put(Int32(run.y), Int32(x), &scalar, 1, UInt32(SCREEN_FAINT), 0)
            }
            let isLastOfRow = index + 1 == runs.count || runs[index + 1].y != run.y
            if isLastOfRow { screen_update_row() }
        }
    }

    /// The bytes that make the terminal show what was put, with its cursor there.
    func update(cursor: Point?) -> [UInt8] {
        screen_update(Int32(cursor?.y ?? -1), Int32(cursor?.x ?? 0))
        return drain()
    }

    /// The bytes that leave the screen; the next `update` enters it again.
    func leave() -> [UInt8] {
        screen_leave()
        return drain()
    }

    private func put(_ cell: Cell, isWide: Bool, x: Int, y: Int) {
        if cell.picture >= 0 { return putSentinel(second: cell.picture != 0, x: x, y: y) }
        if cell.text.isEmpty { return }
        let look = depth.look(cell.style)
        let attributes = UInt32(look.attributes.rawValue)
        let pair = pair(look)
        let bytes = cell.text.utf8
        if bytes.count == 1, let byte = bytes.first {
            var scalar = UInt32(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte)
            screen_put(Int32(y), Int32(x), &scalar, 1, attributes, pair)
            return
        }
        let scalars = shown(cell.text, isWide: isWide)
        screen_put(Int32(y), Int32(x), scalars, Int32(scalars.count), attributes, pair)
        if isWide, let first = scalars.first, screen_width(first) < 2 {
            var blank: UInt32 = 0x20
            screen_put(Int32(y), Int32(x + 1), &blank, 1, attributes, pair)
        }
    }

    /// A no-break space is a blank for eyes and a character for ncurses; bold, it is another one.
    private func putSentinel(second: Bool, x: Int, y: Int) {
        var scalar: UInt32 = isUTF8 ? 0xA0 : 0x20
        let attributes = isUTF8 ? (second ? SCREEN_BOLD : 0) : (second ? SCREEN_FAINT : SCREEN_BOLD)
        screen_put(Int32(y), Int32(x), &scalar, 1, UInt32(attributes), 0)
    }

    /// The scalars of a cell, or others where the C library takes the first one for wider or
    /// narrower than we do: what stands behind it would move.
    private func shown(_ text: String, isWide: Bool) -> [UInt32] {
        guard let first = text.unicodeScalars.first else { return [0x20] }
        guard isUTF8 else { return [PlainCharacters.ascii(first).value] }
        guard screen_width(first.value) == (isWide ? 2 : 1) else { return [0xFFFD] }
        return [first.value]
            + text.unicodeScalars.dropFirst().prefix(4).map(\.value)
            .filter { screen_width($0) == 0 }
    }

    private func pair(_ look: ColourDepth.Look) -> Int32 {
        if look.foreground < 0, look.background < 0 { return 0 }
        guard remembersPairs else {
            return screen_pair(Int32(look.foreground), Int32(look.background))
        }
        let key = (look.foreground + 1) << 16 | (look.background + 1)
        if let known = pairs[key] { return known }
        let pair = screen_pair(Int32(look.foreground), Int32(look.background))
        pairs[key] = pair
        return pair
    }

    /// Takes what ncurses wrote, and empties its file.
    private func drain() -> [UInt8] {
        let count = lseek(memory, 0, SEEK_CUR)
        guard count > 0 else { return [] }
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, used in
            used = max(0, pread(memory, buffer.baseAddress, Int(count), 0))
        }
        lseek(memory, 0, SEEK_SET)
        _ = ftruncate(memory, 0)
        return bytes
    }
}
