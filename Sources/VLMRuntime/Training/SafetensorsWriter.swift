import Foundation

/// Writes F32 tensors to a safetensors file, in order, at once or not at all.
enum SafetensorsWriter {
    /// A tensor that is a run of values of a matrix.
    struct Part {
        let name: String
        let shape: [Int]
        let values: Matrix
        let offset: Int

        init(name: String, shape: [Int], values: Matrix, offset: Int = 0) {
            precondition(offset + shape.reduce(1, *) <= values.count)
            self.name = name
            self.shape = shape
            self.values = values
            self.offset = offset
        }

        var byteCount: Int { 4 * shape.reduce(1, *) }
    }

    static func write(
        _ parts: [Part], metadata: [String: String] = [:], to url: URL
    ) throws(DurableFile.Failure) {
        let entries = parts.map { ($0.name, "F32", $0.shape, $0.byteCount) }
        let header = self.header(entries, metadata: metadata)
        try DurableFile.write(to: url) { file throws(DurableFile.Failure) in
            try file.append(header)
            for part in parts {
                try file.append(
                    UnsafeRawBufferPointer(
                        start: part.values.pointer + part.offset, count: part.byteCount))
            }
        }
        withExtendedLifetime(parts) {}
    }

    /// Length and JSON of a header; the JSON is padded so that the data starts at a multiple of 8.
    static func header(
        _ tensors: [(name: String, type: String, shape: [Int], bytes: Int)],
        metadata: [String: String]
    ) -> Data {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }
                .map { "\(quoted($0.key)):\(quoted($0.value))" }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var start = 0
        for tensor in tensors {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.type)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(start),\(start + tensor.bytes)]}")
            start += tensor.bytes
        }
        var text = Data("{\(members.joined(separator: ","))}".utf8)
        while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
        var length = UInt64(text.count).littleEndian
        return withUnsafeBytes(of: &length) { Data($0) } + text
    }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
