import Foundation
import Testing

@testable import VLMRuntime

@Suite struct TokenizerCompositionTests {
    private func composed(_ scalars: [UInt32]) -> [UInt32] {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.compactMap(Unicode.Scalar.init))
        let bytes = CanonicalComposition.composedUTF8(String(text))
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
    }

    /// Forms of the Unicode Standard, among them those that Foundation on Linux gets wrong.
    @Test(
        arguments: [
            ([0x65, 0x301], [0xE9]), ([0x61, 0x323, 0x307], [0x1EA1, 0x307]),
            ([0x61, 0x307, 0x323], [0x1EA1, 0x307]), ([0x212B], [0xC5]), ([0x2126], [0x3A9]),
            ([0x958], [0x915, 0x93C]), ([0xFB1D], [0x5D9, 0x5B4]), ([0x3D, 0x338], [0x2260]),
            ([0xF900], [0x8C48]), ([0x2F800], [0x4E3D]), ([0x344], [0x308, 0x301]),
            ([0x9C7, 0x9BE], [0x9CB]), ([0x115B9, 0x115AF], [0x115BB]),
            ([0x301, 0x78], [0x301, 0x78]),
            // Hangul: a syllable without final consonant takes one; nothing else does.
            ([0x1112, 0x1161, 0x11AB], [0xD55C]), ([0xAC00, 0x11A8], [0xAC01]),
            ([0xAC00, 0x11A7], [0xAC00, 0x11A7]), ([0xAC00, 0x11C3], [0xAC00, 0x11C3]),
            ([0xAC01, 0x11A8], [0xAC01, 0x11A8]), ([0x1100, 0xAC00], [0x1100, 0xAC00]),
            // A composite of a composite, and a pair that has none.
            ([0xCCA, 0xCD5], [0xCCB]), ([0x21F51, 0x300], [0x21F51, 0x300]),
            // A mark that decomposes into two is sorted in with the others.
            ([0xF18, 0xF73], [0xF71, 0xF72, 0xF18]),
            // A mark of the same class blocks.
            ([0x61, 0x300, 0x301], [0xE0, 0x301]), ([0x71, 0x307, 0x323], [0x71, 0x323, 0x307]),
        ] as [([UInt32], [UInt32])])
    func textIsComposed(scalars: [UInt32], expected: [UInt32]) {
        #expect(composed(scalars) == expected)
    }

    /// Proves that the ranges searched for composites leave none out.
    @Test func everyCompositeIsFoundAgain() {
        var count = 0
        for value in UInt32(0xC0)...0x2FFFF {
            guard let scalar = Unicode.Scalar(value), !(0xAC00...0xD7A3).contains(value),
                !scalar.properties.isFullCompositionExclusion
            else { continue }
            let parts = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
            guard parts.count > 1 else { continue }
            count += 1
            #expect(composed(parts.map(\.value)) == [value])
        }
        #expect(count > 900)
    }

    @Test func composedTextStaysAsItIs() {
        for text in ["plain ASCII", "naïve café", "图像描述", "한국어", "こんにちは", "Привет", "👩‍👩‍👧"] {
            #expect(CanonicalComposition.composedUTF8(text) == Array(text.utf8))
        }
    }

    /// Foundation alone would take time that grows with the square: the test would not come back.
    @Test func longTextThatDecomposesIsComposed() {
        let letters = String(repeating: "\u{958}", count: 300_000)
        #expect(CanonicalComposition.composedUTF8(letters).count == 1_800_000)
        let marks = "a" + String(repeating: "\u{301}\u{323}", count: 20_000)
        let sorted = "\u{1EA1}" + String(repeating: "\u{323}", count: 19_999)
        let expected = sorted + String(repeating: "\u{301}", count: 20_000)
        #expect(CanonicalComposition.composedUTF8(marks) == Array(expected.utf8))
    }
}
