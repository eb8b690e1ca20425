/// Something in a file of the user that could not be used, told in one sentence; the file's rest
/// counts all the same.
struct FileProblem: Sendable, Hashable, CustomStringConvertible {
    /// Counted from 1; `nil` when the file as a whole is meant.
    let line: Int?
    /// Begins with a small letter, ends without a dot.
    let message: String

    init(line: Int? = nil, _ message: String) {
        self.line = line
        self.message = message
    }

    var description: String {
        line.map { "line \($0): \(message)" } ?? message
    }
}

/// A file of the user that cannot be read or written at all.
struct FileFailure: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
