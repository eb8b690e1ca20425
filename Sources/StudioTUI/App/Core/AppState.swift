import ConceptDB
import TerminalUI

/// Everything the app knows; the screen is a function of it.
///
/// Only `Reducer` changes it. Files, models and the terminal are reached through effects.
struct AppState: Sendable {
    /// Set before every action; reducers never ask a clock themselves.
    var now: ContinuousClock.Instant
    /// The same moment on the calendar, for "today 09:12".
    var date = Timestamp(milliseconds: 0)
    var terminal = TerminalState()
    var settings = Settings()
    /// Problems found in the files of settings and keys.
    var configurationProblems: [String] = []
    var keymap: CommandTable
    /// The keys of every command after the keymap file.
    var keyChanges: [CommandID: [KeySequence]] = [:]
    var theme = Theme.plain

    var screen = ScreenID.concepts
    /// Where the user came from, for going back and forward.
    var visited = VisitedScreens()
    var overlays: [any AppOverlay] = []
    var toasts = Toasts()
    var tasks = TaskList()
    var undo = UndoHistory()
    /// Keys of an unfinished sequence, and whether its continuations are shown.
    var pendingKeys: [Key] = []
    var showsWhichKey = false

    /// The tour, while it is shown.
    var tour: TourState?
    /// The tour that was left half-way.
    var pausedTour: TourState?
    /// What is said to screen readers.
    var announcer = Announcer()

    var library = LibraryState()
    var model = ModelState.idle
    /// Where things lie, for messages and for completing paths.
    var places: AppPlaces

    var concepts = ConceptsState()
    var ask = AskState()
    var compose = ComposeState()
    var compare = CompareState()
    var history = HistoryState()
    var train = TrainState()
    var settingsScreen = SettingsState()

    var isQuitting = false

    init(places: AppPlaces, now: ContinuousClock.Instant) {
        self.places = places
        self.now = now
        keymap = CommandTable(CommandCatalogue.all)
    }

    /// Scopes whose commands work now, the most particular first.
    var scopes: [CommandScope] {
        (tour == nil ? [] : [.tour]) + Screens.screen(screen).scopes(self) + [.everywhere]
    }
}

/// The folders the app works with.
struct AppPlaces: Sendable {
    var home: StudioHome
    var samples: Samples?
    /// Where relative paths start.
    var workingFolder: String
    var environment: [String: String]

    /// Where relative paths and `~` lead.
    var paths: PathPlace {
        PathPlace(home: environment["HOME"] ?? "/", folder: workingFolder)
    }
}

/// The way through the screens.
struct VisitedScreens: Sendable {
    private var behind: [ScreenID] = []
    private var ahead: [ScreenID] = []

    mutating func leave(_ screen: ScreenID) {
        behind.append(screen)
        if behind.count > 50 { behind.removeFirst() }
        ahead = []
    }

    mutating func back(from screen: ScreenID) -> ScreenID? {
        guard let previous = behind.popLast() else { return nil }
        ahead.append(screen)
        return previous
    }

    mutating func forward(from screen: ScreenID) -> ScreenID? {
        guard let next = ahead.popLast() else { return nil }
        behind.append(screen)
        return next
    }
}
