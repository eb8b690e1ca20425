import VLMRuntime

/// The colours of the app.
enum ThemeChoice: String, Sendable, CaseIterable {
    /// Dark or light, as the terminal's background is.
    case automatic = "auto"
    case dark, light
    /// No colours, only bold, underlined and reversed text.
    case mono
}

/// The screen the app opens with.
enum StartScreen: String, Sendable, CaseIterable {
    /// The one that was open last.
    case last
    case concepts, ask, compose, compare, history, train, settings
}

/// Something that is on, off, or left to the app.
enum AutomaticChoice: String, Sendable, CaseIterable {
    case automatic = "auto"
    case on, off
}

/// When the model is read from disk.
enum ModelLoading: String, Sendable, CaseIterable {
    case whenNeeded = "when-needed"
    case atStart = "at-start"
}

/// In how many bits the model remembers what it has read.
enum KeyValueBits: String, Sendable, CaseIterable {
    case automatic = "auto"
    case eight = "8"
    case sixteen = "16"
    case thirtyTwo = "32"

    /// `nil` leaves it to the model.
    var storage: KVStorage? {
        switch self {
        case .automatic: nil
        case .eight: .int8
        case .sixteen: .float16
        case .thirtyTwo: .float32
        }
    }
}

/// What is written to the log.
enum LogLevel: String, Sendable, CaseIterable {
    case off, error, warning, info, debug
}
