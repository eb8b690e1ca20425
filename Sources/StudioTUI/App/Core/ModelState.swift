/// The model that writes captions, as the app sees it.
enum ModelState: Sendable, Equatable {
    /// Nothing is loaded; the first caption loads it.
    case idle
    case loading(name: String)
    /// - Parameter adapter: what it answers with, if anything besides its own weights.
    case ready(name: String, seconds: Double, adapter: String? = nil)
    case failed(String)

    var label: String {
        switch self {
        case .idle: "no model loaded"
        case .loading(let name): "loading \(name)…"
        case .ready(let name, _, let adapter):
            [name, adapter].compactMap(\.self).joined(separator: " + ")
        case .failed: "model failed"
        }
    }
}
