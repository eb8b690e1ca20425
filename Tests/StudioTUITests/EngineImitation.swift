import Foundation
import Synchronization

/// A program that speaks as much of OpenAI's API as a client needs to hear one answer.
final class EngineImitation: Sendable {
    struct Failure: Error {}

    let port: Int
    private let listener: Int32
    private let bodies = Mutex<[Data]>([])

    /// What was asked so far.
    var questions: [Data] { bodies.withLock { $0 } }

    init(answer: String) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure() }
        port = Int(UInt16(bigEndian: address.sin_port))
        let models = #"{"object": "list", "data": [{"id": "imitated"}]}"#
        let chat =
            #"{"model": "imitated", "choices": [{"index": 0, "finish_reason": "stop", "#
            + #""message": {"role": "assistant", "content": "\#(answer)"}}], "#
            + #""usage": {"prompt_tokens": 9, "completion_tokens": 3}}"#
        let thread = Thread { [weak self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                let request = Self.receive(connection)
                let isChat = request.head.hasPrefix("POST ")
                if isChat { self?.bodies.withLock { $0.append(request.body) } }
                let text = isChat ? chat : models
                let reply = Array(
                    ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                        + "Content-Length: \(text.utf8.count)\r\n\r\n" + text).utf8)
                _ = send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
                close(connection)
            }
        }
        thread.start()
    }

    func end() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func receive(_ connection: Int32) -> (head: String, body: Data) {
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = data.range(of: Data("\r\n\r\n".utf8)) {
                let head = String(decoding: data[..<end.lowerBound], as: UTF8.self)
                let length = head.lowercased().split(separator: "\r\n")
                    .first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
                let body = data[end.upperBound...]
                if body.count >= length ?? 0 { return (head, Data(body)) }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return ("", Data()) }
            data += buffer[..<count]
        }
    }
}
