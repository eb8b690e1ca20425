public import Foundation
import Synchronization

/// Brings a checkpoint from a hub into a folder: several pieces at a time, checked by their hashes,
/// and gone on with after any end of the program.
public struct ModelPull: Sendable {
    /// What is pulled, from where, and how.
    public struct Options: Sendable {
        /// The model.
        public var repository: RepositoryName
        /// The hub.
        public var endpoint: HubEndpoint
        /// Shown to the hub, and to nobody it sends us to.
        public var token: String?
        /// Where folders of models lie.
        public var into: URL
        /// Pieces at a time.
        public var parallel: Int
        /// Bytes of a piece.
        public var piece: Int
        /// When a request is made again.
        public var retry: HubRetry

        /// Four pieces of 8 MiB at a time unless told otherwise.
        public init(
            repository: RepositoryName, endpoint: HubEndpoint, token: String? = nil, into: URL,
            parallel: Int = 4, piece: Int = 8 << 20, retry: HubRetry = HubRetry()
        ) {
            self.repository = repository
            self.endpoint = endpoint
            self.token = token
            self.into = into
            self.parallel = parallel
            self.piece = piece
            self.retry = retry
        }
    }

    /// How far it is.
    public struct Progress: Sendable, Equatable {
        /// Bytes that are there.
        public var have: Int
        /// Bytes of all files.
        public var total: Int
    }

    /// What was pulled.
    public struct Result: Sendable, Equatable {
        /// The checkpoint.
        public var folder: URL
        /// The state of the model.
        public var commit: String
        /// Number of files.
        public var files: Int
        /// Bytes of all files.
        public var bytes: Int
        /// Bytes that came over the network now.
        public var received: Int
        /// Files that came without a hash that could be checked.
        public var unchecked: [String]
    }

    private let options: Options
    private let client: HubClient

    /// Over the network.
    public init(_ options: Options) {
        self.init(options, transport: NetworkHubTransport(connections: options.parallel + 1))
    }

    init(_ options: Options, transport: any HubTransport) {
        self.options = options
        client = HubClient(
            endpoint: options.endpoint, token: options.token, retry: options.retry,
            transport: transport)
    }

    /// Pulls what is missing.
    ///
    /// - Parameter progress: may be called from any thread.
    /// - Throws: `HubError`, or `CancellationError`; what has come is kept for the next time.
    public func run(progress: @escaping @Sendable (Progress) -> Void) async throws -> Result {
        let repository = options.repository
        let hub = options.endpoint.description
        let listing = try await client.listing(of: repository)
        let wanted = try listing.needed(by: repository, hub: hub)
        let folders = PullFolder(options.into, repository: repository, commit: listing.commit)
        if let note = folders.finished() {
            return Result(
                folder: folders.final, commit: listing.commit, files: note.files.count,
                bytes: note.files.reduce(0) { $0 + $1.bytes }, received: 0,
                unchecked: note.files.filter { $0.digest == nil }.map(\.name))
        }
        let lock = try folders.open()
        defer { withExtendedLifetime(lock) {} }
        var files: [FileDownload] = []
        var ready: [PullNote.File] = []
        for var file in wanted {
            if let done = folders.ready(file) {
                ready.append(done)
                continue
            }
            let (size, digest) = try await facts(of: file, listing.commit)
            file.digest = file.digest ?? digest
            files.append(try FileDownload(file, size: size, in: folders.part))
        }
        let total = files.reduce(ready.reduce(0) { $0 + $1.bytes }) { $0 + $1.size }
        try folders.checkSpace(files.reduce(0) { $0 + $1.size - $1.have })
        let count = PullCount(total: total, have: ready.reduce(0) { $0 + $1.bytes }, progress)
        for file in files { count.add(file.have, isReceived: false) }
        try await fetch(files, listing.commit, count)
        for file in files {
            try await settle(file, listing.commit, count)
            try file.finish(in: folders.part)
            ready.append(folders.describe(file))
        }
        try folders.finish(
            PullNote(
                hub: hub, repository: repository.description, revision: repository.revision,
                commit: listing.commit, files: ready.sorted { $0.name < $1.name }))
        return Result(
            folder: folders.final, commit: listing.commit, files: ready.count, bytes: total,
            received: count.received,
            unchecked: ready.filter { $0.digest == nil }.map(\.name).sorted())
    }

    /// The length of a file, and its hash when the list did not tell it.
    private func facts(
        of file: HubListing.File, _ commit: String
    ) async throws -> (size: Int, digest: HubListing.Digest?) {
        if let size = file.size { return (size, nil) }
        let fetcher = PieceFetcher(client, options, file.name, commit)
        return try await fetcher.facts()
    }

    /// Brings the missing pieces of all files.
    private func fetch(
        _ files: [FileDownload], _ commit: String, _ count: PullCount
    ) async throws {
        let work = files.map { file in
            (file, PieceFetcher(client, options, file.file.name, commit))
        }
        var pieces = work.flatMap { file, fetcher in
            file.missing(piece: options.piece).map { (file, fetcher, $0) }
        }[...]
        try await withThrowingTaskGroup(of: Void.self) { group in
            func begin() {
                guard let (file, fetcher, range) = pieces.popFirst() else { return }
                group.addTask {
                    try await fetcher.fetch(range, of: file) { count.add($0, isReceived: true) }
                }
            }
            for _ in 0..<max(1, options.parallel) { begin() }
            while try await group.next() != nil { begin() }
        }
    }

    /// Checks a file; one that is wrong is brought once more.
    private func settle(
        _ file: FileDownload, _ commit: String, _ count: PullCount
    ) async throws {
        if try file.isRight() != false { return }
        count.add(-file.have, isReceived: false)
        try file.restart()
        try await fetch([file], commit, count)
        guard try file.isRight() != false else {
            try file.restart()
            throw HubError.wrongContent(
                file: file.file.name, hub: options.endpoint.description)
        }
    }
}

/// Counts bytes as they come.
private final class PullCount: Sendable {
    private let values: Mutex<(have: Int, received: Int)>
    private let total: Int
    private let progress: @Sendable (ModelPull.Progress) -> Void

    init(total: Int, have: Int, _ progress: @escaping @Sendable (ModelPull.Progress) -> Void) {
        self.total = total
        values = Mutex((have, 0))
        self.progress = progress
    }

    var received: Int { values.withLock(\.received) }

    func add(_ bytes: Int, isReceived: Bool) {
        let have = values.withLock { values in
            values.have += bytes
            if isReceived { values.received += bytes }
            return values.have
        }
        progress(ModelPull.Progress(have: have, total: total))
    }
}
