internal import CImageCodecs

/// How the process handles the memory of decoded pictures.
public enum LargeBlocks {
    /// Lets a long-running program shrink again after a large picture, from now on.
    ///
    /// Each such block then costs its page faults anew, some tenths of a millisecond per megabyte.
    public static func returnToSystem() { ic_return_large_blocks() }

    /// Gives pages on which nothing lies back to the system.
    ///
    /// For moments of rest: it takes about a millisecond, and the pages have to be fetched again.
    public static func returnFreePages() { ic_return_free_memory() }
}
