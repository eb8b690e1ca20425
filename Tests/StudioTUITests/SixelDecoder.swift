import Foundation

/// A small decoder for what `Sixel.encode` writes, after the DEC VT330/340 manual.
struct SixelDecoder {
    let width: Int
    let height: Int
    private(set) var pixels: [UInt8]
    /// How many colours the picture defines.
    private(set) var colourCount = 0

    private var palette: [Int: [UInt8]] = [:]
    private var colour = 0
    private var x = 0
    private var band = 0

    static func decode(_ data: Data) -> (
        width: Int, height: Int, pixels: [UInt8], colourCount: Int
    )? {
        let text = Array(data)
        guard let start = text.firstIndex(of: UInt8(ascii: "q")), start + 1 < text.count,
            text[start + 1] == UInt8(ascii: "\"")
        else { return nil }
        var index = start + 2
        let raster = numbers(text, &index)
        guard raster.count == 4 else { return nil }
        var decoder = SixelDecoder(width: raster[2], height: raster[3])
        decoder.read(text, from: index)
        return (decoder.width, decoder.height, decoder.pixels, decoder.palette.count)
    }

    private init(width: Int, height: Int) {
        self.width = width
        self.height = height
        pixels = [UInt8](repeating: 0, count: width * height * 3)
    }

    private mutating func read(_ text: [UInt8], from start: Int) {
        var index = start
        while index < text.count, text[index] != 0x1B {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "#"):
                let values = Self.numbers(text, &index)
                colour = values.first ?? 0
                if values.count == 5 {
                    palette[colour] = values[2...].map { UInt8(($0 * 255 + 50) / 100) }
                }
            case UInt8(ascii: "!"):
                let count = Self.numbers(text, &index).first ?? 1
                paint(text[index], count)
                index += 1
            case UInt8(ascii: "$"): x = 0
            case UInt8(ascii: "-"):
                x = 0
                band += 1
            case 0x3F...0x7E: paint(byte, 1)
            default: continue
            }
        }
    }

    private mutating func paint(_ byte: UInt8, _ count: Int) {
        let bits = byte - 0x3F
        let rgb = palette[colour] ?? [0, 0, 0]
        for column in x..<min(x + count, width) {
            for row in 0..<6 where bits >> row & 1 == 1 && band * 6 + row < height {
                let at = ((band * 6 + row) * width + column) * 3
                pixels.replaceSubrange(at..<at + 3, with: rgb)
            }
        }
        x += count
    }

    private static func numbers(_ text: [UInt8], _ index: inout Int) -> [Int] {
        var values = [0]
        while index < text.count {
            switch text[index] {
            case 0x30...0x39:
                values[values.count - 1] = values[values.count - 1] * 10 + Int(text[index] - 0x30)
            case UInt8(ascii: ";"): values.append(0)
            default: return values
            }
            index += 1
        }
        return values
    }
}
