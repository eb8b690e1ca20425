/// What decides the keys and values of a prompt, token by token.
///
/// A token's state depends on its id, its position, the pixels behind it if it stands for a part of
/// a picture, and everything before it.
struct PromptKey: Sendable {
    /// A picture in the prompt.
    struct Picture: Sendable, Equatable {
        let tokens: Range<Int>
        let digest: ContentDigest
    }

    private(set) var ids: [Int32]
    private(set) var positions: MultimodalPositions
    let pictures: [Picture]

    var count: Int { ids.count }

    /// - Precondition: one position for each id; pictures in order.
    init(ids: [Int32], positions: MultimodalPositions, pictures: [Picture]) {
        precondition(ids.count == positions.count)
        self.ids = ids
        self.positions = positions
        self.pictures = pictures
    }

    /// The key with text after it.
    func followed(by more: some Collection<Int32>) -> PromptKey {
        var result = self
        result.ids += more
        result.positions.append(textTokens: more.count)
        return result
    }

    /// Leading tokens whose state is the same in both prompts.
    func commonPrefix(with other: PromptKey) -> Int {
        let limit = min(count, other.count)
        var length = 0
        while length < limit, ids[length] == other.ids[length],
            positions.isEqual(other.positions, at: length)
        { length += 1 }
        // A picture counts as a whole: its digest says nothing of its parts.
        for (mine, theirs) in zip(pictures, other.pictures) {
            guard mine.tokens.lowerBound < length else { break }
            guard mine == theirs else { return min(length, mine.tokens.lowerBound) }
        }
        let firstUnpaired =
            pictures.count > other.pictures.count
            ? pictures[other.pictures.count] : other.pictures.dropFirst(pictures.count).first
        return min(length, firstUnpaired?.tokens.lowerBound ?? length)
    }
}
