import ImageCodecs

/// Reads a table with tabs between its fields, row by row, without holding large fields.
///
/// Quotes as pandas writes them: a field that begins with `"` ends at the next single `"`, and may
/// hold tabs and line ends.
struct TabbedScanner {
    /// One field of a row.
    struct Field {
        /// Its beginning, unquoted.
        var text: [UInt8] = []
        /// Where it lies in the file, quotes included.
        var range: Range<Int>
        /// Whether `text` is all of it.
        var isWhole = true
    }

    private let file: ChunkedFile
    private let longestText: Int
    private var buffer: [UInt8] = []
    private var position = 0
    private var offset = 0
    private static let piece = 1 << 18
    private static let mostFields = 256

    /// - Parameter longestText: how much of each field is kept, in bytes.
    init(_ file: ChunkedFile, longestText: Int) {
        self.file = file
        self.longestText = longestText
    }

    private var place: Int { offset - buffer.count + position }

    private mutating func peek() throws(ImageReadError) -> UInt8? {
        if position == buffer.count {
            buffer = try file.bytes(at: offset, count: Self.piece)
            position = 0
            offset += buffer.count
        }
        return position < buffer.count ? buffer[position] : nil
    }

    /// The next row; `nil` at the end of the file.
    ///
    /// Fields beyond 256 are passed over.
    mutating func next() throws(ImageReadError) -> [Field]? {
        guard try peek() != nil else { return nil }
        var fields: [Field] = []
        while true {
            let field = try field()
            if fields.count < Self.mostFields { fields.append(field) }
            guard let byte = try peek() else { return fields }
            position += 1
            guard byte == UInt8(ascii: "\t") else {
                if byte == UInt8(ascii: "\r"), try peek() == UInt8(ascii: "\n") { position += 1 }
                return fields
            }
        }
    }

    /// One field; ends before the tab or line end that follows it.
    private mutating func field() throws(ImageReadError) -> Field {
        let start = place
        var field = Field(range: start..<start)
        var isQuoted = false
        if try peek() == UInt8(ascii: "\"") {
            isQuoted = true
            position += 1
        }
        while let byte = try peek() {
            if isQuoted, byte == UInt8(ascii: "\"") {
                position += 1
                if try peek() == UInt8(ascii: "\"") {
                    position += 1
                    keep(byte, in: &field)
                } else {
                    isQuoted = false
                }
                continue
            }
            let ends = byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n") || byte == 0x0D
            if ends, !isQuoted { break }
            position += 1
            keep(byte, in: &field)
        }
        field.range = start..<place
        return field
    }

    private func keep(_ byte: UInt8, in field: inout Field) {
        if field.text.count < longestText {
            field.text.append(byte)
        } else {
            field.isWhole = false
        }
    }
}
