import Foundation
internal import HTTPTypes
internal import Hummingbird
import PersonalCaption
import VLMRuntime

/// `POST /v1/chat/completions`.
struct ChatEndpoint: Sendable {
    let engine: BatchEngine
    let limits: ServerLimits
    let held: HeldBytes

    func respond(_ request: Request, _ context: ServerContext) async -> Response {
        let share = HeldBytes.Share(of: held)
        let order: Order
        do {
            let body = try await BodyReader(limits: limits).read(request, share: share)
            order = try self.order(body, share)
        } catch {
            return refusal(APIError.describing(error), request, context)
        }
        let flag = CancellationFlag()
        let watch = ConnectionWatch(request) { [engine] in
            flag.cancel()
            engine.wake()
        }
        let events: AsyncStream<(Int, JobEvent)>
        do {
            events = try submit(order, share, flag)
        } catch {
            await watch.stop()
            return closing(.error(error))
        }
        if order.request.streams {
            return await stream(order, events, watch, context, flag)
        }
        let response = await whole(order, events, flag)
        await watch.stop()
        return closing(response)
    }

    /// A request that can be carried out.
    private struct Order: Sendable {
        let request: CheckedRequest
        let adapter: String?
        let options: SamplingOptions
        let head: CompletionHead
    }

    private func order(_ body: Data, _ share: HeldBytes.Share) throws(APIError) -> Order {
        let raw = try ChatCompletionRequest.read(body)
        let request = try CheckedRequest(raw, limits: limits)
        try ChatBuilder.check(request)
        let model = engine.model
        let adapter = try ModelRouting.adapter(
            model: request.model, adapter: request.adapter, base: model.name,
            adapters: model.adapterNames())
        share.shrink(to: request.pictureBytes)
        return Order(
            request: request, adapter: adapter,
            // Below 2⁵³, so that clients that only know doubles keep it exactly.
            options: request.sampling.options(
                over: model.defaults, drawn: UInt64.random(in: 0..<(1 << 53))),
            head: CompletionHead(
                id: "chatcmpl-" + UUID().uuidString.lowercased(),
                created: Int(Date().timeIntervalSince1970), model: adapter ?? model.name))
    }

    private func submit(
        _ order: Order, _ share: HeldBytes.Share, _ flag: CancellationFlag
    ) throws(APIError) -> AsyncStream<(Int, JobEvent)> {
        let (events, continuation) = AsyncStream<(Int, JobEvent)>.makeStream()
        let builder = ChatBuilder(model: engine.model, limits: limits)
        let request = order.request
        let jobs = (0..<request.answers).map { index in
            var options = order.options
            // As vLLM does, so that several answers of one seed differ.
            options.seed = options.seed &+ UInt64(index)
            return EngineJob(
                adapter: order.adapter,
                chat: {
                    // What is held is given back when the last job has gone.
                    try withExtendedLifetime(share) { try builder.chat(request) }
                }, options: options, stops: request.stops, cancellation: flag,
                onEvent: { continuation.yield((index, $0)) })
        }
        try engine.submit(jobs)
        return events
    }

    // MARK: the answer as a whole

    private func whole(
        _ order: Order, _ events: AsyncStream<(Int, JobEvent)>, _ flag: CancellationFlag
    ) async -> Response {
        var results = [JobResult?](repeating: nil, count: order.request.answers)
        var left = results.count
        for await (index, event) in events {
            switch event {
            case .started, .text: continue
            case .failed(let error):
                // One answer less is none: the others are not needed.
                flag.cancel()
                return .error(error)
            case .finished(let result):
                results[index] = result
                left -= 1
            }
            if left == 0 { break }
        }
        let all = results.compactMap { $0 }
        guard let first = all.first, all.count == results.count else {
            return .error(.cancelled)
        }
        let names = ChatBuilder(model: engine.model, limits: limits)
            .names(order.request, first.text)
        return .json(
            CompletionDocument(
                head: order.head,
                choices: all.enumerated().map {
                    CompletionDocument.Choice(
                        index: $0, text: $1.text, finishReason: $1.reason)
                }, usage: UsageDocument(all), names: names))
    }

    // MARK: the answer as it comes

    /// Waits until the first prompt has been read, so that a refusal has its status.
    private func stream(
        _ order: Order, _ events: AsyncStream<(Int, JobEvent)>, _ watch: ConnectionWatch,
        _ context: ServerContext, _ flag: CancellationFlag
    ) async -> Response {
        var iterator = events.makeAsyncIterator()
        let first = await iterator.next()
        if case .failed(let error)? = first?.1 {
            flag.cancel()
            await watch.stop()
            return closing(.error(error))
        }
        let channel = context.channel
        let patience = limits.idleSeconds
        let body = ResponseBody { writer in
            let slow = WriteWatch(seconds: patience) { channel.close(promise: nil) }
            var writing = StreamedAnswer(order.head, answers: order.request.answers)
            do {
                if let (index, _) = first {
                    let opening = writing.opening(index)
                    try await slow.during { try await writer.write(ByteBuffer(bytes: opening)) }
                }
                for await (index, event) in events {
                    let data = writing.data(index, event) { names(order.request, $0) }
                    try await slow.during { try await writer.write(ByteBuffer(bytes: data)) }
                    if writing.isOver { break }
                }
                let end = writing.end(includesUsage: order.request.includesUsage)
                try await slow.during { try await writer.write(ByteBuffer(bytes: end)) }
                try await writer.finish(nil)
                await watch.stop()
            } catch {
                flag.cancel()
                engine.wake()
                await watch.stop()
                throw error
            }
        }
        return closing(
            Response(
                status: .ok,
                headers: [
                    .contentType: ServerSentEvents.contentType, .cacheControl: "no-cache",
                ], body: body))
    }

    private func names(_ request: CheckedRequest, _ text: String) -> NamesDocument? {
        ChatBuilder(model: engine.model, limits: limits).names(request, text)
    }

    // MARK: the end of a connection

    /// The watch has read on, so the connection ends with the answer.
    private func closing(_ response: Response) -> Response {
        var response = response
        response.headers[.connection] = "close"
        return response
    }

    /// Refuses a request whose body may still be coming.
    private func refusal(
        _ error: APIError, _ request: Request, _ context: ServerContext
    ) -> Response {
        guard [408, 413, 429].contains(error.status) else { return .error(error) }
        // Time to hear the answer, then the end: what is still sent is not listened to for ever.
        let channel = context.channel
        Task {
            try? await Task.sleep(for: .seconds(2))
            channel.close(promise: nil)
        }
        return closing(.error(error))
    }
}

extension UsageDocument {
    /// The prompt counts once; `cached` is that of the first answer, which read it.
    init(_ results: [JobResult]) {
        self.init(
            prompt: results.first?.usage.promptTokens ?? 0,
            completion: results.reduce(0) { $0 + $1.usage.generatedTokens },
            cached: results.first?.cache.promptTokensReused ?? 0)
    }
}
