import TerminalUI

/// Everything the pipeline knows, changed under one lock and without ever waiting.
struct PictureState: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Work handed to a worker.
    struct Job: Sendable {
        let id: Int
        let step: PictureSchedule.Step
        let terminal: PictureTerminal
        let token: CancelToken
    }

    enum Outcome: Sendable {
        case picture(RenderedPicture)
        case failed(String)
        case stopped
    }

    /// What to do next.
    struct Plan {
        var start: [Job] = []
        var wake: Instant?
    }

    private struct Running {
        let job: Job
        let began: Instant
        /// Whether its result is there and only the disk is still being written.
        var isDone = false
    }

    private var schedule: PictureSchedule
    private let crew: PictureSchedule.Crew
    private(set) var cache: PictureCache
    private var terminal = PictureTerminal(method: .card)
    private var failures: [PictureKey: String] = [:]
    /// Pictures made in advance for which there is no room.
    private var crowdedOut: Set<PictureKey> = []
    private var running: [Int: Running] = [:]
    private var lastID = 0
    /// The last picture made for each slot, and by which job.
    private var slots: [String: (variant: PictureVariant, job: Int)] = [:]
    /// Pictures that are ready but were not handed out, because they may be gone in a moment.
    private var heldBack: Set<PictureKey> = []
    private var armed: Instant?

    init(schedule: PictureSchedule, crew: PictureSchedule.Crew, cache: PictureCache) {
        self.schedule = schedule
        self.crew = crew
        self.cache = cache
    }

    // MARK: - What the interface says

    mutating func configure(_ terminal: PictureTerminal, at now: Instant) -> Bool {
        guard terminal != self.terminal else { return false }
        self.terminal = terminal
        cache.removeAll()
        failures = [:]
        crowdedOut = []
        heldBack = []
        slots = [:]
        for entry in running.values { entry.job.token.cancel() }
        let requests = schedule.wishes.map(\.request)
        schedule.want([], at: now)
        schedule.want(requests, at: now, usesLabel: terminal.usesLabel)
        return true
    }

    mutating func want(_ requests: [PictureRequest], at now: Instant) -> Bool {
        guard schedule.want(requests, at: now, usesLabel: terminal.usesLabel) else { return false }
        crowdedOut = []
        failures = failures.filter { schedule.wants($0.key) }
        heldBack = heldBack.filter { schedule.wants($0) }
        let names = Set(requests.compactMap(\.slot))
        slots = slots.filter { names.contains($0.key) }
        for entry in running.values where !schedule.keepsWorking(on: entry.job.step.wish) {
            entry.job.token.cancel()
        }
        return true
    }

    mutating func limitMemory(to bytes: Int) {
        cache.limit(to: bytes) { [schedule] in schedule.wants($0, onScreen: true) }
        crowdedOut = []
    }

    /// Keeps what is wanted, and little else.
    mutating func rest() {
        cache.shrink(to: PictureCache.restingBytes) { [schedule] in schedule.wants($0) }
    }

    mutating func answer(_ request: PictureRequest, at now: Instant) -> PictureAnswer {
        let key = key(request)
        for quality in [PictureQuality.still, .moving] {
            let variant = PictureVariant(key: key, quality: quality)
            guard let entry = cache.find(variant) else { continue }
            if holdsBack(entry.picture, request, key, at: now) {
                heldBack.insert(key)
                break
            }
            heldBack.remove(key)
            return .ready(entry.picture, key: entry.name)
        }
        if let sentence = failures[key] { return .failed(sentence) }
        if let slot = request.slot, let last = slots[slot]?.variant, last.key.box == request.box,
            let entry = cache.find(last)
        {
            return .ready(entry.picture, key: entry.name)
        }
        return .waiting(since: schedule.since(key) ?? now)
    }

    // MARK: - What the workers say

    mutating func plan(at now: Instant) -> Plan {
        var plan = Plan()
        let timing = schedule.timing
        var isFull = false
        while true {
            let active = running.values.map {
                PictureSchedule.Running(step: $0.job.step, began: $0.began)
            }
            let room = crew.room(active, at: now, slow: timing.slow)
            isFull = !room.any
            guard room.any,
                let step = schedule.next(at: now, shelf, mayPrefetch: room.spare)
            else { break }
            lastID += 1
            let job = Job(id: lastID, step: step, terminal: terminal, token: CancelToken())
            running[lastID] = Running(job: job, began: now)
            plan.start.append(job)
        }
        var times = [schedule.wake(after: now, shelf)].compactMap { $0 }
        // Work that turns out to be slow makes room for other work.
        if isFull { times += running.values.map { $0.began + timing.slow }.filter { $0 > now } }
        guard let wake = times.min() else { return plan }
        if let armed, armed <= wake, armed > now { return plan }
        armed = wake
        plan.wake = wake
        return plan
    }

    /// - Returns: whether drawing again may show something else.
    mutating func timerFired(_ wake: Instant, at now: Instant) -> Bool {
        if armed == wake { armed = nil }
        let released = heldBack.filter { key in
            schedule.since(key).map { now - $0 >= schedule.timing.debounce } ?? true
        }
        heldBack.subtract(released)
        return !released.isEmpty || schedule.showsPlaceholder(at: now, shelf)
    }

    /// Takes the result of a job.
    ///
    /// - Returns: whether somebody would like to see it.
    mutating func finish(_ job: Job, _ outcome: Outcome, at now: Instant) -> Bool {
        running[job.id]?.isDone = true
        let wish = job.step.wish
        guard job.terminal == terminal else { return false }
        let isWanted = schedule.wants(wish.key)
        switch outcome {
        case .stopped: return false
        case .failed(let sentence):
            guard isWanted else { return false }
            failures[wish.key] = sentence
        case .picture(let picture):
            let isSeen = schedule.wants(wish.key, onScreen: true) || wish.request.slot != nil
            let kept = cache.insert(
                picture, as: job.step.variant, isSpare: !isSeen
            ) { [schedule] in schedule.wants($0, onScreen: isSeen) }
            if !kept { crowdedOut.insert(wish.key) }
            if let slot = wish.request.slot, schedule.keepsWorking(on: wish) {
                fill(slot, with: job)
            }
            // The quick version has served.
            if kept, job.step.quality == .still {
                cache.remove(PictureVariant(key: wish.key, quality: .moving))
            }
        }
        return schedule.wants(wish.key, onScreen: true) || schedule.keepsWorking(on: wish)
    }

    /// The worker is free again.
    mutating func leave(_ job: Job) { running[job.id] = nil }

    // MARK: - Details

    /// Makes a picture the one that its slot shows until there is a newer one.
    private mutating func fill(_ slot: String, with job: Job) {
        if let last = slots[slot], last.variant.key != job.step.wish.key {
            guard last.job < job.id else { return }
            // Nobody comes back to an earlier state of a composition.
            if case .pixels = job.step.wish.request.source, !schedule.wants(last.variant.key) {
                cache.remove(last.variant)
            }
        }
        slots[slot] = (job.step.variant, job.id)
    }

    private func key(_ request: PictureRequest) -> PictureKey {
        PictureKey(request, usesLabel: terminal.usesLabel)
    }

    private var shelf: PictureSchedule.Shelf {
        let active = running.values.filter { !$0.isDone && !$0.job.token.isCancelled }
            .map(\.job.step.wish)
        let busy = Set(active.map(\.key))
        // In one slot one after the other: two at once would both be late.
        let busySlots = Set(active.compactMap(\.request.slot))
        return PictureSchedule.Shelf(
            has: { [cache] in cache.has($0) },
            isSettled: { [failures, crowdedOut] wish in
                busy.contains(wish.key) || failures[wish.key] != nil
                    || crowdedOut.contains(wish.key)
                    || wish.request.slot.map { busySlots.contains($0) } ?? false
            },
            isSlow: { [terminal] in Self.isSlow($0, terminal) },
            isHeldBack: { [heldBack] in heldBack.contains($0) }, hasSteps: terminal.hasSteps)
    }

    /// Whether the good version needs the original while the thumbnail would do for a quick one.
    private static func isSlow(_ request: PictureRequest, _ terminal: PictureTerminal) -> Bool {
        guard case .stored = request.source, !terminal.isRemote else { return false }
        let longest = max(
            request.box.columns * terminal.cell.width, request.box.rows * terminal.cell.height)
        return Double(longest)
            > Double(PictureLoader.thumbnailSide) * PictureLoader.thumbnailStretch
    }

    /// Over a line, pictures that would be gone again before they have arrived are not sent, even
    /// when they are ready.
    private func holdsBack(
        _ picture: RenderedPicture, _ request: PictureRequest, _ key: PictureKey, at now: Instant
    ) -> Bool {
        guard terminal.isRemote, request.slot == nil, picture.cost > 32_000 else { return false }
        return schedule.hasJustCome(key, request, at: now)
    }
}
