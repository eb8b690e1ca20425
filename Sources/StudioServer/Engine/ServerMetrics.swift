import Foundation
import Synchronization
import VLMRuntime

/// Counts what a server did, and tells it in the text format of Prometheus.
final class ServerMetrics: Sendable {
    /// Upper bounds of the buckets, in seconds.
    static let bounds: [Double] = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

    struct Histogram: Sendable {
        var buckets = [Int](repeating: 0, count: ServerMetrics.bounds.count)
        var count = 0
        var sum = 0.0

        mutating func add(_ value: Double) {
            count += 1
            sum += value
            for (index, bound) in ServerMetrics.bounds.enumerated() where value <= bound {
                buckets[index] += 1
            }
        }
    }

    struct Values: Sendable {
        var requests: [Int: Int] = [:]
        var cancelled = 0
        var promptTokens = 0
        var reusedTokens = 0
        var generatedTokens = 0
        var imagesEncoded = 0
        var imagesReused = 0
        var steps = 0
        var stepAnswers = 0
        var firstToken = Histogram()
        var total = Histogram()
    }

    private let values = Mutex(Values())

    func responded(_ status: Int) {
        values.withLock { $0.requests[status, default: 0] += 1 }
    }

    func cancelled() { values.withLock { $0.cancelled += 1 } }

    func stepped(_ answers: Int) {
        values.withLock {
            $0.steps += 1
            $0.stepAnswers += answers
        }
    }

    func answered(_ result: GenerationResult) {
        values.withLock {
            $0.promptTokens += result.usage.promptTokens
            $0.reusedTokens += result.cache.promptTokensReused
            $0.generatedTokens += result.usage.generatedTokens
            $0.imagesEncoded += result.cache.imagesEncoded
            $0.imagesReused += result.cache.imagesReused
            $0.firstToken.add(result.timings.firstToken)
            $0.total.add(result.timings.total)
        }
    }

    /// The page of `/metrics`.
    func text(waiting: Int, running: Int) -> String {
        MetricsText.page(
            values.withLock { $0 }, waiting: waiting, running: running,
            residentBytes: ResidentMemory.bytes())
    }
}

/// The text format of Prometheus, version 0.0.4.
enum MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func page(
        _ values: ServerMetrics.Values, waiting: Int, running: Int, residentBytes: Int?
    ) -> String {
        var page = ""
        func family(_ name: String, _ type: String, _ help: String, _ lines: [(String, String)]) {
            page += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            for (suffix, value) in lines { page += "\(name)\(suffix) \(value)\n" }
        }
        func counter(_ name: String, _ help: String, _ value: Int) {
            family(name, "counter", help, [("", "\(value)")])
        }
        func gauge(_ name: String, _ help: String, _ value: Int) {
            family(name, "gauge", help, [("", "\(value)")])
        }
        func histogram(_ name: String, _ help: String, _ histogram: ServerMetrics.Histogram) {
            var lines = zip(ServerMetrics.bounds, histogram.buckets).map {
                ("_bucket{le=\"\($0)\"}", "\($1)")
            }
            lines.append(("_bucket{le=\"+Inf\"}", "\(histogram.count)"))
            lines.append(("_sum", "\(histogram.sum)"))
            lines.append(("_count", "\(histogram.count)"))
            family(name, "histogram", help, lines)
        }
        family(
            "studio_http_responses_total", "counter", "Responses by status.",
            values.requests.sorted { $0.key < $1.key }.map { ("{status=\"\($0)\"}", "\($1)") })
        gauge("studio_requests_running", "Answers being written.", running)
        gauge("studio_requests_waiting", "Answers waiting for their turn.", waiting)
        counter("studio_requests_cancelled_total", "Answers nobody waited for.", values.cancelled)
        counter("studio_prompt_tokens_total", "Prompt tokens.", values.promptTokens)
        counter(
            "studio_prompt_tokens_reused_total", "Prompt tokens whose state was at hand.",
            values.reusedTokens)
        counter("studio_generated_tokens_total", "Tokens written.", values.generatedTokens)
        counter("studio_images_encoded_total", "Pictures encoded.", values.imagesEncoded)
        counter(
            "studio_images_reused_total", "Pictures whose encoding was at hand.",
            values.imagesReused)
        counter("studio_steps_total", "Passes of the model that write tokens.", values.steps)
        counter(
            "studio_step_answers_total", "Answers in those passes, added up.", values.stepAnswers)
        histogram(
            "studio_first_token_seconds", "From an answer's turn to its first token.",
            values.firstToken)
        histogram("studio_answer_seconds", "From an answer's turn to its end.", values.total)
        if let residentBytes {
            gauge("process_resident_memory_bytes", "Memory of the process.", residentBytes)
        }
        return page
    }
}

/// Memory that the process takes now.
enum ResidentMemory {
    /// `nil` where the system does not say.
    static func bytes() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
