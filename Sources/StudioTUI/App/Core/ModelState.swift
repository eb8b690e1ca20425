/// The model that writes captions, as the app sees it.
enum ModelState: Sendable, Equatable {
    /// Nothing is loaded; the first caption loads it.
    case idle
    case loading(name: String)
    case ready(name: String, seconds: Double)
    case failed(String)

    var label: String {
        switch self {
        case .idle: "no model loaded"
        case .loading(let name): "loading \(name)…"
        case .ready(let name, _): name
        case .failed: "model failed"
        }
    }
}
