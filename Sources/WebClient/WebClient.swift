import CTransfer
import Foundation
import Synchronization

/// Carries requests with libcurl; redirects are left to the caller.
///
/// Each request has a thread that sleeps until something comes: URLSession of the open-source
/// Foundation turns a core round while it waits for an answer.
public final class WebClient: Sendable {
    private let idle: IdleTransfers

    /// - Parameter connections: most that are kept open for later.
    public init(connections: Int) { idle = IdleTransfers(limit: connections) }

    /// Sends a request; cancelling the task ends it.
    ///
    /// - Throws: `WebFailure` when nothing came back at all, or `CancellationError`.
    public func send(_ request: WebRequest) async throws -> WebAnswer {
        let lines = try request.lines()
        guard let transfer = idle.take() else { throw WebFailure("there is no memory for it") }
        let exchange = Exchange(request, transfer)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let thread = Thread { [idle] in
                    let result = Result { try exchange.perform(lines) }
                    idle.give(transfer)
                    continuation.resume(with: result)
                }
                thread.start()
            }
        } onCancel: {
            exchange.cancel()
        }
    }
}

/// A handle of libcurl; used by one thread at a time, but for `wake`.
private struct Transfer: @unchecked Sendable {
    // Unchecked: whoever takes it out of the idle ones has it for himself.
    let pointer: OpaquePointer
}

/// Handles whose connections may be used again.
private final class IdleTransfers: Sendable {
    private let transfers = Mutex<[Transfer]>([])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    deinit { transfers.withLock { $0.forEach { ctransfer_close($0.pointer) } } }

    func take() -> Transfer? {
        // Under the lock: the first handle of all sets libcurl up.
        Self.opening.withLock { _ in
            if let transfer = transfers.withLock({ $0.popLast() }) { return transfer }
            return ctransfer_open().map(Transfer.init)
        }
    }

    func give(_ transfer: Transfer) {
        let isKept = transfers.withLock { transfers in
            guard transfers.count < limit else { return false }
            transfers.append(transfer)
            return true
        }
        if !isKept { ctransfer_close(transfer.pointer) }
    }

    private static let opening = Mutex(())
}

/// One request on its way, and what has come of its answer.
private final class Exchange: Sendable {
    private struct State {
        var headers: [String: String] = [:]
        var body = Data()
        var isTooLong = false
        var isCancelled = false
        var isOver = false
        /// When bytes came last.
        var heard = ContinuousClock.now
        /// Why it was ended from this side.
        var reason: String?
    }

    private let request: WebRequest
    private let transfer: Transfer
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(_ request: WebRequest, _ transfer: Transfer) {
        self.request = request
        self.transfer = transfer
    }

    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            // Afterwards the handle belongs to somebody else.
            if !state.isOver { ctransfer_wake(transfer.pointer) }
        }
    }

    func perform(_ lines: [String]) throws -> WebAnswer {
        let outcome = Self.withPointers(lines) { headers in
            (request.body ?? Data()).withUnsafeBytes { body in
                // Some address even for a body without bytes, so that it is sent with POST.
                withUnsafePointer(to: UInt8(0)) { nothing in
                    request.url.absoluteString.withCString { url in
                        var wire = ctransfer_request()
                        wire.url = url
                        wire.headers = headers.baseAddress
                        wire.header_count = headers.count
                        if request.body != nil {
                            let start = body.baseAddress ?? UnsafeRawPointer(nothing)
                            wire.body = start.assumingMemoryBound(to: CChar.self)
                            wire.body_count = body.count
                        }
                        wire.head = { Exchange.of($0)?.head($1, $2) }
                        wire.received = { Exchange.of($0)?.received($1, $2) ?? false }
                        wire.goes_on = { Exchange.of($0)?.goesOn() ?? false }
                        wire.context = Unmanaged.passUnretained(self).toOpaque()
                        return ctransfer_perform(transfer.pointer, &wire)
                    }
                }
            }
        }
        return try answer(outcome)
    }

    private func answer(_ outcome: ctransfer_outcome) throws -> WebAnswer {
        let words = withUnsafeBytes(of: outcome.reason) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return try state.withLock { state in
            state.isOver = true
            if state.isCancelled { throw CancellationError() }
            let reason = state.reason ?? (words.isEmpty ? "the connection failed" : words)
            guard outcome.status > 0 else { throw WebFailure(reason) }
            let isEnough = outcome.is_whole || state.isTooLong
            return WebAnswer(
                status: outcome.status, headers: state.headers,
                body: state.body.prefix(request.limit), isTooLong: state.isTooLong,
                failure: isEnough ? nil : WebFailure(reason))
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Exchange? {
        context.map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
    }

    private func head(_ bytes: UnsafePointer<CChar>?, _ count: Int) {
        guard let bytes else { return }
        let line = String(
            decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        state.withLock { state in
            state.heard = .now
            // A proxy or a server may send heads before the one that counts.
            if line.hasPrefix("HTTP/") { return state.headers = [:] }
            guard let colon = line.firstIndex(of: ":") else { return }
            let name = line[..<colon].lowercased().trimmingCharacters(in: .whitespacesAndNewlines)
            let value = line[line.index(after: colon)...]
            state.headers[name] = value.trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private func received(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> Bool {
        guard let bytes else { return count == 0 }
        let piece = UnsafeRawBufferPointer(start: bytes, count: count)
        return state.withLock { state in
            state.heard = .now
            state.body.append(contentsOf: piece.prefix(request.limit + 1 - state.body.count))
            state.isTooLong = state.body.count > request.limit
            return !state.isTooLong
        }
    }

    private func goesOn() -> Bool {
        state.withLock { state in
            if state.isCancelled { return false }
            let now = ContinuousClock.now
            if now - start > .seconds(request.seconds) {
                state.reason = "it took longer than \(Int(request.seconds.rounded(.up))) s"
            } else if now - state.heard > .seconds(request.stall) {
                state.reason = "nothing came for \(Int(request.stall.rounded(.up))) s"
            }
            return state.reason == nil
        }
    }

    /// Texts as C strings that live as long as `body` runs.
    private static func withPointers<Result>(
        _ texts: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = texts.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer(body)
    }
}
