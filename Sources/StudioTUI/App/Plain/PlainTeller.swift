import Synchronization

/// Says in lines how a caption comes along.
final class PlainTeller: Sendable {
    private struct State {
        var stream: PlainStream
        var stage = ""
        var hasText = false
    }

    private let dialogue: PlainDialogue
    private let state: Mutex<State>

    init(_ dialogue: PlainDialogue) {
        self.dialogue = dialogue
        state = Mutex(State(stream: dialogue.stream()))
    }

    func tell(_ news: CaptionNews) {
        state.withLock { state in
            switch news {
            case .stage(let words, _):
                // Each stage once; how far it is would only be noise.
                guard words != state.stage else { return }
                state.stage = words
                dialogue.say(words.prefix(1).uppercased() + words.dropFirst() + ".")
            case .text(let text, _):
                if !state.hasText { dialogue.say("Caption:") }
                state.hasText = true
                state.stream.append(text)
            case .finished, .failed, .cancelled: break
            }
        }
    }

    func finish() { state.withLock { $0.stream.finish() } }
}
