import CKernels
import COpenBLAS
import Foundation

/// What the runtime found on this machine and decided to use.
public struct RuntimeDiagnostics: Sendable, Codable, Equatable {
    /// Best instruction set the CPU has, such as `avx512-bf16`.
    public let supportedKernels: String
    /// Instruction set in use.
    public let kernels: String
    /// Threads that share the work.
    public let threads: Int
    /// Whether OpenBLAS was found.
    public let hasOpenBLAS: Bool
    /// The kernel family OpenBLAS uses; `none` without it.
    public let openBLASCoreType: String
    /// OpenBLAS's description of its build; `none` without it.
    public let openBLASConfiguration: String

    /// Looks now.
    public init() {
        supportedKernels = String(cString: ck_level_name(ck_supported_level()))
        kernels = String(cString: ck_level_name(ck_current_level()))
        threads = ck_thread_count()
        hasOpenBLAS = cob_available()
        openBLASCoreType = String(cString: cob_core_type())
        openBLASConfiguration = String(cString: cob_configuration())
            .trimmingCharacters(in: .whitespaces)
    }
}

/// Settings of the whole process.
public enum RuntimeSettings {
    /// Sets how many threads computations use, the calling one included.
    public static func setThreadCount(_ count: Int) {
        ck_set_thread_count(max(1, count))
        cob_set_thread_count(ck_thread_count())
    }

    /// The most memory this process has held at once, in bytes; 0 when the system does not say.
    public static func peakMemoryBytes() -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
            return 0
        }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first
        return (kilobytes ?? 0) * 1024
    }
}
