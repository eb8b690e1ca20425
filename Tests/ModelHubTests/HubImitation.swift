import Crypto
import Foundation
import Glibc
import Synchronization

@testable import ModelHub

/// A hub on loopback that can misbehave: it answers HTTP by hand, each connection once.
final class HubImitation: Sendable {
    /// What happens to one request.
    enum Fault: Sendable, Equatable {
        case none
        case status(Int, retryAfter: String?)
        /// Ends the connection after so many bytes of the body.
        case drop(after: Int)
        /// Sends a byte, then nothing.
        case stall
        /// Sends slowly: so many bytes at a time with pauses between.
        case slow(bytes: Int, milliseconds: UInt32)
        case redirect(String)
        /// Sends other bytes than there are.
        case wrongBytes
        /// Ignores `Range`.
        case wholeFile
        /// Says that the part is another one.
        case otherRange
    }

    struct Request: Sendable {
        let path: String
        let headers: [String: String]
        /// From 1, of requests for this path.
        let number: Int
    }

    private struct State {
        var requests: [Request] = []
        var counts: [String: Int] = [:]
        var isOver = false
    }

    let files: [String: Data]
    let commit: String
    let port: Int
    private let listener: Int32
    private let fault: @Sendable (Request) -> Fault
    private let listing: Data?
    private let state = Mutex(State())

    var endpoint: HubEndpoint {
        get throws { try HubEndpoint("http://127.0.0.1:\(port)") }
    }

    var requests: [Request] { state.withLock(\.requests) }

    /// - Parameters:
    ///   - listing: the answer to the question for the files; a right one unless given.
    ///   - fault: decides what goes wrong.
    init(
        _ files: [String: Data], commit: String = String(repeating: "c", count: 40),
        listing: Data? = nil,
        fault: @escaping @Sendable (Request) -> Fault = { _ in .none }
    ) throws {
        self.files = files
        self.commit = commit
        self.fault = fault
        self.listing = listing
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw HubError.last(URL(fileURLWithPath: "socket")) }
        port = Int(UInt16(bigEndian: address.sin_port))
        let thread = Thread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                guard let self, !self.state.withLock(\.isOver) else {
                    close(connection)
                    return
                }
                let answer = Thread { self.serve(connection) }
                answer.start()
            }
        }
        thread.start()
    }

    /// Takes no more connections.
    func end() {
        state.withLock { $0.isOver = true }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while data.range(of: Data("\r\n\r\n".utf8)) == nil {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            data.append(contentsOf: buffer[..<count])
        }
        let lines = String(decoding: data, as: UTF8.self).components(separatedBy: "\r\n")
        let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let request = state.withLock { state in
            state.counts[path, default: 0] += 1
            let request = Request(
                path: path, headers: headers, number: state.counts[path] ?? 0)
            state.requests.append(request)
            return request
        }
        answer(request, connection)
    }

    private func answer(_ request: Request, _ connection: Int32) {
        let fault = fault(request)
        if case .status(let status, let retryAfter) = fault {
            let more = retryAfter.map { "Retry-After: \($0)\r\n" } ?? ""
            return respond(connection, status, Data("go away \u{1B}[2J".utf8), more)
        }
        if case .redirect(let location) = fault {
            return respond(connection, 302, Data(), "Location: \(location)\r\n")
        }
        if request.path.hasPrefix("/api/models/") {
            return respond(connection, 200, listing ?? usualListing())
        }
        let name = request.path.split(separator: "?")[0].split(separator: "/").last ?? ""
        guard var content = files[String(name)] else { return respond(connection, 404, Data()) }
        let size = content.count
        var status = 200
        var more = "ETag: \"\(Self.sha256(content))\"\r\n"
        if fault == .wrongBytes { content = Data(repeating: 0x78, count: size) }
        if fault != .wholeFile, let range = request.headers["range"] {
            let ends = range.dropFirst(6).split(separator: "-").compactMap { Int($0) }
            content = content.subdata(in: ends[0]..<min(ends[1] + 1, size))
            status = 206
            let told = fault == .otherRange ? ends[0] + 1 : ends[0]
            more += "Content-Range: bytes \(told)-\(ends[0] + content.count - 1)/\(size)\r\n"
        }
        respond(connection, status, content, more, fault)
    }

    private func respond(
        _ connection: Int32, _ status: Int, _ body: Data, _ more: String = "",
        _ fault: Fault = .none
    ) {
        let head =
            "HTTP/1.1 \(status) X\r\nContent-Length: \(body.count)\r\n\(more)"
            + "Connection: close\r\n\r\n"
        _ = put(connection, Data(head.utf8))
        switch fault {
        case .drop(let after): _ = put(connection, body.prefix(after))
        case .stall:
            _ = put(connection, body.prefix(1))
            // Until the client goes away.
            var byte: UInt8 = 0
            _ = recv(connection, &byte, 1, 0)
        case .slow(let bytes, let milliseconds):
            var rest = body[...]
            while !rest.isEmpty {
                guard put(connection, rest.prefix(bytes)) else { return }
                rest = rest.dropFirst(bytes)
                usleep(milliseconds * 1000)
            }
        default: _ = put(connection, body)
        }
    }

    private func put(_ connection: Int32, _ data: Data) -> Bool {
        data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Bool in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = send(connection, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    private func usualListing() -> Data {
        let siblings = files.sorted { $0.key < $1.key }.map { name, data -> [String: Any] in
            name.hasSuffix(".safetensors")
                ? [
                    "rfilename": name, "size": 130,
                    "lfs": ["sha256": Self.sha256(data), "size": data.count],
                ]
                : ["rfilename": name, "size": data.count, "blobId": Self.git(data)]
        }
        let document: [String: Any] = ["sha": commit, "siblings": siblings]
        return (try? JSONSerialization.data(withJSONObject: document)) ?? Data()
    }

    static func sha256(_ data: Data) -> String {
        SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
    }

    static func git(_ data: Data) -> String {
        Insecure.SHA1.hash(data: Data("blob \(data.count)\0".utf8) + data)
            .map { String(format: "%02x", $0) }.joined()
    }
}
