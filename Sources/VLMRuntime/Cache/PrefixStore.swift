import Synchronization

/// The keys and values of prompts that were read before, for prompts that begin the same way.
///
/// Safe to use from several threads; each find and keep is one step.
final class PrefixStore: Sendable {
    private struct Entry {
        /// What else decides the values: the adapter, how they are stored.
        let variant: String
        let key: PromptKey
        let cache: KVCache
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Entry] = []
        var clock: UInt64 = 0
    }

    /// Most bytes held; blocks that entries share count once.
    let budget: Int
    private let state = Mutex(State())

    init(budget: Int) { self.budget = budget }

    /// The cache of the longest beginning of a prompt that is at hand; may be empty.
    ///
    /// - Parameter granularity: reuse ends at a multiple of this many tokens.
    /// - Returns: at most `key.count - 1` tokens, because the last one's logits are wanted.
    func longest(of key: PromptKey, variant: String, granularity: Int) -> KVCache? {
        state.withLock { state in
            var best: (index: Int, length: Int)?
            for (index, entry) in state.entries.enumerated() where entry.variant == variant {
                let common = min(entry.key.commonPrefix(with: key), key.count - 1)
                let length = common / granularity * granularity
                if length > best?.length ?? 0 { best = (index, length) }
            }
            guard let best else { return nil }
            state.clock += 1
            state.entries[best.index].lastUse = state.clock
            return state.entries[best.index].cache.prefix(best.length)
        }
    }

    /// Keeps the cache of a prompt; gives up what was not used for the longest time when that
    /// takes more memory than the budget.
    ///
    /// - Precondition: the cache holds exactly the key's tokens.
    func keep(_ cache: KVCache, for key: PromptKey, variant: String) {
        precondition(cache.count == key.count)
        state.withLock { state in
            state.clock += 1
            // What is a beginning of the new prompt adds nothing to it.
            state.entries.removeAll {
                $0.variant == variant && $0.key.commonPrefix(with: key) == $0.key.count
            }
            state.entries.append(
                Entry(variant: variant, key: key, cache: cache, lastUse: state.clock))
            while Self.bytes(of: state.entries) > budget,
                let oldest = state.entries.indices.min(by: {
                    state.entries[$0].lastUse < state.entries[$1].lastUse
                })
            { state.entries.remove(at: oldest) }
        }
    }

    /// Forgets everything.
    func clear() { state.withLock { $0.entries = [] } }

    /// Bytes held.
    var byteCount: Int { state.withLock { Self.bytes(of: $0.entries) } }
    /// Prompts held.
    var count: Int { state.withLock { $0.entries.count } }

    private static func bytes(of entries: [Entry]) -> Int {
        var seen: [ObjectIdentifier: Int] = [:]
        for run in entries.flatMap(\.cache.runs) {
            seen[ObjectIdentifier(run.block)] = run.block.byteCount
        }
        return seen.values.reduce(0, +)
    }
}
