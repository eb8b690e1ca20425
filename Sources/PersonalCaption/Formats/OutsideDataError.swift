import ImageCodecs

/// Why something from outside cannot be used; its description is one sentence for people.
public protocol OutsideDataError: Error, CustomStringConvertible {
    /// Whether it is not there at all, as opposed to being of no use.
    var isMissing: Bool { get }
}

extension ImageReadError {
    /// Whether there is nothing under the path.
    var isMissing: Bool {
        if case .notFound = self { return true }
        return false
    }
}

extension ResultListError: OutsideDataError {
    /// Whether there is no such file.
    public var isMissing: Bool {
        if case .unreadable(let cause) = self { return cause.isMissing }
        return false
    }
}
