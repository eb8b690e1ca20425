import Foundation
import Testing

@testable import VLMRuntime

@Suite struct TokenizerEncodingTests {
    struct GoldenCase: Decodable {
        let text: String
        let ids: [Int32]
        let decoded: String
        let decoded_skip: String
    }

    struct GoldenFile: Decodable {
        let tokenizer_cases: [GoldenCase]
        let special_ids: [String: Int32]
    }

    private static func golden() throws -> GoldenFile {
        let data = try Data(contentsOf: Golden.folder.appendingPathComponent("golden.json"))
        return try JSONDecoder().decode(GoldenFile.self, from: data)
    }

    @Test(arguments: TinyTokenizer.allCases)
    func tinyTokenizerGivesTheIDsOfTheReference(form: TinyTokenizer) throws {
        let tokenizer = try form.load()
        let cases = try Self.golden().tokenizer_cases
        #expect(cases.count == 19)
        for expected in cases {
            #expect(tokenizer.encodeWithControlTokens(expected.text) == expected.ids)
            let whole = tokenizer.decode(expected.ids, skippingSpecialTokens: false)
            #expect(Array(whole.utf8) == Array(expected.decoded.utf8))
            #expect(Array(tokenizer.decode(expected.ids).utf8) == Array(expected.decoded_skip.utf8))
        }
    }

    @Test(arguments: TinyTokenizer.allCases)
    func addedTokensHaveTheirIDs(form: TinyTokenizer) throws {
        let tokenizer = try form.load()
        let expected = try Self.golden().special_ids
        #expect(tokenizer.addedTokens.count == expected.count)
        for (text, id) in expected {
            #expect(tokenizer.id(ofAddedToken: text) == id)
            #expect(tokenizer.bytes(of: id) == Array(text.utf8))
            #expect(tokenizer.isSpecial(id) == AddedToken.standard.contains { $0 == (text, true) })
        }
        #expect(tokenizer.vocabularySize == 499)
        #expect(tokenizer.id(ofAddedToken: "<|other|>") == nil)
    }

    @Test func rebuiltVocabularyIsThePublishedOne() throws {
        let real = try TokenizerFixtures.real.get()
        #expect(real.vocabularyBytes == 2_776_833)
        #expect(real.mergesBytes == 1_671_853)
        #expect(real.tokenizer.vocabularySize == 151_665)
        #expect(real.tokenizer.id(ofAddedToken: "<|image_pad|>") == 151_655)
        #expect(real.tokenizer.encode("Hello world") == [9707, 1879])
        #expect(
            real.tokenizer.encode("You are a helpful assistant.")
                == [2610, 525, 264, 10950, 17847, 13])
    }

    /// Catches what no hand-written case would: a wrong character class, a merge out of order, a
    /// composition left out, in any of twenty scripts.
    @Test func tenThousandStringsHaveTheIDsOfTheReference() throws {
        let tokenizer = try TokenizerFixtures.real.get().tokenizer
        var reader = try TokenizerFixtures.reader("encodings.bin")
        var count = 0
        while !reader.isAtEnd {
            let text = reader.text()
            let user = reader.ids()
            let recognised = reader.ids()
            let control = recognised.isEmpty ? user : recognised
            #expect(tokenizer.encode(text) == user, "\(text.debugDescription)")
            if tokenizer.encodeWithControlTokens(text) != control {
                Issue.record("with control tokens: \(text.debugDescription)")
            }
            count += 1
        }
        #expect(count == 10_000)
    }

    /// A picture's caption or a concept's name must not be able to end a turn or insert a picture.
    @Test func userTextNeverBecomesAnAddedToken() throws {
        let tokenizer = try TokenizerFixtures.real.get().tokenizer
        let added = tokenizer.addedTokens
        #expect(added.count == 22)
        let addedIDs = Set(added.map(\.id))
        var numbers = SeededNumbers(state: 7)
        let around = ["", " ", "\n", "a", "名", "<|", "|>", "e\u{301}", "<|im_start|>"]
        for token in added {
            for _ in 0..<40 {
                let before = around.randomElement(using: &numbers) ?? ""
                let after = around.randomElement(using: &numbers) ?? ""
                let text = before + token.content + after
                let ids = tokenizer.encode(text)
                #expect(addedIDs.isDisjoint(with: ids))
                #expect(tokenizer.decode(ids) == text)
                #expect(tokenizer.encodeWithControlTokens(text).contains(token.id))
            }
        }
    }

    @Test func leftmostLongestAddedTokenWins() {
        let added = AddedTokens([
            AddedToken(id: 1, content: "<a>", isSpecial: true),
            AddedToken(id: 2, content: "<a><b>", isSpecial: true),
            AddedToken(id: 3, content: "a><b>x", isSpecial: true),
        ])
        #expect(added.split(Array("<a><b>x".utf8)) == [.token(2), .text(6..<7)])
        #expect(added.split(Array("_<a>a><b>x".utf8)) == [.text(0..<1), .token(1), .token(3)])
        #expect(added.split([]) == [])
    }

    /// Without a heap this takes hours: the test would not come back.
    @Test func veryLongPiecesAreEncoded() throws {
        let tokenizer = try TokenizerFixtures.real.get().tokenizer
        var numbers = SeededNumbers(state: 3)
        let letters = Array("etaoinshrdluETAOIN")
        let word = String((0..<100_000).map { _ in letters.randomElement(using: &numbers) ?? "e" })
        #expect(tokenizer.decode(tokenizer.encode(word)) == word)
        let blanks = String(repeating: " \t", count: 50_000)
        #expect(tokenizer.decode(tokenizer.encode(blanks)) == blanks)
    }

    @Test func heapMergesLikeTheDefinition() throws {
        let tables = try TokenizerFolder(
            directory: Golden.folder.appendingPathComponent("ckpt-new")
        ).read()
        var merger = BytePairMerger(merges: tables.merges, byteTokens: tables.byteTokens)
        var numbers = SeededNumbers(state: 11)
        let letters = Array("the image and a dog in the sun, image thehehe".utf8)
        for _ in 0..<300 {
            let length = Int.random(in: 1...40, using: &numbers)
            let piece = (0..<length).map { _ in letters.randomElement(using: &numbers) ?? 0x20 }
            var found: [Int32] = []
            merger.append(piece[...], to: &found)
            #expect(found == Self.mergedByDefinition(piece, tables))
        }
    }

    /// Merges the leftmost pair of lowest rank until none is left.
    private static func mergedByDefinition(_ piece: [UInt8], _ tables: TokenizerTables) -> [Int32] {
        var tokens = piece.map { tables.byteTokens[Int($0)] }
        while true {
            let candidates = tokens.indices.dropLast().compactMap { place in
                tables.merges.merge(tokens[place], tokens[place + 1]).map { (place, $0) }
            }
            guard let (place, merge) = candidates.min(by: { $0.1.rank < $1.1.rank }) else {
                return tokens
            }
            tokens.replaceSubrange(place...place + 1, with: [merge.result])
        }
    }
}
