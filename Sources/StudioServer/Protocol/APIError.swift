import ImageCodecs
import PersonalCaption
import VLMRuntime

/// Why a request is refused, in the words and form of OpenAI's API.
public struct APIError: Error, Sendable, Equatable, CustomStringConvertible {
    /// HTTP status.
    public var status: Int
    /// OpenAI's kind of error, such as `invalid_request_error`.
    public var kind: String
    /// A word for programs, such as `model_not_found`.
    public var code: String?
    /// The member of the request that is to blame.
    public var parameter: String?
    /// One sentence.
    public var message: String
    /// Seconds after which trying again makes sense.
    public var retryAfter: Int?

    /// Takes the values as they are.
    public init(
        _ status: Int, _ message: String, kind: String = "invalid_request_error",
        code: String? = nil, parameter: String? = nil, retryAfter: Int? = nil
    ) {
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.parameter = parameter
        self.retryAfter = retryAfter
    }

    /// The sentence.
    public var description: String { message }

    static func bad(_ parameter: String?, _ message: String) -> APIError {
        APIError(400, message, parameter: parameter)
    }

    static func notFound(_ message: String, code: String, parameter: String?) -> APIError {
        APIError(404, message, code: code, parameter: parameter)
    }

    static let wrongKey = APIError(
        401, "The API key is missing or wrong; send 'Authorization: Bearer KEY'.",
        kind: "authentication_error", code: "invalid_api_key")

    static func busy(retryAfter: Int, _ message: String) -> APIError {
        APIError(
            429, message + "; try again in \(retryAfter) s.", kind: "rate_limit_error",
            code: "server_busy", retryAfter: retryAfter)
    }

    static let draining = APIError(
        503, "The server is ending; try another one, or later.", kind: "server_error",
        code: "shutting_down", retryAfter: 5)

    /// What is told of an error from below.
    ///
    /// What nobody foresaw is not told in detail: it may name files of this machine.
    public static func describing(_ error: any Error) -> APIError {
        switch error {
        case let error as APIError: error
        case let error as ImageReadError: .picture(error)
        case let error as GenerationError: .generation(error)
        case let error as ImagePreprocessingError: .bad("messages", error.description)
        case let error as ChatTemplateError: .bad("messages", "\(error)")
        case let error as CaptionPromptError: .bad("concepts", error.description)
        default:
            APIError(500, "The answer could not be computed.", kind: "server_error")
        }
    }

    private static func picture(_ error: ImageReadError) -> APIError {
        switch error {
        case .tooLarge, .tooManyPixels:
            APIError(413, error.description, code: "image_too_large", parameter: "messages")
        default:
            APIError(400, error.description, code: "invalid_image", parameter: "messages")
        }
    }

    private static func generation(_ error: GenerationError) -> APIError {
        switch error {
        case .promptTooLong:
            APIError(
                400, error.description, code: "context_length_exceeded", parameter: "messages")
        case .emptyPrompt: .bad("messages", error.description)
        case .notANumber:
            APIError(
                500, "The model computes values that are not numbers; its weights are damaged.",
                kind: "server_error")
        case .notEnoughMemory:
            APIError(
                503, "There is not enough memory for this prompt; use fewer or smaller pictures.",
                kind: "server_error", code: "out_of_memory", retryAfter: 5)
        }
    }
}

/// The JSON of an error.
struct APIErrorDocument: Encodable {
    struct Detail: Encodable {
        let message: String
        let type: String
        let param: String?
        let code: String?

        enum CodingKeys: String, CodingKey { case message, type, param, code }

        // OpenAI writes what is absent as null.
        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(message, forKey: .message)
            try values.encode(type, forKey: .type)
            try values.encode(param, forKey: .param)
            try values.encode(code, forKey: .code)
        }
    }

    let error: Detail

    init(_ error: APIError) {
        self.error = Detail(
            message: error.message, type: error.kind, param: error.parameter, code: error.code)
    }
}
