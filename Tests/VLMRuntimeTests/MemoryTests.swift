import Foundation
import Testing

@testable import VLMRuntime

/// What a caption will take is known, and refused, before it is taken.
struct MemoryTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    /// A machine with these files below its root.
    private func machine(_ files: [String: String]) throws -> MemoryHeadroom {
        for (path, text) in files {
            let file = temporary.url.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return MemoryHeadroom(root: temporary.url)
    }

    @Test func theSystemsOwnFigureCounts() throws {
        let memory = try machine([
            "proc/meminfo": "MemTotal:  100 kB\nMemAvailable:   64 kB\n"
        ])
        #expect(memory.available() == 65_536)
    }

    @Test func theTightestGroupDecides() throws {
        let memory = try machine([
            "proc/meminfo": "MemAvailable:   1000000 kB\n",
            "proc/self/cgroup": "0::/a/b\n",
            "sys/fs/cgroup/a/memory.max": "5000\n",
            "sys/fs/cgroup/a/memory.current": "4000\n",
            "sys/fs/cgroup/a/memory.stat": "anon 10\ninactive_file 300\nactive_file 200\n",
            "sys/fs/cgroup/a/b/memory.max": "max\n",
            "sys/fs/cgroup/a/b/memory.current": "100\n",
        ])
        #expect(memory.available() == 1500)
    }

    @Test func oldControlGroupsAreReadToo() throws {
        let memory = try machine([
            "proc/self/cgroup": "7:cpu,memory:/x\n3:cpuset:/y\n",
            "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "900\n",
            "sys/fs/cgroup/memory/x/memory.usage_in_bytes": "1000\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "1000\n",
        ])
        #expect(memory.available() == 0)
    }

    @Test func aSystemThatSaysNothingRefusesNothing() throws {
        let memory = try machine([:])
        #expect(memory.available() == nil)
        let folder = Golden.folder.appendingPathComponent("ckpt-new")
        try MemoryEstimate(folder: folder).check(folder: folder, memory: memory)
    }

    @Test func whatCannotFitIsRefusedWithItsSizes() throws {
        let folder = Golden.folder.appendingPathComponent("ckpt-new")
        let estimate = try MemoryEstimate(folder: folder)
        #expect(estimate.weights > 100_000)
        let memory = try machine(["proc/meminfo": "MemAvailable: 1 kB\n"])
        #expect(
            throws: GenerationError.notEnoughMemory(
                folder: folder.path, needed: estimate.total, available: 1024)
        ) { try estimate.check(folder: folder, memory: memory) }
    }

    @Test func theEstimateGrowsWithTheWork() throws {
        let configuration = try Golden.parts("ckpt-new").configuration
        let size = { (work: MemoryEstimate.Work, storage: KVStorage) in
            MemoryEstimate(configuration, weightBytes: 10, storage: storage, work: work)
        }
        let small = size(.init(tokens: 100, largestPicture: 64, pictureTokens: 16), .float16)
        let long = size(.init(tokens: 200, largestPicture: 64, pictureTokens: 16), .float16)
        let large = size(.init(tokens: 100, largestPicture: 128, pictureTokens: 32), .float16)
        #expect(long.keysAndValues == 2 * small.keysAndValues)
        #expect(large.vision == 2 * small.vision)
        #expect(
            size(.init(tokens: 100, largestPicture: 64, pictureTokens: 16), .float32).keysAndValues
                == long.keysAndValues)
    }
}
