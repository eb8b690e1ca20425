import Synchronization

/// Rows of pictures that went through the vision tower: in memory, those of references on disk too.
final class PictureStore: Sendable {
    private struct State {
        var rows: [ContentDigest: (matrix: Matrix, lastUse: UInt64)] = [:]
        var bytes = 0
        var clock: UInt64 = 0
    }

    private let budget: Int
    private let folder: PictureFolder?
    /// Which model made the rows and how; `nil` when that cannot be known, then disk is not used.
    private let maker: ContentDigest?
    private let state = Mutex(State())

    init(budget: Int, folder: PictureFolder?, maker: ContentDigest?) {
        self.budget = budget
        self.folder = folder
        self.maker = maker
    }

    /// The rows of a picture if they are at hand.
    ///
    /// - Parameter isReference: whether they may be on disk.
    func rows(
        _ picture: ContentDigest, rows: Int, columns: Int, isReference: Bool
    ) -> Matrix? {
        let remembered = state.withLock { state -> Matrix? in
            state.clock += 1
            state.rows[picture]?.lastUse = state.clock
            return state.rows[picture]?.matrix
        }
        if let remembered, remembered.rows == rows, remembered.columns == columns {
            return remembered
        }
        guard isReference, let folder, let key = key(picture),
            let found = folder.rows(key, rows: rows, columns: columns)
        else { return nil }
        remember(found, picture)
        return found
    }

    /// Keeps rows that were just made.
    func keep(_ rows: Matrix, _ picture: ContentDigest, isReference: Bool) {
        remember(rows, picture)
        if isReference, let folder, let key = key(picture) { folder.keep(rows, key: key) }
    }

    /// Forgets what is in memory.
    func clear() { state.withLock { $0 = State() } }

    /// Bytes of the rows in memory.
    var byteCount: Int { state.withLock(\.bytes) }

    private func remember(_ rows: Matrix, _ picture: ContentDigest) {
        state.withLock { state in
            state.clock += 1
            if let old = state.rows.updateValue((rows, state.clock), forKey: picture) {
                state.bytes -= old.matrix.byteCount
            }
            state.bytes += rows.byteCount
            while state.bytes > budget,
                let oldest = state.rows.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.rows[oldest.key] = nil
                state.bytes -= oldest.value.matrix.byteCount
            }
        }
    }

    private func key(_ picture: ContentDigest) -> ContentDigest? {
        guard let maker else { return nil }
        return ContentDigest.of { digest in
            digest.add(maker.bytes)
            digest.add(picture.bytes)
        }
    }
}

extension Matrix {
    fileprivate var byteCount: Int { count * MemoryLayout<Float>.stride }
}
