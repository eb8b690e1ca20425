import Foundation

@testable import VLMRuntime

/// Writes GGUF files, right ones and wrong ones.
struct GGUFBuilder {
    enum Value {
        case uint32(UInt32)
        case float(Float)
        case bool(Bool)
        case string(String)
        case strings([String])
        case integers([Int32])
        case floats([Float])
        /// A list of lists, which nobody reads.
        case nested
    }

    struct Part {
        var name: String
        /// Outermost first, as everywhere else; the file has them the other way round.
        var shape: [Int]
        var type: UInt32 = 0
        var data: Data

        init(_ name: String, _ shape: [Int], type: UInt32 = 0, data: Data) {
            self.name = name
            self.shape = shape
            self.type = type
            self.data = data
        }

        init(_ name: String, _ shape: [Int], floats: [Float]) {
            self.init(name, shape, data: floats.withUnsafeBytes { Data($0) })
        }
    }

    var magic = "GGUF"
    var version: UInt32 = 3
    var values: [(String, Value)] = []
    var parts: [Part] = []
    var alignment = 32
    /// Instead of the true ones.
    var tensorCount: UInt64?
    var valueCount: UInt64?
    var offsets: [Int: UInt64] = [:]

    var data: Data {
        var data = Data(magic.utf8)
        append(version, &data)
        append(tensorCount ?? UInt64(parts.count), &data)
        append(valueCount ?? UInt64(values.count), &data)
        for (key, value) in values {
            append(key, &data)
            append(value, &data)
        }
        var offset = 0
        for (index, part) in parts.enumerated() {
            append(part.name, &data)
            append(UInt32(part.shape.count), &data)
            for extent in part.shape.reversed() { append(UInt64(bitPattern: Int64(extent)), &data) }
            append(part.type, &data)
            append(offsets[index] ?? UInt64(offset), &data)
            offset += padded(part.data.count)
        }
        data.append(Data(count: padded(data.count) - data.count))
        for part in parts {
            data.append(part.data)
            data.append(Data(count: padded(part.data.count) - part.data.count))
        }
        return data
    }

    private func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

    private func append(_ number: some FixedWidthInteger, _ data: inout Data) {
        withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
    }

    private func append(_ text: String, _ data: inout Data) {
        append(UInt64(text.utf8.count), &data)
        data.append(contentsOf: text.utf8)
    }

    private func append(_ value: Value, _ data: inout Data) {
        func list(_ type: UInt32, _ count: Int) {
            append(UInt32(9), &data)
            append(type, &data)
            append(UInt64(count), &data)
        }
        switch value {
        case .uint32(let number):
            append(UInt32(4), &data)
            append(number, &data)
        case .float(let number):
            append(UInt32(6), &data)
            append(number.bitPattern, &data)
        case .bool(let flag):
            append(UInt32(7), &data)
            append(UInt8(flag ? 1 : 0), &data)
        case .string(let text):
            append(UInt32(8), &data)
            append(text, &data)
        case .strings(let texts):
            list(8, texts.count)
            for text in texts { append(text, &data) }
        case .integers(let numbers):
            list(5, numbers.count)
            for number in numbers { append(number, &data) }
        case .floats(let numbers):
            list(6, numbers.count)
            for number in numbers { append(number.bitPattern, &data) }
        case .nested: list(9, 1)
        }
    }
}
