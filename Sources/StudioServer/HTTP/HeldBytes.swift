import Synchronization

/// Bytes that requests hold while they are received and wait, all together.
final class HeldBytes: Sendable {
    private let limit: Int
    private let held = Mutex(0)

    init(limit: Int) { self.limit = limit }

    var value: Int { held.withLock { $0 } }

    /// Takes bytes, if there is room for them.
    func take(_ bytes: Int) -> Bool {
        held.withLock { held in
            guard bytes <= limit - held else { return false }
            held += bytes
            return true
        }
    }

    func giveBack(_ bytes: Int) { held.withLock { $0 -= bytes } }

    /// One request's part; given back when nobody holds it any more.
    final class Share: Sendable {
        private let all: HeldBytes
        private let bytes = Mutex(0)

        init(of all: HeldBytes) { self.all = all }

        deinit { all.giveBack(bytes.withLock { $0 }) }

        func take(_ count: Int) -> Bool {
            guard all.take(count) else { return false }
            bytes.withLock { $0 += count }
            return true
        }

        /// Keeps so many bytes and gives the others back.
        func shrink(to count: Int) {
            let freed = bytes.withLock { bytes in
                let freed = max(0, bytes - count)
                bytes -= freed
                return freed
            }
            all.giveBack(freed)
        }
    }
}
