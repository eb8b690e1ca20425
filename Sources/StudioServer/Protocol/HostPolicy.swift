/// Where the server may listen, and under which names it may be called.
public enum HostPolicy {
    /// Whether an address is this machine's own loopback.
    public static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || name == "[::1]" {
            return true
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether a request without a key may come under this name.
    ///
    /// A page of another site can make a browser call a loopback address by a name of its own ("DNS
    /// rebinding"); what it may read is decided by that name, so it must be one of loopback's.
    ///
    /// - Parameter authority: the header `Host`, such as `localhost:8000`.
    static func accepts(authority: String?) -> Bool {
        // HTTP/1.0 clients send none, browsers always do.
        guard let authority, !authority.isEmpty else { return true }
        return isLoopback(host(authority))
    }

    private static func host(_ authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[...end])
        }
        return String(authority.prefix { $0 != ":" })
    }
}
