import Foundation

/// The events of one streamed answer, as bytes; knows no connection.
struct StreamedAnswer {
    private let head: CompletionHead
    private var left: Int
    private var results: [JobResult?]
    private var opened: Set<Int> = []

    init(_ head: CompletionHead, answers: Int) {
        self.head = head
        left = answers
        results = Array(repeating: nil, count: answers)
    }

    /// Whether all answers have ended.
    var isOver: Bool { left <= 0 }

    /// The first event of an answer says who speaks.
    mutating func opening(_ index: Int) -> Data {
        guard opened.insert(index).inserted else { return Data() }
        return ServerSentEvents.event(ChunkDocument(head: head, index: index, delta: .role))
    }

    /// The bytes of an event; may be empty.
    ///
    /// - Parameter names: who a finished caption names.
    mutating func data(
        _ index: Int, _ event: JobEvent, names: (String) -> NamesDocument? = { _ in nil }
    ) -> Data {
        let start = opening(index)
        switch event {
        case .started: return start
        case .text(let text):
            return start
                + ServerSentEvents.event(
                    ChunkDocument(head: head, index: index, delta: .text(text)))
        case .finished(let result):
            left -= 1
            results[index] = result
            var chunk = ChunkDocument(head: head, index: index, delta: .end(result.reason))
            chunk.names = names(result.text)
            return start + ServerSentEvents.event(chunk)
        case .failed(let error):
            // The status has been sent; the error comes in its place in the stream.
            left = 0
            return start + ServerSentEvents.event(APIErrorDocument(error))
        }
    }

    /// What ends the stream.
    func end(includesUsage: Bool) -> Data {
        var data = Data()
        let all = results.compactMap { $0 }
        if includesUsage, all.count == results.count {
            let usage = ChunkDocument.Delta.usage(UsageDocument(all))
            data += ServerSentEvents.event(ChunkDocument(head: head, index: 0, delta: usage))
        }
        return data + ServerSentEvents.done
    }
}
