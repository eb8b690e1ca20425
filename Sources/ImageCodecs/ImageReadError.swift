/// Why a picture could not be read.
///
/// `file` is the name or path by which the caller knows the picture.
public enum ImageReadError: Error, Equatable, CustomStringConvertible {
    /// There is nothing under this path.
    case notFound(file: String)
    /// The system refused to open or read the file.
    case unreadable(file: String, reason: String)
    /// A directory, pipe, socket or device where a file was expected.
    case notARegularFile(file: String, kind: String)
    /// A file of zero bytes.
    case empty(file: String)
    /// More bytes than the caller's limit.
    case tooLarge(file: String, bytes: Int, limit: Int)
    /// More pixels, as stored, than the caller's limit.
    case tooManyPixels(file: String, width: Int, height: Int, limit: Int)
    /// Not PNG, JPEG or WebP; `resembles` says what it seems to be, as in "a GIF picture".
    case unknownFormat(file: String, resembles: String?)
    /// The data ends before the picture does.
    case truncated(file: String, format: ImageFormat)
    /// The data breaks the rules of its format; `reason` is the decoder's.
    case damaged(file: String, format: ImageFormat, reason: String)
    /// The data may be right, but uses something this reader does not know.
    case unsupported(file: String, format: ImageFormat, reason: String)

    /// One sentence, without control characters.
    public var description: String {
        switch self {
        case .notFound(let file):
            "There is no file \(quoted(file))."
        case .unreadable(let file, let reason):
            "\(quoted(file)) cannot be read: \(printable(reason))."
        case .notARegularFile(let file, let kind):
            "\(quoted(file)) is \(kind), not a file; give the path of a file."
        case .empty(let file):
            "\(quoted(file)) is empty; was it copied completely?"
        case .tooLarge(let file, let bytes, let limit):
            "\(quoted(file)) has \(megabytes(bytes)), more than the limit of \(megabytes(limit)); "
                + "save a smaller version."
        case .tooManyPixels(let file, let width, let height, let limit):
            "\(quoted(file)) has \(width)×\(height) pixels, more than the limit of "
                + "\(megapixels(limit)); save a smaller version."
        case .unknownFormat(let file, let resembles):
            "\(quoted(file)) is \(resembles.map { "\($0), " } ?? "")not a PNG, JPEG or WebP picture; "
                + "convert it to one of these first."
        case .truncated(let file, let format):
            "\(quoted(file)) is cut short: the \(format.displayName) data ends before the picture does; "
                + "fetch or copy it again."
        case .damaged(let file, let format, let reason):
            "\(quoted(file)) is a damaged \(format.displayName) picture (\(printable(reason))); "
                + "fetch or copy it again."
        case .unsupported(let file, let format, let reason):
            "\(quoted(file)) is a \(format.displayName) picture of a kind that is not supported "
                + "(\(printable(reason))); save it again as an ordinary PNG or JPEG."
        }
    }
}

private func quoted(_ file: String) -> String { "'\(printable(file))'" }

/// Names and decoder messages come from outside; a terminal must not obey what they contain.
private func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
        switch scalar.properties.generalCategory {
        case .format where scalar == "\u{200C}" || scalar == "\u{200D}": scalar  // emoji, Persian
        case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
        default: scalar
        }
    }
    return String(String.UnicodeScalarView(scalars))
}

private func megabytes(_ bytes: Int) -> String {
    bytes < 1 << 20 ? "\(bytes) bytes" : "\((bytes + (1 << 20) - 1) >> 20) MiB"
}

private func megapixels(_ pixels: Int) -> String {
    pixels % 1_000_000 == 0 ? "\(pixels / 1_000_000) megapixels" : "\(pixels) pixels"
}
