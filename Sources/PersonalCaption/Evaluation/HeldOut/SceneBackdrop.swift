import Foundation

/// Backgrounds drawn by rule, of the kinds the embedded model was trained on.
struct SceneBackdrop {
    typealias Color = SIMD3<Float>

    private enum Kind: CaseIterable {
        case plain, gradient, field, beach, snow, water, night, room, checks, stripes, mottled
        case bricks, hills, clouds, blur
    }

    private static let colors: [String: Color] = [
        "red": Color(205, 45, 45), "orange": Color(235, 140, 40), "yellow": Color(235, 215, 70),
        "green": Color(70, 160, 70), "blue": Color(60, 110, 200),
        "light blue": Color(165, 205, 240), "purple": Color(130, 75, 175),
        "pink": Color(240, 165, 190), "brown": Color(125, 85, 50), "black": Color(25, 25, 28),
        "white": Color(245, 245, 243), "gray": Color(140, 140, 142), "cream": Color(243, 230, 200),
        "dark green": Color(30, 80, 45), "navy": Color(25, 35, 80), "teal": Color(40, 140, 140),
    ]
    private static let names = colors.keys.sorted()

    /// The picture, `width * height` colours of 0…255, row by row.
    private(set) var pixels: [Color]
    private let width: Int
    private let height: Int
    private var draw: IndexDraw

    /// Draws one of the kinds; the seed decides everything.
    init(width: Int, height: Int, seed: UInt64) {
        self.width = width
        self.height = height
        draw = IndexDraw(seed: seed)
        pixels = Array(repeating: .zero, count: width * height)
        paint(draw.element(of: Kind.allCases) ?? .plain)
        if draw.nextUnit() < 0.3 { addNoise(cells: max(width, height), strength: 5) }
        let white = Color(repeating: 255)
        for index in pixels.indices {
            pixels[index] = pixels[index].clamped(lowerBound: .zero, upperBound: white)
        }
    }

    private mutating func paint(_ kind: Kind) {
        switch kind {
        case .plain:
            let color = anyColor()
            each { _, _ in color }
        case .gradient:
            let (from, to, isAcross) = (anyColor(), anyColor(), draw.nextUnit() < 0.4)
            each { x, y in from + (to - from) * (isAcross ? x : y) }
        case .field: paintLand("light blue", "green")
        case .beach: paintLand("light blue", "cream")
        case .snow: paintLand("light blue", "white")
        case .water: paintLand("light blue", "blue")
        case .night: paintLand("navy", "black")
        case .room: paintRoom()
        case .checks: paintPattern(isChecked: true)
        case .stripes: paintPattern(isChecked: false)
        case .mottled:
            let color = anyColor()
            each { _, _ in color }
            addNoise(cells: 8 + draw.next(below: 40), strength: 25)
        case .bricks: paintBricks()
        case .hills: paintHills()
        case .clouds:
            let sky = color("light blue")
            let clouds = smooth(cells: 5), wisps = smooth(cells: 20)
            eachIndex {
                sky + (Color(repeating: 250) - sky) * (0.5 + (clouds[$0] + 0.4 * wisps[$0]))
            }
        case .blur:
            let (red, green, blue) = (smooth(cells: 6), smooth(cells: 6), smooth(cells: 6))
            let color = anyColor()
            eachIndex { color + 120 * Color(red[$0], green[$0], blue[$0]) }
        }
    }

    // MARK: Kinds

    /// Sky above ground, with a horizon between a third and two thirds of the height.
    private mutating func paintLand(_ sky: String, _ ground: String) {
        let horizon = number(0.3...0.6)
        let (above, below) = (color(sky), color(ground))
        let haze = sky == "navy" ? above * 0.5 : above * 0.5 + 120
        each { _, y in y < horizon ? above + (haze - above) * (y / horizon) : below }
        addNoise(cells: 30 + draw.next(below: 60), strength: number(4...14), from: horizon)
    }

