import Foundation

/// Where a hub sends those who ask it, and what may go along.
enum HubRedirect {
    /// Most redirects of one request.
    static let most = 10

    /// The address that a redirect names; `nil` when it must not be followed.
    ///
    /// A redirect from an encrypted connection to an open one is not followed.
    static func target(of location: String?, from url: URL) -> URL? {
        guard let location, let target = URL(string: location, relativeTo: url)?.absoluteURL,
            let scheme = target.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = target.host, !host.isEmpty, target.user == nil
        else { return nil }
        let wasEncrypted = url.scheme?.lowercased() == "https"
        return wasEncrypted && scheme != "https" ? nil : target
    }

    /// Whether the user's secret goes to an address: only to the hub itself, never to those it
    /// sends us to.
    static func takesToken(_ url: URL, endpoint: HubEndpoint) -> Bool {
        func place(_ url: URL) -> String {
            let scheme = url.scheme?.lowercased() ?? ""
            let port = url.port ?? (scheme == "https" ? 443 : 80)
            return "\(scheme)://\(url.host?.lowercased() ?? ""):\(port)"
        }
        return endpoint.isPrivate && place(url) == place(endpoint.base)
    }

    static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        if ["localhost", "::1", "[::1]"].contains(name) { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
