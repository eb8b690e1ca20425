/// How many colours a terminal can show, and what the app's colours become on it.
enum ColourDepth: Equatable {
    case none, eight, sixteen, full

    /// The depth of a terminal with so many colours.
    init(colours: Int) {
        switch colours {
        case 256...: self = .full
        case 16...: self = .sixteen
        case 8...: self = .eight
        default: self = .none
        }
    }

    /// Colours as numbers of the terminal's palette, -1 being its own, and attributes.
    struct Look: Hashable {
        var foreground: Int
        var background: Int
        var attributes: Attributes
    }

    /// What the style becomes.
    func look(_ style: Style) -> Look {
        var look = Look(
            foreground: index(style.foreground), background: index(style.background),
            attributes: style.attributes)
        if self == .eight {
            if look.foreground >= 8 {
                // The bright half of the palette is what bold has always meant.
                look.foreground -= 8
                look.attributes.insert(.bold)
            }
            if look.background >= 8 { look.background -= 8 }
        }
        if style.foreground != style.background, look.foreground == look.background,
            look.foreground >= 0
        {
            // Two colours became one: text must stay readable.
            look.foreground = Self.isDark(look.background) ? 7 : 0
        }
        return look
    }

    private func index(_ colour: Colour) -> Int {
        guard case .indexed(let index) = colour, self != .none else { return -1 }
        if self == .full || index < 16 { return Int(index) }
        return Int(Self.nearest[Int(index) - 16])
    }

    /// For 16 to 255, the one of the first 16 that looks most alike.
    private static let nearest: [UInt8] = (16...255).map { index in
        let wanted = channels(index)
        let best = (0..<16).min { distance(wanted, channels($0)) < distance(wanted, channels($1)) }
        return UInt8(best ?? 7)
    }

    private static func isDark(_ index: Int) -> Bool {
        let (red, green, blue) = channels(index)
        return 299 * red + 587 * green + 114 * blue < 128_000
    }

    /// A distance that weighs the channels as eyes do, roughly.
    private static func distance(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Int {
        let red = a.0 - b.0
        let green = a.1 - b.1
        let blue = a.2 - b.2
        return 3 * red * red + 6 * green * green + 2 * blue * blue
    }

    /// Red, green and blue of an entry as xterm has it.
    static func channels(_ index: Int) -> (Int, Int, Int) {
        switch index {
        case 0..<16: return named[index]
        case 16..<232:
            let cube = index - 16
            func level(_ step: Int) -> Int { step == 0 ? 0 : 55 + 40 * step }
            return (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        default:
            let grey = 8 + 10 * (index - 232)
            return (grey, grey, grey)
        }
    }

    private static let named: [(Int, Int, Int)] = [
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205),
        (0, 205, 205), (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0),
        (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
    ]
}
