import Dispatch
import Foundation
import Glibc

/// A client that sends exactly what it is told, and hears until the other end closes.
final class RawClient {
    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: String

        func json() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] ?? [:]
        }

        /// The data of the events of a stream.
        var events: [String] {
            body.components(separatedBy: "\n\n").filter { $0.hasPrefix("data: ") }
                .map { String($0.dropFirst(6)) }
        }
    }

    struct Failure: Error { let what: String }

    private let descriptor: Int32
    private var isOpen = true

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(what: "connect: \(errno)") }
    }

    deinit { leave() }

    /// Closes the connection without waiting for anything.
    func leave() {
        // Once: the number may soon be that of a connection of the server.
        if isOpen { close(descriptor) }
        isOpen = false
    }

    /// Returns false when the other end no longer listens.
    @discardableResult func send(_ text: String) -> Bool { send(Data(text.utf8)) }

    @discardableResult func send(_ data: Data) -> Bool {
        data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Bool in
            var rest = bytes[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.send(
                    descriptor, slice.baseAddress, slice.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Some bytes; empty at the end.
    func receive() -> Data {
        // Nobody waits for ever; `timeval` for a socket option cannot be named beside NIO.
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, 120_000) > 0 else { return Data() }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return Data(buffer[..<max(0, count)])
    }

    /// Hears until the end.
    func answer() throws -> Answer {
        var data = Data()
        while true {
            let more = receive()
            if more.isEmpty { break }
            data += more
        }
        return try Self.parse(data)
    }

    static func parse(_ data: Data) throws -> Answer {
        guard let end = data.range(of: Data("\r\n\r\n".utf8)) else {
            throw Failure(what: "no head in \(data.count) bytes")
        }
        let lines = String(decoding: data[..<end.lowerBound], as: UTF8.self)
            .components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] =
                parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        var body = data[end.upperBound...]
        if headers["transfer-encoding"] == "chunked" { body = try joined(body)[...] }
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Answer(
            status: status ?? 0, headers: headers, body: String(decoding: body, as: UTF8.self))
    }

    private static func joined(_ chunks: Data) throws -> Data {
        var rest = chunks
        var body = Data()
        while let line = rest.range(of: Data("\r\n".utf8)) {
            let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16)
            guard let size else { throw Failure(what: "a chunk without a size") }
            if size == 0 { return body }
            let end = line.upperBound + size
            guard rest.endIndex >= end + 2 else { throw Failure(what: "a chunk cut short") }
            body += rest[line.upperBound..<end]
            rest = rest[(end + 2)...]
        }
        throw Failure(what: "no last chunk")
    }
}

extension RawClient {
    /// One request on a connection of its own.
    static func ask(
        _ port: Int, _ method: String, _ path: String, headers: [String: String] = [:],
        body: Data = Data()
    ) throws -> Answer {
        let client = try RawClient(port: port)
        client.send(head(method, path, headers, length: body.count))
        client.send(body)
        return try client.answer()
    }

    static func head(
        _ method: String, _ path: String, _ headers: [String: String] = [:], length: Int
    ) -> String {
        var fields = ["Host": "localhost", "Connection": "close", "Content-Length": "\(length)"]
        for (name, value) in headers { fields[name] = value }
        let lines = fields.map { "\($0): \($1)\r\n" }.sorted().joined()
        return "\(method) \(path) HTTP/1.1\r\n\(lines)\r\n"
    }

    static func chat(
        _ port: Int, _ json: String, headers: [String: String] = [:]
    ) throws -> Answer {
        try ask(
            port, "POST", "/v1/chat/completions", headers: headers, body: Data(json.utf8))
    }
}
