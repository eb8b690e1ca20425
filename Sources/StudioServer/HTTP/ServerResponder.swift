import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
import VLMRuntime

/// Lets requests in, and gives each to what answers it.
struct ServerResponder: HTTPResponder {
    let engine: BatchEngine
    let chat: ChatEndpoint
    let keys: APIKeys
    let logger: Logger

    func respond(to request: Request, context: ServerContext) async -> Response {
        let start = ContinuousClock.now
        let (route, response) = await answer(request, context)
        engine.metrics.responded(response.status.code)
        // Only words of our own: a log is read on terminals.
        let seconds = String(format: "%.3f", (ContinuousClock.now - start).inSeconds)
        logger.info("\(route) \(response.status.code) \(seconds) s")
        return response
    }

    private func answer(
        _ request: Request, _ context: ServerContext
    ) async -> (route: String, Response) {
        // The API answers JSON to all who ask, so a browser must not ask for a stranger's page.
        guard keys.isRequired || HostPolicy.accepts(authority: request.head.authority) else {
            let error = APIError(
                403, "Without an API key this server answers to 'localhost' only.",
                code: "host_not_allowed")
            return ("refused", .error(error))
        }
        let path = request.uri.path
        if path == "/health" { return ("health", await health(request)) }
        guard keys.accept(request.headers[.authorization]) else {
            return ("unauthorized", .error(.wrongKey))
        }
        switch path {
        case "/v1/chat/completions":
            guard request.method == .post else { return ("chat", Self.wrongMethod("POST")) }
            return ("chat", await chat.respond(request, context))
        case "/v1/models":
            guard request.method == .get else { return ("models", Self.wrongMethod("GET")) }
            return ("models", .json(ModelsDocument(data: engine.model.documents)))
        case "/metrics":
            guard request.method == .get else { return ("metrics", Self.wrongMethod("GET")) }
            let load = engine.load
            let page = engine.metrics.text(waiting: load.waiting, running: load.running)
            return ("metrics", .text(page, type: MetricsText.contentType))
        default:
            return ("unknown", model(path, request) ?? .error(Self.noSuchPath))
        }
    }

    private static let noSuchPath = APIError.notFound(
        "There is no such path; this server has /v1/chat/completions, /v1/models, /health and "
            + "/metrics.", code: "not_found", parameter: nil)

    private static func wrongMethod(_ allowed: String) -> Response {
        var response = Response.error(
            APIError(405, "This path takes \(allowed).", code: "method_not_allowed"))
        response.headers[.allow] = allowed
        return response
    }

    /// `/v1/models/NAME`; the name is compared, never used as a path.
    private func model(_ path: String, _ request: Request) -> Response? {
        let prefix = "/v1/models/"
        guard path.hasPrefix(prefix), request.method == .get else { return nil }
        let name = path.dropFirst(prefix.count).removingPercentEncoding ?? ""
        guard let found = engine.model.documents.first(where: { $0.id == name }) else {
            return .error(
                .notFound("This model is not served here.", code: "model_not_found", parameter: nil)
            )
        }
        return .json(found)
    }

    private func health(_ request: Request) async -> Response {
        guard request.method == .get else {
            return Self.wrongMethod("GET")
        }
        let load = engine.load
        return .json(
            HealthDocument(status: "ok", running: load.running, waiting: load.waiting))
    }
}

/// What `/health` says.
struct HealthDocument: Encodable {
    let status: String
    let running: Int
    let waiting: Int
}
