public import Foundation

/// Where an engine is: a server that speaks OpenAI's API.
public struct EngineAddress: Sendable, Hashable, CustomStringConvertible {
    /// The part that all paths follow, such as `http://127.0.0.1:8000/v1`.
    public let base: URL
    /// The name or number of the machine.
    public let host: String

    /// Reads an address as people write it: `http://host:8000`, with or without `/v1`.
    ///
    /// - Throws: `EngineError.address`.
    public init(_ text: String) throws(EngineError) {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        guard !trimmed.unicodeScalars.contains(where: { $0.value < 33 || $0.value == 127 }),
            var parts = URLComponents(string: trimmed),
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty, parts.query == nil, parts.fragment == nil
        else {
            throw .address(text, reason: "an engine is written as http://host:8000")
        }
        guard parts.user == nil, parts.password == nil else {
            throw .address(
                "\(scheme)://…@\(host)",
                reason: "a key does not belong into the address; put it into a file and give "
                    + "--engine-key-file")
        }
        var path = parts.path
        while path.hasSuffix("/") { path.removeLast() }
        let ending = "/chat/completions"
        if path.hasSuffix(ending) { path.removeLast(ending.count) }
        parts.path = path.isEmpty ? "/v1" : path
        guard let base = parts.url else {
            throw .address(text, reason: "an engine is written as http://host:8000")
        }
        self.base = base
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    }

    /// Whether what is sent there stays on this machine.
    public var isLoopback: Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The address as it is shown.
    public var description: String { base.absoluteString }

    func url(_ path: String) -> URL { base.appendingPathComponent(path) }
}
