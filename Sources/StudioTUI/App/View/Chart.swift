import TerminalUI

/// A curve made of text: braille dots, blocks in one row, or ASCII.
struct Chart: Sendable, Equatable {
    struct Point: Sendable, Equatable {
        let x: Double
        let y: Double
    }

    /// In the order of `x`.
    let points: [Point]
    /// What the lower and the upper edge stand for.
    let range: ClosedRange<Double>

    /// - Parameter bounds: the range is never wider than this, and shrinks to the values.
    init(_ points: [Point], within bounds: ClosedRange<Double>, leastSpan: Double) {
        self.points = points.filter { $0.y.isFinite && $0.x.isFinite }
        let low = self.points.map(\.y).min() ?? bounds.lowerBound
        let high = self.points.map(\.y).max() ?? bounds.upperBound
        let missing = max(0, leastSpan - (high - low)) / 2
        let lower = max(bounds.lowerBound, low - missing)
        let upper = min(bounds.upperBound, max(high + missing, lower + leastSpan))
        range = min(lower, upper)...max(lower, upper, min(lower, upper) + 1e-9)
    }

    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    private static let levels: [Character] = ["_", ".", ":", "-", "=", "+", "*", "#"]

    /// The rows of the chart from the top, each as wide as asked for.
    func rows(columns: Int, rows: Int, isASCII: Bool) -> [String] {
        guard columns > 0, rows > 0 else { return [] }
        guard !points.isEmpty else {
            return Array(repeating: String(repeating: " ", count: columns), count: rows)
        }
        if rows == 1 { return [line(columns, isASCII ? Self.levels : Self.blocks)] }
        return isASCII ? stars(columns, rows) : braille(columns, rows)
    }

    /// 0…1 of the height.
    private func height(_ value: Double) -> Double {
        let span = range.upperBound - range.lowerBound
        return min(1, max(0, (value - range.lowerBound) / span))
    }

    /// One row of bars.
    private func line(_ columns: Int, _ signs: [Character]) -> String {
        String(
            samples(columns).map { value in
                let level = Int((height(value) * Double(signs.count - 1)).rounded())
                return signs[level]
            })
    }

    private func stars(_ columns: Int, _ rows: Int) -> [String] {
        var grid = Array(repeating: Array(repeating: Character(" "), count: columns), count: rows)
        for (column, value) in samples(columns).enumerated() {
            let row = rows - 1 - Int((height(value) * Double(rows - 1)).rounded())
            grid[row][column] = "*"
        }
        return grid.map { String($0) }
    }

    /// Two dots across and four down in each cell, neighbours joined.
    private func braille(_ columns: Int, _ rows: Int) -> [String] {
        let bits: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
        var cells = Array(repeating: Array(repeating: UInt32(0), count: columns), count: rows)
        let last = rows * 4 - 1
        var before: Int?
        for (x, value) in samples(columns * 2).enumerated() {
            let y = last - Int((height(value) * Double(last)).rounded())
            let from = min(y, before ?? y)
            let to = max(y, before ?? y)
            for dot in from...to { cells[dot / 4][x / 2] |= bits[x % 2][dot % 4] }
            before = y
        }
        return cells.map { row in
            String(
                row.map { bits in
                    bits == 0
                        ? " " : Unicode.Scalar(0x2800 + bits).map(Character.init) ?? " "
                })
        }
    }

    /// Values at equal distances: means where points are dense, straight lines where they are not.
    func samples(_ count: Int) -> [Double] {
        guard let first = points.first, let last = points.last, last.x > first.x else {
            return Array(repeating: points.last?.y ?? 0, count: count)
        }
        let width = (last.x - first.x) / Double(count)
        var next = 0
        return (0..<count).map { index in
            let left = first.x + width * Double(index)
            let right = index == count - 1 ? last.x + 1 : left + width
            var inside: [Double] = []
            while next < points.count, points[next].x < right {
                inside.append(points[next].y)
                next += 1
            }
            if !inside.isEmpty { return inside.reduce(0, +) / Double(inside.count) }
            guard next > 0, next < points.count else { return points[max(0, next - 1)].y }
            let (a, b) = (points[next - 1], points[next])
            let share = (left + width / 2 - a.x) / (b.x - a.x)
            return a.y + (b.y - a.y) * min(1, max(0, share))
        }
    }
}
