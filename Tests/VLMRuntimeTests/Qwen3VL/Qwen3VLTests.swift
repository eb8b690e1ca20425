import Foundation
import ImageCodecs
import Testing

@testable import VLMRuntime

/// Every stage of Qwen3-VL against Transformers: pixels, learned positions, blocks, deepstack rows,
/// normed heads, interleaved rope, logits, greedy answers.
struct Qwen3VLTests {
    private let golden: Qwen3VLGolden
    private var model: VisionLanguageModel { golden.model }

    init() throws { golden = try Qwen3VLGolden() }

    @Test func itIsRecognised() {
        let configuration = model.configuration
        #expect(configuration.family == .qwen3VL)
        #expect(configuration.text.headDimension == 16 && configuration.text.queryWidth == 64)
        #expect(configuration.text.ropeAxes == [0, 1, 2, 0, 1, 2, 0, 0])
        #expect(configuration.text.ropeTheta == 5e6)
        #expect(configuration.vision.positionGridSide == 7)
        #expect(configuration.vision.deepstackBlocks == [0, 2])
        #expect(configuration.pictureRowWidth == 3 * 48)
        #expect(model.imageConfiguration.mean == [0.5, 0.5, 0.5])
    }

    /// The published sections: 64 frequencies, of which 24 follow time, 20 height and 20 width.
    @Test func publishedSectionsTakeTurns() throws {
        let temporary = try TemporaryFolder()
        let file = try temporary.write(
            Data(
                """
                {"text_config": {"hidden_size": 2560, "intermediate_size": 9728,
                 "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8,
                 "vocab_size": 151936, "rms_norm_eps": 1e-6, "rope_theta": 5000000,
                 "rope_scaling": {"mrope_interleaved": true, "mrope_section": [24, 20, 20],
                 "rope_type": "default"}}}
                """.utf8), to: "config.json")
        let text = try TextConfiguration(JSONFile(path: file), family: .qwen3VL)
        #expect(text.headDimension == 128 && text.queryWidth == 4096)
        #expect(Array(text.ropeAxes.prefix(7)) == [0, 1, 2, 0, 1, 2, 0])
        #expect(Array(text.ropeAxes.suffix(8)) == [2, 0, 1, 2, 0, 0, 0, 0])
        #expect((0..<3).map { axis in text.ropeAxes.count { $0 == axis } } == [24, 20, 20])
    }

    @Test(arguments: Qwen3VLGolden.Chat.allCases)
    func promptsAndPositionsAreThoseOfTheReference(chat: Qwen3VLGolden.Chat) throws {
        let prompt = try model.prepare(chat.messages)
        #expect(prompt.ids == (try golden.ids("\(chat.rawValue).ids")))
        let found = prompt.positions.time + prompt.positions.height + prompt.positions.width
        #expect(found == (try golden.ids("\(chat.rawValue).positions")))
        let delta = prompt.positions.next - Int32(prompt.ids.count)
        #expect([delta] == (try golden.ids("\(chat.rawValue).delta")))
    }

    @Test func pixelsAreExact() throws {
        let images = try [0, 1].map {
            try model.preprocess(
                model.promptImage(Qwen3VLGolden.picture($0), at: 0, hasDigest: false))
        }
        let grids = images.flatMap {
            [Int32($0.grid.time), Int32($0.grid.height), Int32($0.grid.width)]
        }
        #expect(grids == (try golden.ids("pixels.grid")))
        let values = images.flatMap(\.pixelValues.values)
        let some = stride(from: 0, to: values.count, by: 97).map { values[$0] }
        #expect(some == golden["pixels.every97"]?.floats())
    }

