import Foundation
public import VLMRuntime

/// Visual localisation (RePIC's VLT): whether a box surrounds the object.
public enum BoxReward {
    /// How the overlap becomes a number.
    public enum Scale: String, Sendable, Codable, CaseIterable {
        /// 1 from an overlap of one half on.
        case half
        /// The overlap itself, as VLM-R1 does.
        case overlap
    }

    /// - Parameters:
    ///   - answer: what the model wrote; the first box in it counts.
    ///   - box: `[x1, y1, x2, y2]` in pixels of the picture.
    ///   - seen: what the answer's numbers count: the strict form reads boxes in resized pixels, as
    ///     Qwen2.5-VL writes them; the published form takes pixels as they are.
    public static func judge(
        _ answer: String, box: [Int], seen: PictureScale = .same, form: RewardForm,
        scale: Scale = .half
    ) -> Verdict {
        let overlap: Double
        switch form {
        case .published:
            guard let found = integerBox(in: answer)?.map(Double.init) else {
                return .none("no box")
            }
            let placed = seen.units == .pixels ? found : seen.placed(found)
            overlap = publishedOverlap(placed, box.map(Double.init))
        case .strict:
            guard let found = numberBox(in: answer) else { return .none("no box") }
            let placed = seen.placed(found)
            guard placed[0] < placed[2], placed[1] < placed[3] else {
                return .none("a box without area")
            }
            overlap = self.overlap(placed, box.map(Double.init))
        }
        if scale == .overlap {
            return Verdict(Float(overlap), overlap < 1 ? reason(overlap) : "")
        }
        return overlap >= 0.5 ? .full : .none(reason(overlap))
    }

    /// Shared area over joint area of two boxes whose right and lower edges are not part of them.
    public static func overlap(_ a: [Double], _ b: [Double]) -> Double {
        let width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
        let height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
        return ratio(shared: width * height, a, b)
    }

    /// As published: an overlap one pixel wide or high counts as none.
    static func publishedOverlap(_ a: [Double], _ b: [Double]) -> Double {
        let left = max(a[0], b[0])
        let top = max(a[1], b[1])
        let right = min(a[2] - 1, b[2] - 1)
        let bottom = min(a[3] - 1, b[3] - 1)
        guard left < right, top < bottom else { return 0 }
        return ratio(shared: (right - left + 1) * (bottom - top + 1), a, b)
    }

    private static func ratio(shared: Double, _ a: [Double], _ b: [Double]) -> Double {
        let joint = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
        return joint > 0 ? shared / joint : 0
    }

    private static func reason(_ overlap: Double) -> String {
        "box overlap \(String(format: "%.2f", overlap))"
    }

    private static func integerBox(in answer: String) -> [Int]? {
        guard let match = answer.firstMatch(of: /\[(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\]/)
        else { return nil }
        let texts = [match.output.1, match.output.2, match.output.3, match.output.4]
        let numbers = texts.compactMap { $0.count < 10 ? Int($0) : nil }
        return numbers.count == 4 ? numbers : nil
    }

    /// Also with fractions and spaces, as in `{"bbox_2d": [ 1.5, 2, 30, 40 ]}`.
    private static func numberBox(in answer: String) -> [Double]? {
        let pattern =
            /\[\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*\]/
        guard let match = answer.firstMatch(of: pattern) else { return nil }
        let texts = [match.output.1, match.output.2, match.output.3, match.output.4]
        let numbers = texts.compactMap { $0.count < 20 ? Double($0) : nil }
        return numbers.count == 4 && numbers.allSatisfy { $0 < 1e6 } ? numbers : nil
    }
}

/// Pixels of a picture per unit in which a model writes its boxes.
public struct PictureScale: Sendable, Codable, Equatable {
    /// Left to right.
    public var across: Double
    /// Top to bottom.
    public var down: Double
    /// What the units are: pixels the model saw, or thousandths of the picture.
    public var units: BoxUnits

    /// Names every part.
    public init(across: Double, down: Double, units: BoxUnits = .pixels) {
        self.across = across
        self.down = down
        self.units = units
    }

    /// Between a picture as it is and boxes about it.
    public init(_ picture: ImageGeometry, units: BoxUnits) {
        let (wide, tall) =
            switch units {
            case .pixels: (picture.resizedWidth, picture.resizedHeight)
            case .thousandths: (1000, 1000)
            }
        self.init(
            across: Double(picture.originalWidth) / Double(max(1, wide)),
            down: Double(picture.originalHeight) / Double(max(1, tall)), units: units)
    }

    /// A box in pixels of the picture.
    func placed(_ box: [Double]) -> [Double] {
        zip(box, [across, down, across, down]).map { $0 * $1 }
    }

    /// The model saw the picture as it is.
    public static let same = PictureScale(across: 1, down: 1)
}
