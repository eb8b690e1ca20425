public import Foundation

/// What the changed weights of a merged checkpoint are stored as.
public enum MergedType: String, Sendable, CaseIterable {
    /// Exact; the changed tensors may take twice their room.
    case float32
    /// As in the source; in bfloat16 small changes are rounded away.
    case stored
}

extension Adapter {
    /// Writes a checkpoint folder with `W + scale · B · A` in place of every adapted weight.
    ///
    /// Sums run in float32. Shards keep their names; configuration and tokenizer are copied.
    ///
    /// - Parameters:
    ///   - model: what the adapter was trained on; its folder is read.
    ///   - destination: a folder that does not exist yet or is empty.
    /// - Throws: `AdapterError`; an unfinished folder is left behind only if the disk fails.
    public func merge(
        into model: VisionLanguageModel, to destination: URL, type: MergedType = .float32
    ) throws(AdapterError) {
        try check(fits: model.configuration.text)
        if (try? GGUFLocation(model.folder)) != nil {
            throw .checkpoint(
                .refused(
                    file: model.folder.path, problem: "weights of GGUF files are not merged",
                    advice: "merge the adapter into the checkpoint that the file was made from"))
        }
        let files = FileManager.default
        let existing = (try? files.contentsOfDirectory(atPath: destination.path)) ?? []
        guard existing.isEmpty else {
            throw .unwritable(path: destination.path, reason: "the folder is not empty")
        }
        let names: [String]
        do {
            try files.createDirectory(at: destination, withIntermediateDirectories: true)
            names = try files.contentsOfDirectory(atPath: model.folder.path).sorted()
        } catch {
            throw .unwritable(path: destination.path, reason: "the folder cannot be made")
        }
        var merged = Set<String>()
        var weightMap: [(tensor: String, file: String)] = []
        var total = 0
        for name in names where name.hasSuffix(".safetensors") && !name.hasPrefix(".") {
            let shard = try MergedShard(
                source: model.folder.appendingPathComponent(name), adapter: self, type: type)
            try shard.write(to: destination.appendingPathComponent(name))
            merged.formUnion(shard.merged)
            weightMap += shard.names.map { ($0, name) }
            total += shard.byteCount
        }
        if let missing = slots.first(where: { !merged.contains($0.module) }) {
            throw .otherModel(
                module: missing.module,
                problem: "the checkpoint has no weight of its own for it (a tied head cannot be "
                    + "merged)")
        }
        for name in names {
            let source = model.folder.appendingPathComponent(name)
            let target = destination.appendingPathComponent(name)
            if name == "model.safetensors.index.json" {
                try Self.save(Self.indexText(weightMap, total: total), to: target)
            } else if Self.isCopied(name) {
                guard let data = try? BoundedData.read(source, limit: 128 << 20) else {
                    throw .unwritable(path: target.path, reason: "\(name) cannot be read")
                }
                try Self.save(data, to: target)
            }
        }
    }

    private static func isCopied(_ name: String) -> Bool {
        guard !name.hasPrefix("."), !name.hasPrefix("adapter_") else { return false }
        return ["json", "txt", "jinja", "md"].contains { name.hasSuffix("." + $0) }
            || name.hasPrefix("LICENSE")
    }

    private static func indexText(
        _ map: [(tensor: String, file: String)], total: Int
    ) -> Data {
        let members = map.sorted { $0.tensor < $1.tensor }.map { tensor, file in
            "    \(SafetensorsWriter.quoted(tensor)): \(SafetensorsWriter.quoted(file))"
        }
        let text = """
            {
              "metadata": {"total_size": \(total)},
              "weight_map": {
            \(members.joined(separator: ",\n"))
              }
            }

            """
        return Data(text.utf8)
    }

    private static func save(_ data: Data, to url: URL) throws(AdapterError) {
        do throws(DurableFile.Failure) {
            try DurableFile.write(data, to: url)
        } catch {
            throw .unwritable(path: error.path, reason: error.reason)
        }
    }
}

