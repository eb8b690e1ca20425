/// M-RoPE: every token has a time, a height and a width position.
///
/// Text counts on all three at once; a picture spans rows and columns from where the text stopped,
/// and the text after it continues behind the longer side (not behind the token count).
/// Source: Transformers `get_rope_index`; MODEL.md, "Positions".
struct MultimodalPositions: Sendable, Equatable {
    var time: [Int32] = []
    var height: [Int32] = []
    var width: [Int32] = []
    /// The position the next text token takes.
    private(set) var next: Int32 = 0

    /// Number of tokens.
    var count: Int { time.count }

    /// Positions of a prompt.
    ///
    /// - Parameters:
    ///   - ids: token ids; runs of `imageToken` stand for the pictures in order.
    ///   - grids: one patch grid per picture.
    /// - Precondition: runs and grids agree (the prompt builder guarantees it).
    init(ids: [Int32], imageToken: Int32, grids: [PatchGrid], mergeSize: Int) {
        var pending = grids[...]
        var index = 0
        while index < ids.count {
            if ids[index] == imageToken, let grid = pending.popFirst() {
                appendImage(rows: grid.height / mergeSize, columns: grid.width / mergeSize)
                index += grid.height / mergeSize * (grid.width / mergeSize)
            } else {
                appendText(1)
                index += 1
            }
        }
        precondition(count == ids.count && pending.isEmpty, "image tokens do not match the grids")
    }

    /// Positions of text tokens that follow `previous`.
    init(textTokens count: Int, after previous: Int32) {
        next = previous
        appendText(count)
    }

    /// Positions of the tokens of several sequences, one after the other.
    init(joining parts: [MultimodalPositions]) {
        time = parts.flatMap(\.time)
        height = parts.flatMap(\.height)
        width = parts.flatMap(\.width)
        next = parts.last?.next ?? 0
    }

    /// Adds text behind the last token.
    mutating func append(textTokens count: Int) { appendText(count) }

    /// Whether a token has the same position in both.
    func isEqual(_ other: MultimodalPositions, at index: Int) -> Bool {
        time[index] == other.time[index] && height[index] == other.height[index]
            && width[index] == other.width[index]
    }

    /// The positions of some of the tokens.
    func slice(_ range: Range<Int>) -> MultimodalPositions {
        var result = MultimodalPositions(textTokens: 0, after: next)
        result.time = Array(time[range])
        result.height = Array(height[range])
        result.width = Array(width[range])
        return result
    }

    private mutating func appendText(_ count: Int) {
        for _ in 0..<count {
            time.append(next)
            height.append(next)
            width.append(next)
            next += 1
        }
    }

    private mutating func appendImage(rows: Int, columns: Int) {
        for row in 0..<rows {
            for column in 0..<columns {
                time.append(next)
                height.append(next + Int32(row))
                width.append(next + Int32(column))
            }
        }
        next += Int32(max(rows, columns))
    }

    /// Rotary angles: each frequency follows time, height or width, as the configuration says.
    func rotaryTable(_ configuration: TextConfiguration) -> RotaryTable {
        let dimension = configuration.headDimension
        let frequencies = RotaryTable.inverseFrequencies(
            theta: configuration.ropeTheta, dimension: dimension)
        let axes = [time, height, width]
        let axisOfFrequency = configuration.ropeAxes
        return RotaryTable(rows: count, half: dimension / 2) { row, frequency in
            Float(axes[axisOfFrequency[frequency]][row]) * frequencies[frequency]
        }
    }
}
