import Foundation

/// A folder that is filled under another name and appears under its own when it is complete.
final class AssemblyFolder {
    let url: URL
    private let destination: URL
    private static let mark = ".assembling-"

    init(for destination: URL) throws(AssemblyError) {
        self.destination = destination
        let parent = destination.deletingLastPathComponent()
        let name = ".\(destination.lastPathComponent)\(Self.mark)\(getpid())"
        url = parent.appendingPathComponent(name, isDirectory: true)
        do {
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            Self.removeLeftovers(of: destination, in: parent)
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        } catch {
            throw .unwritable(path: url.path, reason: DurableFile.lastReason())
        }
    }

    /// What a killed run left behind belongs to nobody.
    private static func removeLeftovers(of destination: URL, in parent: URL) {
        let prefix = ".\(destination.lastPathComponent)\(mark)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        for name in names where name.hasPrefix(prefix) {
            guard let owner = pid_t(name.dropFirst(prefix.count)), owner != getpid(),
                kill(owner, 0) != 0, errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(at: parent.appendingPathComponent(name))
        }
    }

    /// Removes everything, unless it has its own name by now.
    func discard() { try? FileManager.default.removeItem(at: url) }

    func checkSpace(_ needed: Int) throws(AssemblyError) {
        var status = statvfs()
        guard statvfs(url.path, &status) == 0 else { return }
        let free = Int(clamping: UInt64(status.f_bavail)) * Int(status.f_frsize)
        guard free >= needed else {
            throw .noSpace(path: destination.path, needed: needed, free: free)
        }
    }

    /// Gives the folder its name.
    func finish() throws(AssemblyError) {
        DurableFile.flushFolder(url.path)
        guard rename(url.path, destination.path) == 0 else {
            throw .unwritable(path: destination.path, reason: DurableFile.lastReason())
        }
        DurableFile.flushFolder(destination.deletingLastPathComponent().path)
    }

    // MARK: Small files

    func write(_ data: Data, named name: String) throws(AssemblyError) {
        do throws(DurableFile.Failure) {
            try DurableFile.write(data, to: url.appendingPathComponent(name))
        } catch {
            throw .unwritable(path: error.path, reason: error.reason)
        }
    }

    /// Tokenizer, chat template, image processor, sampling.
    func copySettings(from source: URL) throws {
        let files = [
            "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt",
            "added_tokens.json", "special_tokens_map.json", "chat_template.json",
            "chat_template.jinja", "preprocessor_config.json", "processor_config.json",
            "video_preprocessor_config.json", "generation_config.json",
        ]
        for name in files {
            let file = source.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            try write(BoundedData.read(file, limit: 128 << 20), named: name)
        }
    }

    // MARK: Weights

    /// - Returns: number of files.
    func write(
        _ tensors: [AssembledTensor], shardLimit: Int, cancellation: CancellationFlag?,
        progress: (Double) -> Void
    ) throws -> Int {
        let shards = Self.shards(tensors, limit: shardLimit)
        let total = tensors.reduce(0) { $0 + $1.byteCount }
        var done = 0
        var map: [(String, JSONValue)] = []
        for (index, shard) in shards.enumerated() {
            let name =
                shards.count == 1
                ? "model.safetensors"
                : "model-\(Self.number(index + 1))-of-\(Self.number(shards.count)).safetensors"
            map += shard.map { ($0.name, .string(name)) }
            let entries = shard.map { ($0.name, $0.type.rawValue, $0.shape, $0.byteCount) }
            let header = SafetensorsWriter.header(entries, metadata: ["format": "pt"])
            let path = url.appendingPathComponent(name).path
            do {
                let file = try DurableFile.Handle(path: path)
                try file.append(header)
                for tensor in shard {
                    try tensor.forEachPiece(of: 16 << 20) { piece in
                        if cancellation?.isCancelled == true { throw CancellationError() }
                        try file.append(piece)
                        done += piece.count
                        progress(Double(done) / Double(max(1, total)))
                    }
                }
                try file.flush()
            } catch let failure as DurableFile.Failure {
                throw AssemblyError.unwritable(path: failure.path, reason: failure.reason)
            }
        }
        if shards.count > 1 {
            let index = JSONValue.object([
                ("metadata", .object([("total_size", .integer(total))])),
                ("weight_map", .object(map)),
            ])
            try write(
                Data((JSONText.pretty(index) + "\n").utf8), named: "model.safetensors.index.json")
        }
        return shards.count
    }

    /// Tensors in order, each file below the limit unless a single tensor is larger.
    static func shards(_ tensors: [AssembledTensor], limit: Int) -> [[AssembledTensor]] {
        var shards: [[AssembledTensor]] = [[]]
        var size = 0
        for tensor in tensors {
            if size + tensor.byteCount > limit, size > 0 {
                shards.append([])
                size = 0
            }
            shards[shards.count - 1].append(tensor)
            size += tensor.byteCount
        }
        return shards
    }

    private static func number(_ value: Int) -> String {
        String(repeating: "0", count: max(0, 5 - String(value).count)) + String(value)
    }
}
