import Foundation
import Testing

@testable import VLMRuntime

@Suite struct TokenizerDecodingTests {
    @Test func sequencesDecodeToTheTextOfTheReference() throws {
        let tokenizer = try TokenizerFixtures.real.get().tokenizer
        var reader = try TokenizerFixtures.reader("decodings.bin")
        var count = 0
        while !reader.isAtEnd {
            let ids = reader.ids()
            let kept = reader.text()
            let skipped = reader.text()
            #expect(
                Array(tokenizer.decode(ids, skippingSpecialTokens: false).utf8) == Array(kept.utf8))
            #expect(Array(tokenizer.decode(ids).utf8) == Array(skipped.utf8))
            count += 1
        }
        #expect(count == 600)
    }

    @Test func droppedSpecialTokenDoesNotSeparateBytes() throws {
        let tokenizer = try TokenizerFixtures.real.get().tokenizer
        #expect(tokenizer.decode([378, 151_645, 235]) == "\u{200D}")
        #expect(
            tokenizer.decode([378, 151_645, 235], skippingSpecialTokens: false)
                == "\u{FFFD}<|im_end|>\u{FFFD}")
    }

    @Test func idsWithoutATokenDecodeToNothing() throws {
        let tokenizer = try TinyTokenizer.json.load()
        #expect(tokenizer.decode([-1, 499, 543, Int32.max, Int32.min]) == "")
        #expect(tokenizer.bytes(of: 499).isEmpty)
        #expect(tokenizer.decode([39, 499, 68]) == tokenizer.decode([39, 68]))
    }

    /// Each maximal part of a character becomes one U+FFFD, as in the reference.
    @Test(
        arguments: [
            ([0xF0, 0x9F, 0x98], 1), ([0xE0, 0x80], 2), ([0xED, 0xA0, 0x80], 3),
            ([0xF4, 0x90, 0x80, 0x80], 4), ([0xC0, 0xAF], 2), ([0xE2, 0x82, 0xF0, 0x9F], 2),
        ] as [([UInt8], Int)])
    func brokenBytesBecomeReplacementCharacters(bytes: [UInt8], count: Int) throws {
        let tables = try TokenizerFolder(
            directory: Golden.folder.appendingPathComponent("ckpt-new")
        ).read()
        let tokenizer = try TinyTokenizer.pair.load()
        let ids = bytes.map { tables.byteTokens[Int($0)] }
        #expect(tokenizer.decode(ids) == String(repeating: "\u{FFFD}", count: count))
    }

    /// Random ids are mostly broken UTF-8; runs of byte tokens meet every state of a character.
    @Test(arguments: [true, false])
    func streamedPiecesMakeTheWholeText(skipping: Bool) throws {
        let tokenizer = try TokenizerFixtures.real.get().tokenizer
        var numbers = SeededNumbers(state: 5)
        for _ in 0..<400 {
            let count = Int.random(in: 0...30, using: &numbers)
            let ids = (0..<count).map { _ in Self.anyID(using: &numbers) }
            var stream = StreamingDetokenizer(tokenizer, skippingSpecialTokens: skipping)
            var pieces = ids.map { stream.append($0) }
            pieces.append(stream.finish())
            let whole = tokenizer.decode(ids, skippingSpecialTokens: skipping)
            #expect(Array(pieces.joined().utf8) == Array(whole.utf8), "\(ids)")
        }
    }

    private static func anyID(using numbers: inout SeededNumbers) -> Int32 {
        switch Int.random(in: 0..<10, using: &numbers) {
        case 0..<5: Int32.random(in: 0..<256, using: &numbers)
        case 5..<8: Int32.random(in: 0..<151_643, using: &numbers)
        case 8: Int32.random(in: 151_643..<151_665, using: &numbers)
        default: Int32.random(in: 151_665..<152_064, using: &numbers)
        }
    }

    @Test func characterAppearsWithItsLastByte() throws {
        let tokenizer = try TinyTokenizer.json.load()
        // U+1F469 is four byte tokens in the tiny vocabulary.
        let ids = tokenizer.encode("a\u{1F469}")
        var stream = StreamingDetokenizer(tokenizer)
        #expect(ids.map { stream.append($0) } == ["a", "", "", "", "\u{1F469}"])
        #expect(stream.finish() == "")
    }

    @Test func finishShowsAnUnfinishedCharacterAndStartsAfresh() throws {
        let tokenizer = try TinyTokenizer.json.load()
        let ids = tokenizer.encode("\u{1F469}").dropLast()
        var stream = StreamingDetokenizer(tokenizer)
        #expect(ids.map { stream.append($0) }.joined() == "")
        #expect(stream.finish() == "\u{FFFD}")
        #expect(stream.finish() == "")
    }

    @Test func streamHoldsNothingThatCannotBecomeACharacter() throws {
        let tokenizer = try TinyTokenizer.json.load()
        let tables = try TokenizerFolder(
            directory: Golden.folder.appendingPathComponent("ckpt-new")
        ).read()
        var stream = StreamingDetokenizer(tokenizer)
        // E0 80 is no beginning of any character, so it shows at once.
        #expect(stream.append(tables.byteTokens[0xE0]) == "")
        #expect(stream.append(tables.byteTokens[0x80]) == "\u{FFFD}\u{FFFD}")
    }
}
