/// Turns the bytes that a terminal sends into keys, mouse events, pastes and replies.
///
/// Bytes may come in pieces of any size. Replies come through the same wire as keys and at any
/// time, so one parser knows both, and nothing that has the form of a reply becomes a key.
public struct InputParser: Sendable {
    /// The most bytes of a paste that are kept; the rest of it is dropped.
    static let longestPaste = 1 << 20
    /// The most bytes of a reply that are kept; a longer one is no reply we know.
    static let longestReply = 64 << 10

    private enum State {
        case ground
        /// After the first bytes of a character of UTF-8.
        case text(KeyModifiers, needed: Int)
        /// After `ESC`.
        case escape
        /// After `ESC O`, perhaps with a digit for the modifiers.
        case singleShift(KeyModifiers)
        /// After `ESC [`.
        case control
        /// After `ESC [ [`, which is F1 to F5 on the Linux console.
        case console
        /// After `ESC [ M`.
        case mouse
        /// After `ESC ]`, `ESC P` or `ESC _`, by that byte.
        case string(UInt8)
        /// After an `ESC` inside such a string.
        case stringEscape(UInt8)
        /// Inside a bracketed paste, with so many bytes of its end seen.
        case paste(matched: Int)
    }

    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    private var state = State.ground
    private var held: [UInt8] = []

    /// A parser that has seen nothing.
    public init() {}

    /// Takes bytes as they come and returns what they mean.
    public mutating func feed(_ bytes: some Sequence<UInt8>) -> [InputEvent] {
        var events: [InputEvent] = []
        for byte in bytes { accept(byte, &events) }
        return events
    }

    /// Whether the last bytes are the start of a sequence, or keys: after a moment of silence they
    /// are keys, and `flush` says so.
    public var isWaiting: Bool {
        switch state {
        case .escape, .singleShift, .console: true
        case .control, .string: held.isEmpty
        case .ground, .text, .mouse, .stringEscape, .paste: false
        }
    }

    /// Whether a reply or a paste has begun and not ended.
    ///
    /// A slow line may pause in the middle of one, so its end is waited for much longer; see
    /// `abandon`.
    public var isInside: Bool {
        switch state {
        case .control, .string: !held.isEmpty
        case .mouse, .stringEscape, .paste: true
        case .ground, .text, .escape, .singleShift, .console: false
        }
    }

    /// Says that nothing came for a moment, so that `ESC` alone was the key, and so on.
    ///
    /// An unfinished reply or paste (`isInside`) stays.
    public mutating func flush() -> [InputEvent] {
        guard isWaiting else { return [] }
        var events: [InputEvent] = []
        switch state {
        case .escape: events.append(.key(Key(.escape)))
        case .singleShift: events.append(alt("O"))
        case .control: events.append(alt("["))
        case .console: events += [alt("["), .key(.character("["))]
        case .string(let kind): events.append(.key(KeySequence.key(ascii: kind, .alt)))
        default: break
        }
        reset()
        return events
    }

    /// Gives up waiting for the end of a reply or a paste; what was pasted so far counts.
    public mutating func abandon() -> [InputEvent] {
        guard isInside else { return flush() }
        var events: [InputEvent] = []
        if case .paste = state, !held.isEmpty { events.append(pasted()) }
        reset()
        return events
    }

    private mutating func reset() {
        state = .ground
        held = []
    }

    private mutating func accept(_ byte: UInt8, _ events: inout [InputEvent]) {
        switch state {
        case .ground: ground(byte, [], &events)
        case .text(let modifiers, let needed): text(byte, modifiers, needed, &events)
        case .escape: escape(byte, &events)
        case .singleShift(let modifiers): singleShift(byte, modifiers, &events)
        case .control: control(byte, &events)
        case .console: console(byte, &events)
        case .mouse: mouse(byte, &events)
        case .string(let kind): string(byte, kind, &events)
        case .stringEscape(let kind): stringEscape(byte, kind, &events)
        case .paste(let matched): paste(byte, matched, &events)
        }
    }

    private func alt(_ character: Character) -> InputEvent {
        .key(Key(.character(character), .alt))
    }

    // MARK: Keys

    private mutating func ground(
        _ byte: UInt8, _ modifiers: KeyModifiers, _ events: inout [InputEvent]
    ) {
        state = .ground
        switch byte {
        case 0x1B: state = .escape
        case 0x00...0x7F: events.append(.key(KeySequence.key(ascii: byte, modifiers)))
        case 0xC2...0xDF: begin(byte, modifiers, 2)
        case 0xE0...0xEF: begin(byte, modifiers, 3)
        case 0xF0...0xF4: begin(byte, modifiers, 4)
        default: events.append(.key(Key(.character("\u{FFFD}"), modifiers)))
        }
    }

    private mutating func begin(_ byte: UInt8, _ modifiers: KeyModifiers, _ needed: Int) {
        held = [byte]
        state = .text(modifiers, needed: needed)
    }

    private mutating func text(
        _ byte: UInt8, _ modifiers: KeyModifiers, _ needed: Int, _ events: inout [InputEvent]
    ) {
        guard (0x80...0xBF).contains(byte) else {
            reset()
            events.append(.key(Key(.character("\u{FFFD}"), modifiers)))
            return accept(byte, &events)
        }
        held.append(byte)
        guard held.count == needed else { return }
        for scalar in String(decoding: held, as: UTF8.self).unicodeScalars {
            events.append(.key(Key(.character(Character(scalar)), modifiers)))
        }
        reset()
    }

    private mutating func escape(_ byte: UInt8, _ events: inout [InputEvent]) {
        held = []
        switch byte {
        // The key was pressed before a sequence came, or twice.
        case 0x1B: events.append(.key(Key(.escape)))
        case UInt8(ascii: "["): state = .control
        case UInt8(ascii: "O"): state = .singleShift([])
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"): state = .string(byte)
        default: ground(byte, .alt, &events)
        }
    }

