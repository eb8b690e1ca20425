import CKernels
public import Foundation

/// What was learnt about which looks belong to the same thing: turns the vision tower's rows into
/// short ones that light, background, turn and size change little.
///
/// A reference becomes a few rows (`parts`), each an average over its cells that was learnt too; a
/// picture keeps one row per cell, which has seen the cells around it. How alike they are is the
/// mean over the parts of the best product with a cell. Fitted to one checkpoint with
/// `Benchmarks/retrieval/look.py`.
///
/// The file `retrieval/look.safetensors` in the checkpoint's folder, float32: per side `S`
/// (`query` with 2 × features columns, a cell beside the mean of the 3×3 cells around it, and
/// `reference`) `S.norm.weight`, `S.norm.bias`, `S.hidden.weight [hidden, columns]`,
/// `S.hidden.bias`, `S.out.weight [width, hidden]`, `S.skip.weight [width, columns]`; then
/// `attention.weight [parts, features]`, `attention.bias` and `parts.weight [parts, width, width]`.
/// Its metadata names the checkpoint's fingerprint as `model`, and may hold a `calibration`.
public struct LookMetric: Sendable {
    /// Values of a row.
    public let width: Int
    /// Rows of a reference.
    public let parts: Int
    /// Values of a row of the vision tower.
    public let features: Int
    /// Changes with every value of the file.
    public let version: String
    /// What the similarities are worth, as the file's makers measured it, in their own words.
    public let calibration: String?
    private let query: Side
    private let reference: Side
    private let attention: [Float]
    private let attentionBias: [Float]
    private let mixes: [Float]

    /// Where the file lies in a checkpoint's folder.
    public static let file = "retrieval/look.safetensors"
    private static let largestSide = 1 << 14

    /// The metric of a checkpoint; `nil` where there is none, or one for other weights.
    ///
    /// - Throws: `CheckpointError` for a file that cannot be used.
    public init?(checkpoint folder: URL) throws(CheckpointError) {
        let path = folder.appendingPathComponent(Self.file).path
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try Safetensors(path: path)
        guard file.metadata["model"] == (try CheckpointFingerprint(folder: folder).description)
        else { return nil }
        try self.init(file, path: path)
    }

    /// Reads the tensors of a file.
    ///
    /// - Throws: `CheckpointError` when one is missing, has another shape or holds no numbers.
    init(_ file: Safetensors, path: String) throws(CheckpointError) {
        var reader = Reader(file: file, path: path)
        let weight = try reader.shape("attention.weight", rank: 2)
        let width = try reader.shape("query.out.weight", rank: 2)[0]
        (parts, features) = (weight[0], weight[1])
        self.width = width
        query = try Side(&reader, "query", columns: 2 * features, width: width)
        reference = try Side(&reader, "reference", columns: features, width: width)
        attention = try reader.values("attention.weight", [parts, features])
        attentionBias = try reader.values("attention.bias", [parts])
        mixes = try reader.values("parts.weight", [parts, width, width])
        guard reader.taken == Set(file.tensors.keys) else {
            throw .malformed(file: path, problem: "it holds tensors that no metric has")
        }
        version = reader.version
        calibration = file.metadata["calibration"]
    }

    /// A row of length one for each cell of a picture.
    ///
    /// - Precondition: the picture has `features` columns.
    public func query(_ picture: PictureRows) -> Matrix {
        precondition(picture.rows.columns == features)
        let source = picture.rows.values
        var values = [Float](repeating: 0, count: picture.rows.rows * 2 * features)
        for row in 0..<picture.height {
            for column in 0..<picture.width {
                let cell = row * picture.width + column
                let target = cell * 2 * features
                var count: Float = 0
                for y in max(0, row - 1)...min(picture.height - 1, row + 1) {
                    for x in max(0, column - 1)...min(picture.width - 1, column + 1) {
                        let from = (y * picture.width + x) * features
                        for feature in 0..<features {
                            values[target + features + feature] += source[from + feature]
                        }
                        count += 1
                    }
                }
                for feature in 0..<features {
                    values[target + feature] = source[cell * features + feature]
                    values[target + features + feature] /= count
                }
            }
        }
        let input = Matrix(rows: picture.rows.rows, columns: 2 * features, values: values)
        return Self.unit(query.encode(query.normalized(input)))
    }

    /// The rows of length one that stand for a reference, `[parts, width]`.
    ///
    /// - Precondition: the picture has `features` columns.
    public func reference(_ picture: PictureRows) -> Matrix {
        precondition(picture.rows.columns == features)
        let normal = reference.normalized(picture.rows)
        let encoded = reference.encode(normal)
        var weights = Self.product(normal, attention, attentionBias, parts)
        Self.softmaxColumns(&weights)
        var result = [Float](repeating: 0, count: parts * width)
        for part in 0..<parts {
            var mean = [Float](repeating: 0, count: width)
            for cell in 0..<normal.rows {
                let share = weights[cell, part]
                for index in 0..<width { mean[index] += share * encoded[cell, index] }
            }
            for from in 0..<width where mean[from] != 0 {
                let row = (part * width + from) * width
                for to in 0..<width {
                    result[part * width + to] += mean[from] * mixes[row + to]
                }
            }
        }
        return Self.unit(Matrix(rows: parts, columns: width, values: result))
    }

