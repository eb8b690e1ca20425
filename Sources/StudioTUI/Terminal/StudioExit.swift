/// How the program ends, as design and manual page promise it to scripts.
enum StudioExit: Int32, Sendable {
    /// Everything asked for was done.
    case done = 0
    /// Something went wrong that is none of the cases below.
    case failed = 1
    /// The command line was not understood.
    case usage = 2
    /// A concept, caption, model or file that was named is not there.
    case notFound = 3
    /// Something is there and cannot be used: a damaged picture, a name that is too long.
    case badInput = 4
    /// The user pressed Ctrl-C, or the program was told to end.
    case interrupted = 130
}

/// A failure of a command, with its sentence for the user and its exit code.
struct StudioFailure: Error, Equatable, CustomStringConvertible {
    let exit: StudioExit
    let description: String

    init(_ exit: StudioExit, _ description: String) {
        self.exit = exit
        self.description = description
    }
}
