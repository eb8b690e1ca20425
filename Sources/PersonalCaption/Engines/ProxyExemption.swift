import Foundation

/// Keeps the system's HTTP client from sending what is meant for this machine to a proxy.
///
/// The client is libcurl, which follows `http_proxy` for loopback, too, unless `no_proxy` says
/// otherwise.
enum ProxyExemption {
    private static let proxies = [
        "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
    ]

    /// The value of `no_proxy` that exempts hosts besides those it exempts now.
    ///
    /// - Parameter present: its value; `nil` or empty for none.
    static func list(_ present: String?, adding hosts: [String]) -> String {
        let old = (present ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        .filter { !$0.isEmpty }
        // A star alone exempts everything, and only alone.
        if old == ["*"] { return "*" }
        var seen = Set(old)
        return (old + hosts.filter { seen.insert($0).inserted }).joined(separator: ",")
    }

    /// Exempts those of some engines that are on this machine, for the rest of this process.
    ///
    /// Without a proxy nothing is changed. To be called before requests are sent: the environment
    /// has no lock.
    static func apply(to engines: [EngineAddress]) {
        let hosts = Set(engines.filter(\.isLoopback).map(\.host)).sorted()
        let environment = ProcessInfo.processInfo.environment
        guard !hosts.isEmpty, proxies.contains(where: { environment[$0]?.isEmpty == false })
        else { return }
        let present = environment["no_proxy"] ?? environment["NO_PROXY"]
        setenv("no_proxy", list(present, adding: hosts), 1)
    }
}
