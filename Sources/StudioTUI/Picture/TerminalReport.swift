import TerminalUI

/// What a terminal answered to the questions of `TerminalProbe`.
struct TerminalReport: Sendable, Equatable {
    /// Primary device attributes (DA1); empty when it did not answer.
    var attributes: [Int] = []
    /// How many colours a sixel picture may have (XTSMGRAPHICS 1).
    var colourRegisters: Int?
    /// The size of the text area in pixels (XTSMGRAPHICS 2).
    var areaWidth: Int?
    var areaHeight: Int?
    /// The largest sixel picture in pixels (XTSMGRAPHICS 2, maximum).
    var maximumWidth: Int?
    var maximumHeight: Int?
    /// How many sizes came since the last answer to DA1: the first is the present one.
    private var sizes = 0
    /// The size of a cell in pixels (`CSI 16 t`).
    var cellWidth: Int?
    var cellHeight: Int?

    /// Attribute 4 of the device attributes means sixel.
    var hasSixel: Bool { attributes.contains(4) }

    /// Asks for everything in one go; DA1 comes last because every terminal answers it, so its
    /// answer says that no other will follow.
    static let questions = "\u{1B}[?1;1;0S\u{1B}[?2;1;0S\u{1B}[?2;4;0S\u{1B}[16t\u{1B}[c"

    /// The same questions, handed through tmux to the terminal it runs in.
    static let outerQuestions = String(
        decoding: TmuxPassthrough.wrapped(Array(questions.utf8)), as: UTF8.self)

    /// Whether the answer to the last question is among the bytes.
    static func isComplete(_ bytes: [UInt8]) -> Bool {
        sequences(in: bytes).contains { $0.final == "c" && $0.isPrivate }
    }

    /// Reads all answers found among the bytes and ignores everything else.
    init(parsing bytes: [UInt8]) {
        for sequence in Self.sequences(in: bytes) {
            let numbers = sequence.numbers
            switch (sequence.final, sequence.isPrivate) {
            case ("c", true): finish(Array(numbers.dropFirst()))
            case ("S", true): readGraphics(numbers)
            case ("t", false) where numbers.count == 3 && numbers[0] == 6:
                cellHeight = numbers[1]
                cellWidth = numbers[2]
            default: continue
            }
        }
    }

    init() {}

    /// Adds an answer that the app's own input brought; `false` when it says nothing about pictures.
    mutating func take(_ reply: TerminalReply) -> Bool {
        switch reply {
        // The first number is the level of the terminal, 4 among others.
        case .attributes(let list): finish(Array(list.dropFirst()))
        case .graphics(let numbers): readGraphics(numbers)
        case .cellSize(let width, let height):
            cellWidth = width
            cellHeight = height
        default: return false
        }
        return true
    }

    /// Forgets what another size of the window or of the letters makes wrong.
    mutating func forgetMeasures() {
        (areaWidth, areaHeight, cellWidth, cellHeight) = (nil, nil, nil, nil)
    }

    /// The answer to DA1, the last of a round of questions.
    private mutating func finish(_ list: [Int]) {
        attributes = list
        sizes = 0
    }

    /// `item ; status ; value…`, where status 0 is success.
    ///
    /// Both sizes come under the same number: first the present one, then the largest, as asked.
    private mutating func readGraphics(_ numbers: [Int]) {
        if numbers.first == 2 { sizes += 1 }
        guard numbers.count >= 3, numbers[1] == 0 else { return }
        if numbers[0] == 1 { colourRegisters = numbers[2] }
        guard numbers[0] == 2, numbers.count >= 4 else { return }
        if sizes == 1 {
            areaWidth = numbers[2]
            areaHeight = numbers[3]
        } else {
            maximumWidth = numbers[2]
            maximumHeight = numbers[3]
        }
    }

    private struct Sequence {
        var isPrivate = false
        var numbers: [Int] = []
        var final: Character = " "
    }

    /// All complete `ESC [ … letter` sequences.
    private static func sequences(in bytes: [UInt8]) -> [Sequence] {
        var found: [Sequence] = []
        var index = 0
        while index + 1 < bytes.count {
            guard bytes[index] == 0x1B, bytes[index + 1] == UInt8(ascii: "[") else {
                index += 1
                continue
            }
            let body = bytes[(index + 2)...].prefix { $0 < 0x40 }
            index += 2 + body.count
            guard index < bytes.count else { break }
            found.append(sequence(Array(body), final: bytes[index]))
            index += 1
        }
        return found
    }

    private static func sequence(_ body: [UInt8], final: UInt8) -> Sequence {
        let isPrivate = body.first == UInt8(ascii: "?")
        let digits = body.drop { $0 == UInt8(ascii: "?") }
        let numbers = digits.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { Int(String(decoding: $0.prefix(6), as: UTF8.self)) ?? 0 }
        return Sequence(
            isPrivate: isPrivate, numbers: numbers, final: Character(Unicode.Scalar(final)))
    }
}
