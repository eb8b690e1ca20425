public import Foundation

extension AdapterTrainer {
    static let optimizerFile = "optimizer.safetensors"
    static let stepFile = "trainer.json"

    private struct Progress: Codable {
        var step: Int
    }

    /// Writes everything that the next update depends on: adapter, means, squares and step.
    ///
    /// The folder holds a PEFT adapter and two files of its own. It is made under another name and
    /// put in place when it is complete and on the disk, so that a crash or a full disk leaves
    /// either no folder or a whole one.
    ///
    /// - Parameters:
    ///   - folder: must not exist.
    ///   - extras: further small files that belong to the same moment.
    /// - Throws: `AdapterError.unwritable`.
    public func save(to folder: URL, extras: [String: Data] = [:]) throws(AdapterError) {
        let parent = folder.deletingLastPathComponent()
        let temporary = parent.appendingPathComponent(".\(folder.lastPathComponent).part")
        let files = FileManager.default
        try? files.removeItem(at: temporary)
        do {
            try adapter.write(to: temporary)
            try writeState(to: temporary, extras)
            DurableFile.flushFolder(temporary.path)
        } catch {
            try? files.removeItem(at: temporary)
            throw error
        }
        guard rename(temporary.path, folder.path) == 0 else {
            let reason = DurableFile.lastReason()
            try? files.removeItem(at: temporary)
            throw .unwritable(path: folder.path, reason: reason)
        }
        DurableFile.flushFolder(parent.path)
    }

    private func writeState(to folder: URL, _ extras: [String: Data]) throws(AdapterError) {
        let count = adapter.parameterCount
        do throws(DurableFile.Failure) {
            try SafetensorsWriter.write(
                [
                    .init(name: "mean", shape: [count], values: optimizer.mean),
                    .init(name: "square", shape: [count], values: optimizer.square),
                ],
                to: folder.appendingPathComponent(Self.optimizerFile))
            let progress = Data("{\"step\": \(optimizer.step)}\n".utf8)
            try DurableFile.write(progress, to: folder.appendingPathComponent(Self.stepFile))
            for (name, data) in extras.sorted(by: { $0.key < $1.key }) {
                try DurableFile.write(data, to: folder.appendingPathComponent(name))
            }
        } catch {
            throw .unwritable(path: error.path, reason: error.reason)
        }
    }

    /// Takes up training where `save` left it, bit for bit.
    ///
    /// - Throws: `AdapterError` when a file is absent, damaged, or belongs to another model.
    public init(
        resuming folder: URL, model: VisionLanguageModel, options: OptimizerOptions
    ) throws(AdapterError) {
        try self.init(
            model: model, adapter: Adapter(folder: folder, for: model), options: options)
        let path = folder.appendingPathComponent(Self.optimizerFile).path
        let contents: Safetensors
        let steps: Data
        do throws(CheckpointError) {
            contents = try Safetensors(path: path)
        } catch {
            throw .checkpoint(error)
        }
        do {
            steps = try BoundedData.read(folder.appendingPathComponent(Self.stepFile), limit: 4096)
        } catch {
            throw .missingFile(folder: folder.path, file: Self.stepFile)
        }
        guard let progress = try? JSONDecoder().decode(Progress.self, from: steps),
            progress.step >= 0
        else {
            throw .unsupported(file: Self.stepFile, key: "step", found: "not a number of updates")
        }
        func read(_ name: String) throws(AdapterError) -> Matrix {
            guard let tensor = contents.tensors[name], tensor.type == .float32,
                tensor.shape == [adapter.parameterCount]
            else {
                throw .tensor(
                    file: path, tensor: name, problem: "is missing or has another shape")
            }
            let values = tensor.floats()
            guard values.allSatisfy(\.isFinite) else {
                throw .tensor(
                    file: path, tensor: name, problem: "holds values that are not numbers")
            }
            return Matrix(rows: 1, columns: values.count, values: values)
        }
        optimizer.mean = try read("mean")
        optimizer.square = try read("square")
        optimizer.step = progress.step
    }
}
