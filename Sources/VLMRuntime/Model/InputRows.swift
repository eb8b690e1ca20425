import CKernels

/// What the language model reads: a row for each token, and what pictures add to their tokens
/// behind the first layers.
///
/// Source: DeepStack (arXiv 2406.04334) in the form of Qwen3-VL; other families add nothing.
struct InputRows: Sendable {
    /// Rows of a picture with levels, and the token that the first of them stands for; negative when
    /// the picture began before the tokens of these rows.
    private struct Picture {
        var start: Int
        let rows: Matrix
        /// The tokens that may be its own; others may follow that belong to somebody else.
        var tokens: Range<Int>

        /// Its part of those tokens.
        var own: Range<Int> {
            let place = start..<start + rows.rows
            return place.clamped(to: tokens)
        }

        func moved(by offset: Int) -> Picture {
            var result = self
            result.start += offset
            result.tokens = tokens.lowerBound + offset..<tokens.upperBound + offset
            return result
        }
    }

    /// `[tokens, hiddenSize]`, the first layer's input.
    private(set) var embeddings: Matrix
    private var pictures: [Picture] = []

    /// Rows of text.
    init(_ embeddings: Matrix) { self.embeddings = embeddings }

    /// The tokens of several prompts, one behind the other.
    ///
    /// - Precondition: at least one, all of one width.
    init(joining parts: [InputRows]) {
        self.init(Matrix(joining: parts.map(\.embeddings)))
        var first = 0
        for part in parts {
            pictures += part.pictures.map { $0.moved(by: first) }
            first += part.count
        }
    }

    /// Number of tokens.
    var count: Int { embeddings.rows }

    /// Puts a picture in the place of the tokens that stand for it.
    ///
    /// - Parameters:
    ///   - rows: `[cells, hiddenSize × (1 + levels)]`, as the vision tower makes them.
    ///   - start: the first cell's token; rows outside these tokens are left out.
    mutating func place(_ rows: Matrix, at start: Int) {
        let (width, target) = (embeddings.columns, embeddings.mutable)
        precondition(rows.columns % width == 0, "rows of \(rows.columns) for \(width) features")
        for token in max(0, start)..<max(0, start, min(count, start + rows.rows)) {
            (target + token * width).update(
                from: rows.pointer + (token - start) * rows.columns, count: width)
        }
        if rows.columns > width {
            pictures.append(Picture(start: start, rows: rows, tokens: 0..<count))
        }
    }

    /// Adds to the tokens of pictures what belongs behind a layer.
    ///
    /// - Parameters:
    ///   - x: the layer's output, `[tokens, hiddenSize]`.
    ///   - layer: its number, from 0.
    func addDeepstack(to x: inout Matrix, behind layer: Int) {
        let width = x.columns
        for picture in pictures where (layer + 2) * width <= picture.rows.columns {
            let target = x.mutable
            let level = picture.rows.pointer + (layer + 1) * width
            for token in picture.own {
                ck_add(
                    target + token * width,
                    level + (token - picture.start) * picture.rows.columns, width)
            }
        }
        withExtendedLifetime(pictures) {}
    }

    /// Some of the tokens.
    func rows(_ range: Range<Int>) -> InputRows {
        var result = InputRows(embeddings.rows(range))
        result.pictures = pictures.map { picture in
            var moved = picture.moved(by: -range.lowerBound)
            moved.tokens = moved.tokens.clamped(to: 0..<range.count)
            return moved
        }
        return result
    }

    /// The same tokens with text behind them.
    func followed(by text: Matrix) -> InputRows {
        InputRows(joining: [self, InputRows(text)])
    }
}

extension Matrix {
    /// Matrices of as many rows, side by side.
    ///
    /// - Precondition: there is one.
    init(beside parts: [Matrix]) {
        let rows = parts[0].rows
        self.init(uninitializedRows: rows, columns: parts.reduce(0) { $0 + $1.columns })
        let (target, width) = (mutable, columns)
        var first = 0
        for part in parts {
            precondition(part.rows == rows, "\(part.rows) rows beside \(rows)")
            for row in 0..<rows {
                (target + row * width + first).update(
                    from: part.pointer + row * part.columns, count: part.columns)
            }
            first += part.columns
        }
    }

    /// The first columns of every row.
    func leading(columns count: Int) -> Matrix {
        precondition(count <= columns)
        guard count < columns else { return self }
        var result = Matrix(uninitializedRows: rows, columns: count)
        let target = result.mutable
        for row in 0..<rows {
            (target + row * count).update(from: pointer + row * columns, count: count)
        }
        return result
    }
}
