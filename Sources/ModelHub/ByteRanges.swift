/// Which bytes of a file are there; a set of ranges that neither touch nor overlap.
struct ByteRanges: Sendable, Equatable {
    private(set) var ranges: [Range<Int>] = []

    /// How many bytes are there.
    var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Adds bytes; those that are there already do no harm.
    mutating func insert(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        var joined = range
        var others: [Range<Int>] = []
        for other in ranges {
            if other.upperBound < joined.lowerBound || other.lowerBound > joined.upperBound {
                others.append(other)
            } else {
                joined =
                    min(
                        other.lowerBound, joined.lowerBound)..<max(
                        other.upperBound, joined.upperBound)
            }
        }
        ranges = (others + [joined]).sorted { $0.lowerBound < $1.lowerBound }
    }

    /// What is missing of a file, in pieces of at most so many bytes.
    func missing(of size: Int, piece: Int) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var start = 0
        for range in ranges + [size..<size] {
            let end = min(range.lowerBound, size)
            while start < end {
                let next = min(start + piece, end)
                pieces.append(start..<next)
                start = next
            }
            start = max(start, range.upperBound)
        }
        return pieces
    }
}
