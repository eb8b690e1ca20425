/// Decides what to work on next.
///
/// Time comes from outside, so that every case can be tried.
struct PictureSchedule: Sendable {
    /// How long things wait.
    struct Timing: Sendable {
        /// After a change, before anything is decoded for it: keys may be held down.
        var debounce = Duration.milliseconds(35)
        /// After a change, until quick versions are replaced by good ones.
        var rest = Duration.milliseconds(250)
        /// After a change, until pictures are made that nobody looks at yet.
        var prefetch = Duration.milliseconds(150)
        /// Until a place that stayed empty says what it waits for.
        var placeholder = Duration.milliseconds(150)
        /// Work that lasts longer no longer keeps a place among the workers.
        var slow = Duration.seconds(1)
    }

    typealias Instant = ContinuousClock.Instant

    /// A request with its key.
    struct Wish: Sendable {
        let request: PictureRequest
        let key: PictureKey
        /// Since when it has been wanted without interruption.
        let since: Instant

        var isSpare: Bool { request.priority >= 2 }
    }

    /// Work to be done.
    struct Step: Sendable {
        let wish: Wish
        let quality: PictureQuality

        var variant: PictureVariant { PictureVariant(key: wish.key, quality: quality) }
    }

    /// What is known about a picture apart from the wish for it.
    struct Shelf {
        /// Whether there is such a picture already.
        var has: (PictureVariant) -> Bool
        /// Whether nothing can be done for it now: being made, failed, or no room.
        var isSettled: (Wish) -> Bool
        /// Whether a quick version comes much sooner than the good one even at rest.
        var isSlow: (PictureRequest) -> Bool
        /// Whether it is ready and waits only for the movement to end.
        var isHeldBack: (PictureKey) -> Bool = { _ in false }
        /// Whether there are quick versions at all.
        var hasSteps: Bool
    }

    let timing: Timing
    /// In the order of urgency.
    private(set) var wishes: [Wish] = []
    /// Counts how often the wishes changed.
    private(set) var generation = 0
    private var selection = PictureMotion()
    private var slots: [String: PictureMotion] = [:]

    init(timing: Timing = Timing()) { self.timing = timing }

