/// The order people expect of names of files: `cat 2` before `cat 10`, `a` beside `A`.
///
/// Letters beyond ASCII come in the order of Unicode. A hundred thousand names are sorted in tenths
/// of a second, which comparisons of Foundation are too slow for.
enum NaturalOrder {
    static func precedes(_ a: String, _ b: String) -> Bool {
        let order = compare(a.utf8, b.utf8)
        // Names that differ in case or zeros only have an order too.
        return order == 0 ? a.utf8.lexicographicallyPrecedes(b.utf8) : order < 0
    }

    private static func compare(_ a: String.UTF8View, _ b: String.UTF8View) -> Int {
        var (i, j) = (a.startIndex, b.startIndex)
        while i < a.endIndex, j < b.endIndex {
            if isDigit(a[i]), isDigit(b[j]) {
                let order = compareNumbers(a, &i, b, &j)
                if order != 0 { return order }
                continue
            }
            let (left, right) = (folded(a[i]), folded(b[j]))
            if left != right { return left < right ? -1 : 1 }
            i = a.index(after: i)
            j = b.index(after: j)
        }
        if i < a.endIndex { return 1 }
        return j < b.endIndex ? -1 : 0
    }

    /// Compares the numbers that start here by value, however many digits they have.
    private static func compareNumbers(
        _ a: String.UTF8View, _ i: inout String.Index, _ b: String.UTF8View, _ j: inout String.Index
    ) -> Int {
        while i < a.endIndex, a[i] == UInt8(ascii: "0") { i = a.index(after: i) }
        while j < b.endIndex, b[j] == UInt8(ascii: "0") { j = b.index(after: j) }
        var order = 0
        while true {
            let left = i < a.endIndex && isDigit(a[i])
            let right = j < b.endIndex && isDigit(b[j])
            guard left, right else {
                // More digits are a larger number.
                return left == right ? order : left ? 1 : -1
            }
            if order == 0, a[i] != b[j] { order = a[i] < b[j] ? -1 : 1 }
            i = a.index(after: i)
            j = b.index(after: j)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte
    }
}