    // MARK: - Parts

    /// One of the two encoders: a linear way, and one with a hidden layer beside it.
    private struct Side: Sendable {
        let columns: Int
        let width: Int
        let gain: [Float]
        let shift: [Float]
        let hidden: [Float]
        let hiddenBias: [Float]
        let out: [Float]
        let skip: [Float]

        init(
            _ reader: inout Reader, _ name: String, columns: Int, width: Int
        ) throws(CheckpointError) {
            self.columns = columns
            self.width = width
            gain = try reader.values("\(name).norm.weight", [columns])
            shift = try reader.values("\(name).norm.bias", [columns])
            let size = try reader.shape("\(name).hidden.bias", rank: 1)[0]
            hidden = try reader.values("\(name).hidden.weight", [size, columns])
            hiddenBias = try reader.values("\(name).hidden.bias", [size])
            out = try reader.values("\(name).out.weight", [width, size])
            skip = try reader.values("\(name).skip.weight", [width, columns])
        }

        func normalized(_ x: Matrix) -> Matrix {
            var y = Matrix(uninitializedRows: x.rows, columns: x.columns)
            ck_layer_norm(y.mutable, x.pointer, gain, shift, 1e-5, x.rows, x.columns)
            return y
        }

        func encode(_ x: Matrix) -> Matrix {
            var inner = LookMetric.product(x, hidden, hiddenBias, hiddenBias.count)
            ck_gelu_erf(inner.mutable, inner.count)
            var y = LookMetric.product(inner, out, nil, width)
            let direct = LookMetric.product(x, skip, nil, width)
            ck_add(y.mutable, direct.pointer, y.count)
            return y
        }
    }

    private static func product(
        _ x: Matrix, _ weights: [Float], _ bias: [Float]?, _ outputs: Int
    ) -> Matrix {
        var y = Matrix(uninitializedRows: x.rows, columns: outputs)
        weights.withUnsafeBytes { weights in
            guard let base = weights.baseAddress else { return }
            if let bias {
                ck_linear(y.mutable, x.pointer, base, CK_F32, bias, x.rows, outputs, x.columns)
            } else {
                ck_linear(y.mutable, x.pointer, base, CK_F32, nil, x.rows, outputs, x.columns)
            }
        }
        withExtendedLifetime(x) {}
        return y
    }

    /// Makes each column a distribution over the rows.
    private static func softmaxColumns(_ x: inout Matrix) {
        for column in 0..<x.columns {
            let highest = (0..<x.rows).map { x[$0, column] }.max() ?? 0
            var sum: Float = 0
            for row in 0..<x.rows {
                x[row, column] = exp(x[row, column] - highest)
                sum += x[row, column]
            }
            for row in 0..<x.rows { x[row, column] /= sum }
        }
    }

    private static func unit(_ x: Matrix) -> Matrix {
        var y = x
        let target = y.mutable
        for row in 0..<x.rows {
            var sum: Float = 0
            for index in row * x.columns..<(row + 1) * x.columns {
                sum += target[index] * target[index]
            }
            let length = max(sum.squareRoot(), 1e-12)
            for index in row * x.columns..<(row + 1) * x.columns { target[index] /= length }
        }
        return y
    }

    /// Takes tensors by name and checks them.
    private struct Reader {
        let file: Safetensors
        let path: String
        var taken: Set<String> = []
        private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

        init(file: Safetensors, path: String) {
            self.file = file
            self.path = path
        }

        var version: String { String(hash, radix: 16) }

        func shape(_ name: String, rank: Int) throws(CheckpointError) -> [Int] {
            guard let tensor = file.tensors[name] else {
                throw .malformed(file: path, problem: "it lacks the tensor '\(name)'")
            }
            guard tensor.shape.count == rank,
                tensor.shape.allSatisfy({ (1...LookMetric.largestSide).contains($0) })
            else {
                throw .malformed(
                    file: path,
                    problem: "tensor '\(name)' has the shape \(tensor.shape), expected \(rank) "
                        + "sides of 1 to \(LookMetric.largestSide)")
            }
            return tensor.shape
        }

        mutating func values(_ name: String, _ shape: [Int]) throws(CheckpointError) -> [Float] {
            guard try self.shape(name, rank: shape.count) == shape, let tensor = file.tensors[name],
                tensor.type == .float32
            else {
                throw .malformed(
                    file: path, problem: "tensor '\(name)' is not float32 of the shape \(shape)")
            }
            let values = tensor.floats()
            guard values.allSatisfy(\.isFinite) else {
                throw .malformed(
                    file: path, problem: "tensor '\(name)' holds values that are not numbers")
            }
            taken.insert(name)
            for value in values {
                hash = (hash ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01B3
            }
            return values
        }
    }
}