    @Test func theTowerMatchesStepByStep() throws {
        let tower = model.vision
        let images = try model.prepare(Qwen3VLGolden.Chat.two.messages).images
            .map(model.preprocess)
        let grid = try #require(tower.positions)
        var places: [Matrix] = []
        var blocks = [[Matrix]](repeating: [], count: tower.blocks.count)
        var levels: [[Matrix]] = [[], []]
        for image in images {
            let (layout, rope) = (
                tower.windowLayout(of: image.grid), tower.rotaryTable(of: image.grid)
            )
            #expect(
                layout.cellOrder == Array(layout.cellOrder.indices), "no windows, no reordering")
            places.append(grid(image.grid, mergeSize: 2))
            var x = tower.patchEmbedding(image.pixelValues)
            x += places[places.count - 1]
            for (index, block) in tower.blocks.enumerated() {
                block(&x, rope, layout)
                blocks[index].append(x)
                if let merger = tower.deepstack[index] { levels[index / 2].append(merger(x)) }
            }
        }
        expectVeryClose(stacked(places), golden["vis.positions"], "learned positions")
        for (index, rows) in blocks.enumerated() {
            expectVeryClose(stacked(rows).every(5), golden["vis.block\(index)"], "block \(index)")
        }
        for (level, rows) in levels.enumerated() {
            expectVeryClose(stacked(rows), golden["vis.deepstack\(level)"], "level \(level)")
        }
        let rows = stacked(images.map { image in tower(image) { _ in } })
        #expect(rows.columns == 3 * 48)
        expectVeryClose(rows.leading(columns: 48), golden["vis.rows"], "picture rows")
        let both = Matrix(beside: [rows.leading(columns: 48)] + levels.map(stacked))
        #expect(rows.values == both.values, "a row holds all its levels")
    }

    @Test func everyDecoderLayerMatches() throws {
        let (prompt, input) = try golden.ready(.one)
        let language = model.language
        let rope = prompt.positions.rotaryTable(language.configuration)
        expectVeryClose(rope.cosine, golden["lm.cos"], "cosines")
        expectVeryClose(rope.sine, golden["lm.sin"], "sines")
        var cache = KVCache(language.configuration)
        cache.extend(by: input.count)
        let sequence = CachedSequences([cache], counts: [input.count])
        var x = input.embeddings
        let attention = language.layers[0].attention
        let normed = language.layers[0].attentionNorm(x)
        let (q, k) = (
            attention.queryNorm?.perHead(attention.query(normed)),
            attention.keyNorm?.perHead(attention.key(normed))
        )
        expectVeryClose(try #require(q).every(4), golden["lm.qnorm"], "normed queries")
        expectVeryClose(try #require(k).every(4), golden["lm.knorm"], "normed keys")
        for (index, layer) in language.layers.enumerated() {
            layer(&x, rope, sequence, layer: index)
            expectVeryClose(x, golden["lm.layer\(index)"], "layer \(index)")
            input.addDeepstack(to: &x, behind: index)
        }
        expectVeryClose(x, golden["lm.last"], "last layer with what was added")
    }

    @Test(arguments: Qwen3VLGolden.Chat.allCases)
    func logitsMatch(chat: Qwen3VLGolden.Chat) throws {
        let logits = try golden.logits(chat, model)
        expectVeryClose(logits.last(24), golden["\(chat.rawValue).logits"], "logits of \(chat)")
        // And behind every token of the answer, read in one piece.
        let answer = try golden.ids("\(chat.rawValue).greedy")
        let (prompt, input) = try golden.ready(chat)
        var session = Session(model: model)
        let first = try session.prefill(input, prompt) { _ in }
        let others = session.read(Array(answer.dropLast()))
        let all = stacked([Matrix(rows: 1, columns: first.count, values: first), others])
        expectVeryClose(all, golden["\(chat.rawValue).greedy_logits"], "answer to \(chat)")
    }

    @Test(arguments: Qwen3VLGolden.Chat.allCases)
    func itWritesTheReferencesTokens(chat: Qwen3VLGolden.Chat) throws {
        let plain = try model.generate(chat.messages, options: SamplingOptions(maxNewTokens: 16))
        #expect(plain.tokenIDs == (try golden.answer(chat)))
        let penalised = try model.generate(
            chat.messages, options: SamplingOptions(repetitionPenalty: 1.05, maxNewTokens: 16))
        #expect(penalised.tokenIDs == (try golden.answer(chat, "greedy_rp105")))
    }

    /// Deepstack rows are added to the right tokens wherever a piece begins, within pictures too.
    @Test(arguments: [1, 7, 50, 64, 70, 112])
    func readingInPiecesChangesNothing(piece: Int) throws {
        let (prompt, input) = try golden.ready(.two)
        var cache = KVCache(model.configuration.text)
        var rows: [Matrix] = []
        for start in stride(from: 0, to: input.count, by: piece) {
            let range = start..<min(start + piece, input.count)
            rows.append(
                model.language(
                    input.rows(range), at: prompt.positions.slice(range), cache: &cache
                ) { _ in })
        }
        expectVeryClose(
            model.language.logits(stacked(rows)).last(24), golden["two.logits"], "logits")
    }

    @Test func gridPlacesReachBothCorners() {
        for count in 1...40 {
            let first = PositionGrid.place(of: 0, among: count, side: 48)
            #expect(first.point == 0 && first.share == 0)
            let last = PositionGrid.place(of: count - 1, among: count, side: 48)
            #expect(last.point == (count == 1 ? 0 : 47) && last.share == 0)
            #expect(last.taps(48).allSatisfy { $0.point <= 47 })
            #expect(first.taps(48).map(\.weight) == [1, 0])
        }
    }
}
