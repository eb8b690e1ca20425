import ArgumentParser
import Foundation
import TerminalUI
import VLMRuntime

/// `studio model tokenize MODEL --text T`.
struct ModelTokenize: StudioCommand {
    struct Document: Encodable {
        let ids: [Int32]
        let text: String
    }

    static let configuration = CommandConfiguration(
        commandName: "tokenize", abstract: "Print the token ids of a text, and the text they give.")

    @Argument(help: "A checkpoint folder or a registered name; default: the model in use.")
    var model: String?

    @Option(help: "The text.")
    var text: String

    @Flag(help: "Read control tokens such as <|im_end|> as such, which user text never is.")
    var control = false

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let choice = try ModelChoice.resolve(
            model, store: session.store(), samples: session.samples)
        let tokenizer = try Tokenizer(checkpoint: choice.folder)
        let ids = control ? tokenizer.encodeWithControlTokens(text) : tokenizer.encode(text)
        let decoded = tokenizer.decode(ids, skippingSpecialTokens: false)
        if common.json { return try session.printJSON(Document(ids: ids, text: decoded)) }
        session.print(ids.map(String.init).joined(separator: " "))
        session.print(TerminalText.sanitized(decoded, lines: true))
    }
}
