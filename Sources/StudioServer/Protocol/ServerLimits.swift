public import ImageCodecs

/// How much a request may ask for, and how many are served at a time.
public struct ServerLimits: Sendable, Equatable {
    /// Largest body, in bytes.
    public var bodyBytes: Int
    /// Most bytes of all bodies and pictures that are being received or waiting.
    public var heldBytes: Int
    /// Longest time a body may take to arrive, in seconds.
    public var bodySeconds: Double
    /// Longest silence of a connection, and longest wait for a client that does not read, in
    /// seconds.
    public var idleSeconds: Double
    /// Most messages of a chat.
    public var messages: Int
    /// Most pictures of a chat.
    public var pictures: Int
    /// Largest picture.
    public var picture: ImageLimits
    /// Most pixels of all pictures of a chat together.
    public var pixels: Int
    /// Most answers written at a time; at most 16.
    public var batch: Int
    /// Most requests that wait for their turn.
    public var queue: Int
    /// Most answers to one request (`n`).
    public var answers: Int
    /// Most open connections.
    public var connections: Int
    /// How long running requests may go on after the server was asked to end, in seconds.
    public var drainSeconds: Double

    /// Sizes that suit a machine with 8 GB.
    public init(
        bodyBytes: Int = 64 << 20, heldBytes: Int = 192 << 20, bodySeconds: Double = 60,
        idleSeconds: Double = 90, messages: Int = 256, pictures: Int = 16,
        picture: ImageLimits = .standard, pixels: Int = 128_000_000, batch: Int = 16,
        queue: Int = 64, answers: Int = 8, connections: Int = 512, drainSeconds: Double = 30
    ) {
        self.bodyBytes = bodyBytes
        self.heldBytes = heldBytes
        self.bodySeconds = bodySeconds
        self.idleSeconds = idleSeconds
        self.messages = messages
        self.pictures = pictures
        self.picture = picture
        self.pixels = pixels
        self.batch = batch
        self.queue = queue
        self.answers = answers
        self.connections = connections
        self.drainSeconds = drainSeconds
    }
}
