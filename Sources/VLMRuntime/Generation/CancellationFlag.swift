import Synchronization

/// A switch that stops a running computation at its next safe point.
///
/// It may be raised from any thread or from a signal-driven task.
public final class CancellationFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    /// Makes a flag that is down.
    public init() {}

    /// Asks the computation to end.
    public func cancel() { raised.store(true, ordering: .relaxed) }

    /// Whether the computation should end.
    public var isCancelled: Bool { raised.load(ordering: .relaxed) }
}