    private mutating func paintRoom() {
        let wall = color(draw.element(of: ["cream", "light blue", "pink", "gray", "yellow"]) ?? "")
        let floor = color(draw.element(of: ["brown", "gray", "dark green", "red"]) ?? "")
        let (edge, plank) = (number(0.55...0.75), number(0.06...0.14))
        each { x, y in
            if y < edge { return y > edge - 0.012 ? Color(repeating: 235) : wall }
            return x.truncatingRemainder(dividingBy: plank) < 0.008 ? floor * 0.8 : floor
        }
    }

    private mutating func paintPattern(isChecked: Bool) {
        let (first, second) = (anyColor(), anyColor())
        let (size, isTurned) = (number(0.05...0.2), draw.nextFlip())
        each { x, y in
            let (across, down) = isTurned ? (y, x) : (x, y)
            let step = Int(across / size) + (isChecked ? Int(down / size) : 0)
            return step.isMultiple(of: 2) ? first : second
        }
    }

    private mutating func paintBricks() {
        let (mortar, brick) = (
            color("gray"), color(draw.element(of: ["red", "brown"]) ?? "") * 0.8
        )
        let tall = number(0.06...0.13)
        let wide = tall * 2.2
        each { x, y in
            let row = Int(y / tall)
            let shifted = x + (row.isMultiple(of: 2) ? 0 : wide / 2)
            let isEdge =
                y.truncatingRemainder(dividingBy: tall) < 0.012
                || shifted.truncatingRemainder(dividingBy: wide) < 0.012
            return isEdge ? mortar : brick
        }
        addNoise(cells: 40, strength: 8)
    }

    private mutating func paintHills() {
        let (sky, green) = (color("light blue"), color("green"))
        let waves = (0..<3).map { (number(0.03...0.1), number(3...9), number(0...6), Float($0)) }
        each { x, y in
            var seen = sky + (Color(repeating: 240) - sky) * y
            for (strength, frequency, phase, depth) in waves
            where y > 0.4 + 0.18 * depth + strength * sin(x * frequency + phase) {
                seen = green * (0.65 + 0.17 * depth)
            }
            return seen
        }
    }

    // MARK: Parts

    private mutating func number(_ range: ClosedRange<Double>) -> Float {
        Float(draw.next(in: range))
    }

    private mutating func color(_ name: String) -> Color {
        let shift = Color(number(-20...20), number(-20...20), number(-20...20))
        return (Self.colors[name] ?? Color(repeating: 128)) + shift
    }

    private mutating func anyColor() -> Color { color(draw.element(of: Self.names) ?? "gray") }

    /// Sets every pixel from its place, each coordinate 0…1.
    private mutating func each(_ color: (_ x: Float, _ y: Float) -> Color) {
        for y in 0..<height {
            for x in 0..<width {
                pixels[y * width + x] = color(
                    Float(x) / Float(max(width - 1, 1)), Float(y) / Float(max(height - 1, 1)))
            }
        }
    }

    private mutating func eachIndex(_ color: (Int) -> Color) {
        for index in pixels.indices { pixels[index] = color(index) }
    }

    private mutating func addNoise(cells: Int, strength: Float, from top: Float = 0) {
        let noise = smooth(cells: cells)
        let start = Int(top * Float(height)) * width
        for index in max(0, start)..<pixels.count { pixels[index] += 2 * strength * noise[index] }
    }

    /// Noise of about −1…1: random values on a grid of so many cells, with smooth passages.
    private mutating func smooth(cells: Int) -> [Float] {
        let side = cells + 2
        let grid = (0..<side * side).map { _ in number(-1...1) }
        var noise = [Float](repeating: 0, count: width * height)
        for y in 0..<height {
            let (row, down) = Self.cell(y, of: height, cells)
            for x in 0..<width {
                let (column, right) = Self.cell(x, of: width, cells)
                let corner = row * side + column
                let above = grid[corner] + (grid[corner + 1] - grid[corner]) * right
                let below =
                    grid[corner + side] + (grid[corner + side + 1] - grid[corner + side]) * right
                noise[y * width + x] = above + (below - above) * down
            }
        }
        return noise
    }

    private static func cell(_ place: Int, of whole: Int, _ cells: Int) -> (Int, Float) {
        let exact = Float(place) / Float(whole) * Float(cells)
        let part = exact - exact.rounded(.down)
        return (Int(exact), part * part * (3 - 2 * part))
    }
}