    private mutating func singleShift(
        _ byte: UInt8, _ modifiers: KeyModifiers, _ events: inout [InputEvent]
    ) {
        if modifiers.isEmpty, (UInt8(ascii: "2")...UInt8(ascii: "8")).contains(byte) {
            state = .singleShift(KeyModifiers(xterm: Int(byte - 0x30)))
            return
        }
        reset()
        if let key = KeySequence.singleShift(byte, modifiers: modifiers) {
            events.append(.key(key))
        } else {
            events.append(alt("O"))
            accept(byte, &events)
        }
    }

    private mutating func console(_ byte: UInt8, _ events: inout [InputEvent]) {
        reset()
        if (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(byte) {
            events.append(.key(Key(.function(Int(byte) - 0x40))))
        } else {
            events += [alt("["), .key(.character("["))]
            accept(byte, &events)
        }
    }

    // MARK: Control sequences

    private mutating func control(_ byte: UInt8, _ events: inout [InputEvent]) {
        switch byte {
        case UInt8(ascii: "[") where held.isEmpty: state = .console
        case UInt8(ascii: "M") where held.isEmpty: state = .mouse
        case 0x20...0x3F: if held.count < 256 { held.append(byte) }
        case 0x40...0x7E:
            let body = held
            reset()
            events.append(contentsOf: finish(ControlSequence(body: body, final: byte)))
        default:
            // No sequence goes on like this, so it was not one.
            if held.isEmpty { events.append(alt("[")) }
            reset()
            accept(byte, &events)
        }
    }

    private mutating func finish(_ sequence: ControlSequence?) -> [InputEvent] {
        guard let sequence else { return [.reply(.other)] }
        switch sequence.final {
        case UInt8(ascii: "~") where sequence.isPlain(200):
            state = .paste(matched: 0)
            return []
        case UInt8(ascii: "I") where sequence.isBare: return [.focus(true)]
        case UInt8(ascii: "O") where sequence.isBare: return [.focus(false)]
        case UInt8(ascii: "M") where sequence.prefix == UInt8(ascii: "<"),
            UInt8(ascii: "m") where sequence.prefix == UInt8(ascii: "<"):
            return [MouseSequence.sgr(sequence).map { .mouse($0) } ?? .reply(.other)]
        default:
            if let key = KeySequence.key(sequence) { return [.key(key)] }
            return [.reply(ReplySequence.control(sequence))]
        }
    }

    private mutating func mouse(_ byte: UInt8, _ events: inout [InputEvent]) {
        guard byte >= 0x20 else {
            reset()
            return accept(byte, &events)
        }
        held.append(byte)
        guard held.count == 3 else { return }
        events.append(MouseSequence.x10(held).map { .mouse($0) } ?? .reply(.other))
        reset()
    }

    // MARK: Strings

    private mutating func string(_ byte: UInt8, _ kind: UInt8, _ events: inout [InputEvent]) {
        if held.isEmpty, !Self.canBegin(kind, byte) {
            reset()
            events.append(.key(KeySequence.key(ascii: kind, .alt)))
            return accept(byte, &events)
        }
        switch byte {
        case 0x1B: state = .stringEscape(kind)
        case 0x07 where kind == UInt8(ascii: "]"): finishString(kind, &events)
        case 0x00..<0x20:
            reset()
            accept(byte, &events)
        // One more than is allowed marks it as too long.
        default: if held.count <= Self.longestReply { held.append(byte) }
        }
    }

    /// Whether a reply of this kind can start so; otherwise it was a key with alt.
    private static func canBegin(_ kind: UInt8, _ byte: UInt8) -> Bool {
        switch kind {
        case UInt8(ascii: "]"): (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        case UInt8(ascii: "P"): (0x21...0x3F).contains(byte)
        default: byte == UInt8(ascii: "G")
        }
    }

    private mutating func stringEscape(_ byte: UInt8, _ kind: UInt8, _ events: inout [InputEvent]) {
        if byte == UInt8(ascii: "\\") { return finishString(kind, &events) }
        reset()
        state = .escape
        accept(byte, &events)
    }

    private mutating func finishString(_ kind: UInt8, _ events: inout [InputEvent]) {
        let text = held
        reset()
        guard text.count <= Self.longestReply else { return events.append(.reply(.other)) }
        switch kind {
        case UInt8(ascii: "]"): events.append(.reply(ReplySequence.operatingSystem(text)))
        case UInt8(ascii: "P"): events.append(.reply(ReplySequence.device(text)))
        default: events.append(.reply(ReplySequence.application(text)))
        }
    }

    // MARK: Pastes

    private mutating func paste(_ byte: UInt8, _ matched: Int, _ events: inout [InputEvent]) {
        if byte == Self.pasteEnd[matched] {
            guard matched + 1 == Self.pasteEnd.count else {
                state = .paste(matched: matched + 1)
                return
            }
            events.append(pasted())
            return reset()
        }
        // What looked like the end was part of the text.
        if held.count < Self.longestPaste { held += Self.pasteEnd.prefix(matched) }
        if byte == Self.pasteEnd[0] {
            state = .paste(matched: 1)
        } else {
            if held.count < Self.longestPaste { held.append(byte) }
            state = .paste(matched: 0)
        }
    }

    private func pasted() -> InputEvent {
        .paste(String(decoding: held.prefix(Self.longestPaste), as: UTF8.self))
    }
}

extension ControlSequence {
    /// Whether this one number is all there is.
    fileprivate func isPlain(_ number: Int) -> Bool {
        prefix == nil && intermediates.isEmpty && numbers == [number]
    }
}
