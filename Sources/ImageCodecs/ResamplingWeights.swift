/// Fixed-point weights of one pass of antialiased bicubic resampling along one axis.
///
/// The arithmetic follows torchvision's resize of 8-bit images to the bit: kernel a = −0.5,
/// widened when shrinking, weights normalised in double precision and then rounded to 16 bits
/// with the largest scale that holds the greatest weight of the pass.
struct ResamplingWeights {
    /// First source sample of each output sample.
    let starts: [Int]
    /// Number of source samples of each output sample.
    let counts: [Int]
    /// `stride` weights per output sample, the first `counts[i]` of them in use.
    let weights: [Int16]
    let stride: Int
    /// Weights are scaled by 2^shift.
    let shift: Int32

    /// Weights from `source` to `target` samples, both positive.
    init(from source: Int, to target: Int) {
        let scale = Double(source) / Double(target)
        let filterScale = max(scale, 1)
        var exact: [[Double]] = []
        var starts: [Int] = []
        for i in 0..<target {
            let center = (Double(i) + 0.5) * scale
            let first = max(Int(center - 2 * filterScale + 0.5), 0)
            let last = min(Int(center + 2 * filterScale + 0.5), source)
            let raw = (first..<last).map { Self.kernel((Double($0) - center + 0.5) / filterScale) }
            let sum = raw.reduce(0, +)
            starts.append(first)
            exact.append(raw.map { $0 / sum })
        }
        let shift = Self.shift(greatest: exact.reduce(0) { max($0, $1.max() ?? 0) })
        let stride = exact.reduce(0) { max($0, $1.count) }
        var weights = [Int16](repeating: 0, count: target * stride)
        for (i, row) in exact.enumerated() {
            for (k, weight) in row.enumerated() {
                weights[i * stride + k] = Int16((weight * Double(1 << shift)).rounded())
            }
        }
        self.starts = starts
        counts = exact.map(\.count)
        self.weights = weights
        self.stride = stride
        self.shift = shift
    }

    /// The cubic convolution kernel with a = −0.5 (Keys 1981).
    private static func kernel(_ x: Double) -> Double {
        let x = abs(x)
        if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
    }

    /// The largest shift, up to 22, that keeps the greatest weight within 16 bits.
    private static func shift(greatest: Double) -> Int32 {
        (0..<22).first { Int(0.5 + greatest * Double(1 << ($0 + 1))) >= 1 << 15 } ?? 22
    }
}
