/// Which picture, and how well.
struct PictureVariant: Hashable, Sendable {
    let key: PictureKey
    let quality: PictureQuality
}

/// Encoded pictures in memory, the least recently shown ones dropped first.
struct PictureCache: Sendable {
    struct Entry: Sendable {
        let picture: RenderedPicture
        /// For `FramePicture.key`; no two entries ever have the same.
        let name: String
        fileprivate var used: Int
    }

    /// 12 MiB: some fifty large previews or a thousand thumbnails.
    ///
    /// Not more, because the app shall stay below 40 MiB before a model is loaded, and the Swift
    /// runtime takes half of that.
    static let standardCapacity = 12 << 20
    /// What is kept of them while nothing happens: the last dozen; others can be made again in the
    /// time between two keys.
    static let restingBytes = 2 << 20

    private(set) var capacity: Int
    private(set) var bytes = 0
    private var entries: [PictureVariant: Entry] = [:]
    private var clock = 0
    private var serial = 0

    init(capacity: Int = PictureCache.standardCapacity) { self.capacity = capacity }

    var count: Int { entries.count }

    /// Looks without counting it as use.
    func has(_ variant: PictureVariant) -> Bool { entries[variant] != nil }

    /// The picture, which counts as shown now.
    mutating func find(_ variant: PictureVariant) -> Entry? {
        guard var entry = entries[variant] else { return nil }
        clock += 1
        entry.used = clock
        entries[variant] = entry
        return entry
    }

    /// Changes the capacity and drops what no longer fits, except what must stay.
    mutating func limit(to capacity: Int, isNeeded: (PictureKey) -> Bool = { _ in false }) {
        self.capacity = max(0, capacity)
        shrink(to: self.capacity, isNeeded: isNeeded)
    }

    /// Drops what was shown longest ago until no more than so many bytes are left, except what must
    /// stay; there is as much room as before for others.
    mutating func shrink(to bytes: Int, isNeeded: (PictureKey) -> Bool = { _ in false }) {
        for (variant, _) in droppable(isNeeded) where self.bytes > bytes { remove(variant) }
    }

    /// Keeps a picture and drops others until all fit.
    ///
    /// - Parameters:
    ///   - isNeeded: pictures that must stay, because they are on the screen.
    ///   - isSpare: whether the picture is rather not kept than others dropped that are needed.
    /// - Returns: whether it was kept.
    @discardableResult
    mutating func insert(
        _ picture: RenderedPicture, as variant: PictureVariant, isSpare: Bool = false,
        isNeeded: (PictureKey) -> Bool = { _ in false }
    ) -> Bool {
        let droppable = droppable(isNeeded).filter { $0.key != variant }
        let replaced = entries[variant]?.picture.cost ?? 0
        var excess = bytes - replaced + picture.cost - capacity
        if isSpare {
            guard droppable.reduce(0, { $0 + $1.value.picture.cost }) >= excess else {
                return false
            }
        }
        for (other, entry) in droppable where excess > 0 {
            excess -= entry.picture.cost
            remove(other)
        }
        remove(variant)
        clock += 1
        serial += 1
        entries[variant] = Entry(
            picture: picture, name: "\(serial):\(variant.key.identity)", used: clock)
        bytes += picture.cost
        return true
    }

    /// What may go, the least recently shown first.
    private func droppable(
        _ isNeeded: (PictureKey) -> Bool
    ) -> [(key: PictureVariant, value: Entry)] {
        entries.filter { !isNeeded($0.key.key) }.sorted { $0.value.used < $1.value.used }
    }

    mutating func remove(_ variant: PictureVariant) {
        guard let entry = entries.removeValue(forKey: variant) else { return }
        bytes -= entry.picture.cost
    }

    mutating func removeAll() {
        entries = [:]
        bytes = 0
    }
}
