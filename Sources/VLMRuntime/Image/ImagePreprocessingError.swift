/// Why a picture cannot be shown to the model.
public enum ImagePreprocessingError: Error, Equatable, CustomStringConvertible {
    /// No pixels at all.
    case emptyImage(width: Int, height: Int)
    /// More than 200 times as long as wide.
    case tooLong(width: Int, height: Int)

    /// One sentence.
    public var description: String {
        switch self {
        case .emptyImage(let width, let height):
            "A picture of \(width)×\(height) pixels has nothing to look at."
        case .tooLong(let width, let height):
            "A picture of \(width)×\(height) pixels is too long and thin for the model: one side may "
                + "be at most 200 times the other; crop it first."
        }
    }
}