/// A small file as bytes.
enum BoundedData {
    static func read(_ url: URL, limit: Int) throws(CheckpointError) -> Data {
        let file = try MappedFile(path: url.path)
        guard file.count <= limit else {
            throw .tooLarge(file: url.path, bytes: file.count, limit: limit)
        }
        return Data(file.bytes)
    }
}

/// One weight file of a checkpoint with the adapter's share added.
private struct MergedShard {
    private let tensors: [Tensor]
    private let metadata: [String: String]
    private let adapter: Adapter
    private let type: MergedType

    init(source: URL, adapter: Adapter, type: MergedType) throws(AdapterError) {
        do throws(CheckpointError) {
            let contents = try Safetensors(path: source.path)
            // In the order of the file, so that a merge reads and writes straight through.
            tensors = contents.tensors.values.sorted { $0.pointer < $1.pointer }
            metadata = contents.metadata
        } catch {
            throw .checkpoint(error)
        }
        self.adapter = adapter
        self.type = type
    }

    var names: [String] { tensors.map(\.name) }
    var merged: [String] { tensors.compactMap { pair(of: $0)?.slot.module } }
    var byteCount: Int { tensors.reduce(0) { $0 + storedType($1).byteCount(of: $1.count) } }

    private func pair(of tensor: Tensor) -> LowRankPair? {
        guard tensor.name.hasSuffix(".weight") else { return nil }
        return adapter[String(Weights.canonical(tensor.name).dropLast(".weight".count))]
    }

    private func storedType(_ tensor: Tensor) -> TensorType {
        pair(of: tensor) != nil && type == .float32 ? .float32 : tensor.type
    }

    func write(to url: URL) throws(AdapterError) {
        let entries = tensors.map { tensor in
            let type = storedType(tensor)
            return (tensor.name, type.rawValue, tensor.shape, type.byteCount(of: tensor.count))
        }
        let header = SafetensorsWriter.header(entries, metadata: metadata)
        do throws(DurableFile.Failure) {
            try DurableFile.write(to: url) { file throws(DurableFile.Failure) in
                try file.append(header)
                for tensor in tensors {
                    guard let pair = pair(of: tensor) else {
                        try file.append(
                            UnsafeRawBufferPointer(
                                start: tensor.pointer, count: tensor.byteCount))
                        continue
                    }
                    try append(tensor, pair, to: file)
                }
            }
        } catch {
            throw .unwritable(path: error.path, reason: error.reason)
        }
    }

    /// Some rows at a time, so that a large matrix never exists in float32 as a whole.
    private func append(
        _ tensor: Tensor, _ pair: LowRankPair, to file: DurableFile.Handle
    ) throws(DurableFile.Failure) {
        let slot = pair.slot
        let target = storedType(tensor)
        for first in stride(from: 0, to: slot.outputSize, by: 256) {
            let rows = first..<min(first + 256, slot.outputSize)
            let block = pair.merged(with: tensor, rows: rows)
            let values = UnsafeBufferPointer(start: block.pointer, count: block.count)
            switch target {
            case .bfloat16:
                try file.append(values.map(bfloat16Bits))
            case .float16:
                try file.append(values.map { Float16($0) })
            default: try file.append(UnsafeRawBufferPointer(values))
            }
            withExtendedLifetime(block) {}
        }
    }
}

extension LowRankPair {
    /// Rows of `W + scale · B · A`.
    fileprivate func merged(with tensor: Tensor, rows: Range<Int>) -> Matrix {
        let width = slot.inputSize
        var block = Matrix(uninitializedRows: rows.count, columns: width)
        tensor.expand(rows: rows, width: width, into: block.mutable)
        var scaled = Matrix(uninitializedRows: slot.rank, columns: width)
        scaled.mutable.update(from: values.pointer + slot.offset, count: scaled.count)
        scaled.scale(by: slot.scale)
        let b = MatrixView(
            values.pointer + slot.offsetOfB + rows.lowerBound * slot.rank, stride: slot.rank)
        multiply(
            b, scaled.view, into: block.mutable, stride: width, m: rows.count, n: width,
            k: slot.rank, adding: true)
        withExtendedLifetime((scaled, values)) {}
        return block
    }
}

/// The nearest bfloat16, ties to even.
private func bfloat16Bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    guard !value.isNaN else { return UInt16(bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
}
