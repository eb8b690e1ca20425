import CKernels
public import Foundation

extension PackedWeights {
    /// Packs the linear layers of a checkpoint into a file.
    ///
    /// The file appears under its name only when it is complete and on disk.
    ///
    /// - Parameters:
    ///   - folder: the checkpoint.
    ///   - file: where to; its folder is made.
    ///   - cancellation: checked between layers.
    ///   - progress: part done, 0…1.
    /// - Returns: bytes written.
    /// - Throws: `CheckpointError`, `PackingError`, or `CancellationError`.
    @discardableResult
    public static func write(
        _ folder: URL, bits: WeightBits, to file: URL, cancellation: CancellationFlag? = nil,
        progress: (Double) -> Void = { _ in }
    ) throws -> Int {
        let model = try VisionLanguageModel.load(folder: folder, arithmetic: .float32)
        let fingerprint = try CheckpointFingerprint(folder: folder)
        let layers = model.vision.linears + model.language.linears
        let plan = PackingPlan(layers, bits: bits, source: fingerprint.description)
        try plan.checkSpace(at: file)
        let directory = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let temporary = directory.appendingPathComponent(
            ".\(file.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)")
        defer { unlink(temporary.path) }
        let output = try PackedFile(creating: temporary)
        try output.append(plan.header)
        var done = 0
        for entry in plan.entries {
            if cancellation?.isCancelled == true { throw CancellationError() }
            try output.append(count: entry.byteCount) { buffer in
                ck_pack(
                    buffer, entry.format.kernelFormat, entry.layer.weight.pointer,
                    entry.kernelType, entry.layer.outputSize, entry.layer.inputSize)
            }
            done += entry.byteCount
            progress(Double(done) / Double(max(1, plan.byteCount)))
        }
        withExtendedLifetime(model) {}
        try output.finish(as: file)
        return plan.byteCount + plan.header.count
    }
}

/// Why packing stopped.
public enum PackingError: Error, Equatable, CustomStringConvertible {
    case noSpace(path: String, needed: Int, free: Int)
    case writing(path: String, reason: String)

    /// One sentence: file, what went wrong, what to try.
    public var description: String {
        switch self {
        case .noSpace(let path, let needed, let free):
            "\(path): \(needed >> 20) MiB are needed, \(free >> 20) MiB are free there; make room "
                + "or choose another folder with --home."
        case .writing(let path, let reason):
            "\(path): cannot be written (\(reason)); nothing was changed."
        }
    }
}

/// What goes where in the file.
private struct PackingPlan {
    struct Entry {
        let layer: Linear
        let format: PackedFormat
        let byteCount: Int
        let kernelType: ck_dtype
    }

    let entries: [Entry]
    let byteCount: Int
    /// The length and the JSON, padded so that the data begin at a multiple of 64.
    let header: [UInt8]

    init(_ layers: [Linear], bits: WeightBits, source: String) {
        entries = layers.map { layer in
            let format = PackedWeights.format(of: layer.name, wanted: bits)
            return Entry(
                layer: layer, format: format,
                byteCount: format.byteCount(rows: layer.outputSize, columns: layer.inputSize),
                kernelType: layer.weight.type.kernelType ?? CK_F32)
        }
        byteCount = entries.reduce(0) { $0 + $1.byteCount }
        var offset = 0
        var fields = [
            "\"__metadata__\":{\"format\":\"\(PackedWeights.format)\",\"bits\":\"\(bits.rawValue)\","
                + "\"source\":\"\(source)\"}"
        ]
        for entry in entries {
            let end = offset + entry.byteCount
            fields.append(
                "\"\(entry.layer.name).\(entry.format.rawValue)\":{\"dtype\":\"U8\",\"shape\":"
                    + "[\(entry.byteCount)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var json = Array("{\(fields.joined(separator: ","))}".utf8)
        json += [UInt8](repeating: UInt8(ascii: " "), count: (64 - (json.count + 8) % 64) % 64)
        header = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
    }

    func checkSpace(at file: URL) throws(PackingError) {
        var directory = file.deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: directory.path), directory.path != "/" {
            directory = directory.deletingLastPathComponent()
        }
        var status = statvfs()
        guard statvfs(directory.path, &status) == 0 else { return }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        guard free > byteCount + (64 << 20) else {
            throw .noSpace(path: directory.path, needed: byteCount, free: free)
        }
    }
}

/// A file written from front to back and then given its name.
private final class PackedFile {
    private let descriptor: Int32
    private let url: URL
    private var buffer: UnsafeMutableRawBufferPointer?

    init(creating url: URL) throws(PackingError) {
        self.url = url
        descriptor = open(url.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(url) }
    }

    deinit {
        close(descriptor)
        buffer?.deallocate()
    }

    func append(_ bytes: [UInt8]) throws(PackingError) {
        let failed = bytes.withUnsafeBytes { !write($0) }
        if failed { throw Self.failure(url) }
    }

    /// Appends `count` bytes that `fill` writes into memory aligned for the kernels.
    func append(
        count: Int, _ fill: (UnsafeMutableRawPointer) -> Void
    ) throws(PackingError) {
        let memory = reserve(count)
        guard let base = memory.baseAddress else { return }
        fill(base)
        guard write(UnsafeRawBufferPointer(rebasing: memory[..<count])) else {
            throw Self.failure(url)
        }
    }

    func finish(as target: URL) throws(PackingError) {
        guard fsync(descriptor) == 0, rename(url.path, target.path) == 0 else {
            throw Self.failure(url)
        }
        let directory = open(
            target.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
    }

    private func reserve(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if let buffer, buffer.count >= count { return buffer }
        buffer?.deallocate()
        let fresh = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        buffer = fresh
        return fresh
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let count = Foundation.write(descriptor, base, min(rest.count, 64 << 20))
            if count < 0 {
                if errno == EINTR { continue }
                return false
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    private static func failure(_ url: URL) -> PackingError {
        .writing(path: url.path, reason: String(cString: strerror(errno)).lowercased())
    }
}
