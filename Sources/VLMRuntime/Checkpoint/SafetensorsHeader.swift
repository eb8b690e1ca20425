import Foundation

/// The JSON header of a safetensors file, checked entry by entry.
struct SafetensorsHeader {
    struct Entry {
        let name: String
        let type: TensorType
        let shape: [Int]
        /// Bytes of the data section.
        let range: Range<Int>
    }

    private(set) var tensors: [Entry] = []
    private(set) var metadata: [String: String] = [:]

    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) {
        do {
            var scanner = JSONScanner(bytes)
            let members = try scanner.document()
            guard case .object(let entries) = members else {
                throw JSONScanner.Failure(problem: "the header is not a JSON object")
            }
            guard entries.count <= Safetensors.mostTensors else {
                throw JSONScanner.Failure(
                    problem: "\(entries.count) tensors, more than \(Safetensors.mostTensors)")
            }
            var seen = Set<String>()
            for (name, value) in entries {
                guard seen.insert(name).inserted else {
                    throw JSONScanner.Failure(problem: "'\(printable(name))' is listed twice")
                }
                if name == "__metadata__" {
                    metadata = try Self.metadata(value)
                } else {
                    tensors.append(try Self.entry(name, value))
                }
            }
        } catch let failure as JSONScanner.Failure {
            throw .malformed(file: file, problem: failure.problem)
        } catch {
            throw .malformed(file: file, problem: "\(error)")
        }
    }

    private static func metadata(_ value: JSONValue) throws -> [String: String] {
        if case .null = value { return [:] }
        guard case .object(let members) = value else {
            throw JSONScanner.Failure(problem: "'__metadata__' is not an object")
        }
        var result: [String: String] = [:]
        for (key, member) in members {
            guard case .string(let text) = member else {
                throw JSONScanner.Failure(
                    problem: "metadata '\(printable(key))' is not a string")
            }
            result[key] = text
        }
        return result
    }

    private static func entry(_ name: String, _ value: JSONValue) throws -> Entry {
        let shown = printable(name)
        guard name.utf8.count <= Safetensors.longestName else {
            throw JSONScanner.Failure(problem: "the tensor name '\(shown)' is too long")
        }
        guard case .object(let members) = value else {
            throw JSONScanner.Failure(problem: "tensor '\(shown)' is not described by an object")
        }
        let fields = Dictionary(members, uniquingKeysWith: { first, _ in first })
        guard case .string(let typeName)? = fields["dtype"] else {
            throw JSONScanner.Failure(problem: "tensor '\(shown)' has no dtype")
        }
        guard let type = TensorType(rawValue: typeName), !type.isBlocked else {
            throw JSONScanner.Failure(
                problem: "tensor '\(shown)' has dtype \(printable(typeName)), expected F32, F16, "
                    + "BF16, I64, I32 or U8")
        }
        let shape = try integers(fields["shape"], "shape of tensor '\(shown)'")
        guard shape.count <= Safetensors.highestRank else {
            throw JSONScanner.Failure(problem: "tensor '\(shown)' has \(shape.count) dimensions")
        }
        let offsets = try integers(fields["data_offsets"], "data_offsets of tensor '\(shown)'")
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw JSONScanner.Failure(
                problem: "data_offsets of tensor '\(shown)' are not a begin and an end")
        }
        var byteCount = type.byteCount(of: 1)
        for dimension in shape {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: dimension)
            guard !overflow else {
                throw JSONScanner.Failure(problem: "the size of tensor '\(shown)' overflows")
            }
            byteCount = product
        }
        guard offsets[1] - offsets[0] == byteCount else {
            throw JSONScanner.Failure(
                problem: "tensor '\(shown)' has \(offsets[1] - offsets[0]) bytes, its shape "
                    + "\(shape) and dtype \(typeName) need \(byteCount)")
        }
        return Entry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
    }

    private static func integers(_ value: JSONValue?, _ what: String) throws -> [Int] {
        guard case .array(let items)? = value else {
            throw JSONScanner.Failure(problem: "the \(what) is not a list")
        }
        return try items.map { item in
            guard case .integer(let number) = item, number >= 0 else {
                throw JSONScanner.Failure(
                    problem: "the \(what) holds something that is not a "
                        + "whole number of 0 or more")
            }
            return number
        }
    }
}
