import Foundation

/// Memory that this process could still take.
public enum FreeMemory {
    /// Bytes available without swapping, within the limits of the control group; `nil` when the
    /// system does not say.
    ///
    /// Source: `MemAvailable` of `/proc/meminfo`, `memory.max` and `memory.current` of cgroup v2.
    public static func bytes() -> Int? {
        guard let text = read("/proc/meminfo"), let free = available(inMemoryInfo: text)
        else { return nil }
        guard let limit = read("/sys/fs/cgroup/memory.max").flatMap(number),
            let used = read("/sys/fs/cgroup/memory.current").flatMap(number)
        else { return free }
        return min(free, max(0, limit - used))
    }

    static func available(inMemoryInfo text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            let fields = line.split(separator: " ")
            guard fields.count >= 2, let kibibytes = Int(fields[1]) else { return nil }
            return kibibytes * 1024
        }
        return nil
    }

    private static func number(_ text: String) -> Int? {
        Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func read(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}
