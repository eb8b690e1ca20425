import Foundation

/// What an engine answered.
struct EngineReply: Sendable, Equatable {
    let text: String
    /// OpenAI's word for why it ended.
    let reason: String
    let promptTokens: Int
    let generatedTokens: Int

    private struct Document: Decodable {
        struct Choice: Decodable {
            struct Message: Decodable { let content: String? }
            let message: Message
            let finishReason: String?
            enum CodingKeys: String, CodingKey {
                case message
                case finishReason = "finish_reason"
            }
        }
        struct Usage: Decodable {
            let prompt: Int?
            let completion: Int?
            enum CodingKeys: String, CodingKey {
                case prompt = "prompt_tokens"
                case completion = "completion_tokens"
            }
        }
        let choices: [Choice]
        let usage: Usage?
    }

    /// Reads the body of a 200.
    ///
    /// - Throws: `EngineError.malformed`.
    init(_ body: Data, engine: String) throws(EngineError) {
        guard let document = try? JSONDecoder().decode(Document.self, from: body),
            let choice = document.choices.first
        else { throw .malformed(engine: engine, reason: "its answer holds no choice") }
        text = choice.message.content ?? ""
        reason = choice.finishReason ?? "stop"
        promptTokens = document.usage?.prompt ?? 0
        generatedTokens = document.usage?.completion ?? 0
    }

    /// What the body of a refusal says: OpenAI's form, FastAPI's, or the beginning of the text.
    static func message(_ body: Data) -> String {
        struct Words: Decodable {
            struct Detail: Decodable { let message: String }
            let error: Detail?
            let message: String?
        }
        let words = try? JSONDecoder().decode(Words.self, from: body)
        let text =
            words?.error?.message ?? words?.message
            ?? String(decoding: body.prefix(200), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.isEmpty ? "it does not say why." : String(line.prefix(300))
    }

    /// The names of `/v1/models`.
    static func models(_ body: Data) -> [String] {
        struct Models: Decodable {
            struct Model: Decodable { let id: String }
            let data: [Model]
        }
        return (try? JSONDecoder().decode(Models.self, from: body))?.data.map(\.id) ?? []
    }
}
