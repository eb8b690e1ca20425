public import Foundation

/// How much memory this process may still take without making the machine swap.
///
/// The least of what the system calls available and what the control groups of the process leave
/// (containers and services have limits of their own). Files in the page cache count as free: the
/// system drops them when memory is wanted.
public struct MemoryHeadroom: Sendable {
    private let root: URL

    /// - Parameter root: where `proc` and `sys` are; another folder than `/` in tests.
    public init(root: URL = URL(fileURLWithPath: "/")) { self.root = root }

    /// Bytes that can be taken; `nil` when the system does not say.
    public func available() -> Int? {
        [systemAvailable(), groupAvailable()].compactMap { $0 }.min()
    }

    private func systemAvailable() -> Int? {
        let line = text("proc/meminfo")?.split(separator: "\n").first {
            $0.hasPrefix("MemAvailable:")
        }
        return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 }
    }

    /// What the groups of this process and those above them leave, the tightest of them.
    private func groupAvailable() -> Int? {
        guard let groups = text("proc/self/cgroup") else { return nil }
        return groups.split(separator: "\n").compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            if parts[1].isEmpty {
                return tightest("sys/fs/cgroup", String(parts[2]), "memory.max", "memory.current")
            }
            guard parts[1].split(separator: ",").contains("memory") else { return nil }
            return tightest(
                "sys/fs/cgroup/memory", String(parts[2]), "memory.limit_in_bytes",
                "memory.usage_in_bytes")
        }.min()
    }

    private func tightest(
        _ mount: String, _ group: String, _ limitFile: String, _ usageFile: String
    ) -> Int? {
        var names = group.split(separator: "/").filter { $0 != ".." && $0 != "." }
        var best: Int?
        while true {
            let folder = ([Substring(mount)] + names).joined(separator: "/")
            if let limit = number("\(folder)/\(limitFile)"),
                let usage = number("\(folder)/\(usageFile)")
            {
                let left = max(0, limit - usage + reclaimable("\(folder)/memory.stat"))
                best = min(best ?? left, left)
            }
            guard names.popLast() != nil else { return best }
        }
    }

    /// Bytes of files in the page cache that belong to a group.
    private func reclaimable(_ path: String) -> Int {
        (text(path) ?? "").split(separator: "\n").reduce(0) { sum, line in
            let parts = line.split(separator: " ")
            guard parts.count == 2, ["inactive_file", "active_file"].contains(parts[0]) else {
                return sum
            }
            return sum + (Int(parts[1]) ?? 0)
        }
    }

    /// `nil` for "max" and for numbers that mean no limit.
    private func number(_ path: String) -> Int? {
        let value = text(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        return value.flatMap { $0 < 1 << 60 ? $0 : nil }
    }

    private func text(_ path: String) -> String? {
        try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}
