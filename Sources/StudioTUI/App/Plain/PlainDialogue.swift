import Foundation
import TerminalUI

/// The user has left: end of input at a prompt.
struct PlainLeave: Error {}

/// Questions and answers, one line each: for screen readers, dumb terminals and pipes.
///
/// No colours, no cursor movement, nothing is drawn twice. An empty line goes back, `?` explains,
/// the end of input (ctrl-d) leaves.
struct PlainDialogue: Sendable {
    let console: Console
    private let input: LineInput
    /// Where lines are broken; 0 for never, as on a pipe.
    private let columns: Int

    init(console: Console, input: LineInput) {
        self.console = console
        self.input = input
        columns = console.outputIsTerminal ? max(40, min(100, TerminalMeasure.columns() - 1)) : 0
    }

    /// Says something, made safe for any terminal.
    func say(_ text: String = "") {
        let safe = TerminalText.sanitized(text, lines: true)
        guard columns > 0 else { return console.print(safe) }
        for line in TerminalText.wrapped(safe, to: columns) { console.print(line) }
    }

    /// Text that arrives in pieces, one line after the other.
    func stream() -> PlainStream { PlainStream(dialogue: self, columns: columns) }

    /// Asks for one line.
    ///
    /// - Parameter help: what `?` explains.
    /// - Returns: `nil` to go back.
    func ask(_ prompt: String, help: String) throws(PlainLeave) -> String? {
        while true {
            console.write("\(TerminalText.sanitized(prompt)): ")
            guard !console.readerLeft, let line = input.next() else {
                console.print()
                throw PlainLeave()
            }
            let answer = line.trimmingCharacters(in: .whitespaces)
            // Without somebody who types, the transcript needs the answer all the same.
            if !input.isTerminal { console.print(TerminalText.sanitized(answer)) }
            guard answer == "?" else { return answer.isEmpty ? nil : answer }
            say(help)
            say("An empty line goes back, ctrl-d leaves.")
        }
    }

    /// Asks until the answer makes sense; `read` returns `nil` after it said what is wrong.
    func ask<Answer>(
        _ prompt: String, help: String, read: (String) -> Answer?
    ) throws(PlainLeave) -> Answer? {
        while let answer = try ask(prompt, help: help) {
            if let good = read(answer) { return good }
        }
        return nil
    }

    /// Shows numbered choices and asks for one, by its number or the beginning of its words.
    ///
    /// - Parameters:
    ///   - choices: each with a clause that explains it.
    ///   - isListed: whether the choices are said; somebody who has heard them can ask with `?`.
    /// - Returns: the place of the choice in the list, from 0; `nil` to go back.
    func choose(
        _ title: String, _ choices: [(word: String, help: String)], isListed: Bool = true
    ) throws(PlainLeave) -> Int? {
        if isListed {
            say(title)
            for (index, choice) in choices.enumerated() { say("\(index + 1). \(choice.word)") }
        }
        let help = choices.enumerated()
            .map { "\($0.offset + 1), \($0.element.word): \($0.element.help)" }
            .joined(separator: "\n")
        let prompt = isListed ? "Choose" : "\(title), choose"
        return try ask("\(prompt) 1 to \(choices.count), or ?", help: help) { answer in
            if let number = Int(answer), choices.indices.contains(number - 1) { return number - 1 }
            let word = answer.lowercased()
            let fitting = choices.indices.filter {
                choices[$0].word.lowercased().hasPrefix(word)
            }
            if fitting.count == 1 { return fitting[0] }
            say("There is no \(answer) here. Type a number from 1 to \(choices.count), or ?.")
            return nil
        }
    }

    /// Asks a question whose answer is no unless somebody says yes.
    func confirm(_ question: String) throws(PlainLeave) -> Bool {
        let answer = try ask("\(question) y or n", help: "y does it, n or an empty line does not.")
        return ["y", "yes"].contains(answer?.lowercased())
    }

    /// An error as one sentence with its dot.
    static func sentence(_ error: any Error) -> String {
        let text = FailureMapping.failure(for: error).description
        let dot = text.last.map { ".!?".contains($0) } ?? true
        return text.prefix(1).uppercased() + text.dropFirst() + (dot ? "" : ".")
    }

    /// Runs something; what goes wrong is told in one sentence.
    ///
    /// - Returns: `nil` when it went wrong.
    func attempt<Result>(_ work: () throws -> Result) throws(PlainLeave) -> Result? {
        do {
            return try work()
        } catch let leave as PlainLeave {
            throw leave
        } catch is CancellationError {
            say("Stopped.")
        } catch {
            say("That did not work. \(Self.sentence(error))")
        }
        return nil
    }
}

/// Writes text that arrives in pieces in whole lines, so that nobody hears half a word.
struct PlainStream {
    private let dialogue: PlainDialogue
    private let columns: Int
    private var pending = ""

    init(dialogue: PlainDialogue, columns: Int) {
        self.dialogue = dialogue
        self.columns = columns
    }

    /// Takes more text; says every sentence or line that is complete.
    mutating func append(_ more: String) {
        pending += more
        while let end = Self.end(of: pending) {
            dialogue.say(String(pending[..<end]).trimmingCharacters(in: .whitespacesAndNewlines))
            pending = String(pending[end...])
        }
    }

    /// Says what is left.
    mutating func finish() {
        let rest = pending.trimmingCharacters(in: .whitespacesAndNewlines)
        if !rest.isEmpty { dialogue.say(rest) }
        pending = ""
    }

    /// Behind the first line or sentence that is complete: what follows has begun already.
    private static func end(of text: String) -> String.Index? {
        var previous: Character?
        for index in text.indices {
            let character = text[index]
            if character.isNewline { return text.index(after: index) }
            if character == " ", let last = previous, ".!?".contains(last) { return index }
            previous = character
        }
        return nil
    }
}
