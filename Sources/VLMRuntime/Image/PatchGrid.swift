/// The patches of one picture as the vision tower counts them.
public struct PatchGrid: Sendable, Equatable, Hashable {
    /// Pairs of frames; 1 for a still picture.
    public let time: Int
    /// Rows of patches.
    public let height: Int
    /// Patches in a row.
    public let width: Int

    /// A grid of `time` × `height` × `width` patches.
    public init(time: Int = 1, height: Int, width: Int) {
        self.time = time
        self.height = height
        self.width = width
    }

    /// Number of patches.
    public var patchCount: Int { time * height * width }

    /// Number of language-model tokens: squares of `mergeSize` × `mergeSize` patches.
    public func tokenCount(mergeSize: Int = 2) -> Int { patchCount / (mergeSize * mergeSize) }
}