    /// Takes the complete list of what is wanted; anything else is forgotten.
    ///
    /// - Returns: whether anything changed.
    @discardableResult
    mutating func want(
        _ requests: [PictureRequest], at now: Instant, usesLabel: Bool = false
    ) -> Bool {
        let known = Dictionary(wishes.map { ($0.key, $0.since) }) { first, _ in first }
        var seen: Set<PictureKey> = []
        let fresh = requests.enumerated()
            .sorted { ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset) }
            .compactMap { _, request -> Wish? in
                let key = PictureKey(request, usesLabel: usesLabel)
                guard seen.insert(key).inserted else { return nil }
                return Wish(request: request, key: key, since: known[key] ?? now)
            }
        let isSame = fresh.elementsEqual(wishes) {
            $0.key == $1.key && $0.request.priority == $1.request.priority
                && $0.request.slot == $1.request.slot
        }
        guard !isSame else { return false }
        noteMotion(fresh, at: now)
        wishes = fresh
        generation += 1
        return true
    }

    /// Whether the key is wanted, and where on the screen rather than in advance.
    func wants(_ key: PictureKey, onScreen: Bool = false) -> Bool {
        wishes.contains { $0.key == key && !(onScreen && $0.isSpare) }
    }

    /// Whether work on a picture goes on although the wishes changed: while it is wanted, or while
    /// its place would otherwise never see anything finished.
    func keepsWorking(on wish: Wish) -> Bool {
        wants(wish.key)
            || wish.request.slot.map { slot in wishes.contains { $0.request.slot == slot } }
                ?? false
    }

    /// Since when a picture has been wanted.
    func since(_ key: PictureKey) -> Instant? { wishes.first { $0.key == key }?.since }

    /// Whether a picture came with a movement so lately that it may be gone in a moment.
    func hasJustCome(_ key: PictureKey, _ request: PictureRequest, at now: Instant) -> Bool {
        guard let since = since(key) else {
            // Asked for before it is wanted: one more step shortly after another.
            return motion(of: request).changed.map { now - $0 < timing.rest } ?? false
        }
        return now - since < timing.debounce
            && motion(of: request).isMoving(at: now, rest: timing.rest)
    }

    /// Whether a place on the screen has been empty for so long that it should say why.
    func showsPlaceholder(at now: Instant, _ shelf: Shelf) -> Bool {
        wishes.contains {
            !$0.isSpare && !hasAny($0, shelf) && now - $0.since >= timing.placeholder
        }
    }

    /// The most urgent work that may start now.
    func next(at now: Instant, _ shelf: Shelf, mayPrefetch: Bool = true) -> Step? {
        var best: (rank: Int, step: Step)?
        for wish in wishes where mayPrefetch || !wish.isSpare {
            guard let (quality, start) = due(wish, at: now, shelf), start <= now else { continue }
            let rank = rank(wish, shelf)
            if rank < (best?.rank ?? .max) { best = (rank, Step(wish: wish, quality: quality)) }
        }
        return best?.step
    }

    /// When to look again although nothing happened; `nil` when that is not necessary.
    func wake(after now: Instant, _ shelf: Shelf) -> Instant? {
        var times = wishes.compactMap { due($0, at: now, shelf)?.start }
        for wish in wishes where !wish.isSpare && !hasAny(wish, shelf) {
            times.append(wish.since + timing.placeholder)
        }
        times += wishes.filter { shelf.isHeldBack($0.key) }.map { $0.since + timing.debounce }
        return times.filter { $0 > now }.min()
    }

    /// The next version of a picture and when work on it may begin.
    private func due(
        _ wish: Wish, at now: Instant, _ shelf: Shelf
    ) -> (quality: PictureQuality, start: Instant)? {
        guard !shelf.isSettled(wish) else { return nil }
        guard !shelf.has(PictureVariant(key: wish.key, quality: .still)) else { return nil }
        let motion = motion(of: wish.request)
        let changed = motion.changed ?? now
        if wish.isSpare { return (.still, (selection.changed ?? now) + timing.prefetch) }
        let start = wish.request.slot == nil ? changed + timing.debounce : changed
        let isMoving = motion.isMoving(at: now, rest: timing.rest)
        let hasQuick = shelf.has(PictureVariant(key: wish.key, quality: .moving))
        if shelf.hasSteps, !hasQuick, isMoving || shelf.isSlow(wish.request) {
            return (.moving, start)
        }
        return (.still, isMoving && shelf.hasSteps ? changed + timing.rest : start)
    }

    /// First something for every place on the screen, then something better, then the rest.
    private func rank(_ wish: Wish, _ shelf: Shelf) -> Int {
        if wish.isSpare { return 2 }
        return hasAny(wish, shelf) ? 1 : 0
    }

    private func hasAny(_ wish: Wish, _ shelf: Shelf) -> Bool {
        [.still, .moving].contains { shelf.has(PictureVariant(key: wish.key, quality: $0)) }
    }

    private func motion(of request: PictureRequest) -> PictureMotion {
        guard let slot = request.slot else { return selection }
        return slots[slot] ?? PictureMotion()
    }

    private mutating func noteMotion(_ fresh: [Wish], at now: Instant) {
        func keys(_ wishes: [Wish], _ slot: String?) -> Set<PictureKey> {
            Set(wishes.filter { !$0.isSpare && $0.request.slot == slot }.map(\.key))
        }
        if keys(fresh, nil) != keys(wishes, nil) { selection.change(at: now, rest: timing.rest) }
        let names = Set(fresh.compactMap(\.request.slot))
        slots = slots.filter { names.contains($0.key) }
        for name in names where keys(fresh, name) != keys(wishes, name) {
            slots[name, default: PictureMotion()].change(at: now, rest: timing.rest)
        }
    }
}

extension PictureSchedule {
    /// Work under way.
    struct Running: Sendable {
        let step: Step
        let began: Instant
    }

    /// How many may work at once.
    struct Crew: Sendable {
        /// Two are enough: more never helped others, and the model wants the other cores.
        let size: Int
        /// How many more there may be while some are held up by slow files.
        let helpers = 2

        /// Whether one more may start, and whether with something that is not on the screen.
        func room(_ running: [Running], at now: Instant, slow: Duration) -> (any: Bool, spare: Bool)
        {
            let quick = running.filter { now - $0.began < slow }.count
            let any = quick < size && running.count < size + helpers
            // One worker stays free for what somebody will look at next.
            return (any, any && quick < max(1, size - 1))
        }
    }
}
