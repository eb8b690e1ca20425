import TerminalUI

/// All commands of the app: those of every place here, those of a screen in its own folder.
enum CommandCatalogue {
    static let all: [Command] = Screens.all.flatMap { $0.commands } + everywhere

    private static let everywhere: [Command] =
        TourCommands.all + library + views + places + movement

    private static func move(
        _ name: String, _ title: String, _ keys: [String], _ movement: Navigation
    ) -> Command {
        Command(
            CommandID("move.\(name)"), title, help: "Moves the cursor.", scope: .everywhere,
            keys: keys, action: { _ in .navigate(movement) })
    }

    /// Arrow keys, Page up and so on work without being listed here.
    private static let movement: [Command] = [
        move("down", "Down", ["j"], .down), move("up", "Up", ["k"], .up),
        move("left", "Left", ["h"], .left), move("right", "Right", ["l"], .right),
        move("half_page_down", "Half a page down", ["ctrl-d"], .halfPageDown),
        move("half_page_up", "Half a page up", ["ctrl-u"], .halfPageUp),
        move("first", "To the first", ["g g"], .first), move("last", "To the last", ["G"], .last),
        move("next", "Next part of the screen", ["tab"], .nextFocus),
        move("previous", "Previous part of the screen", ["shift-tab"], .previousFocus),
    ]

    private static let places: [Command] =
        ScreenID.allCases.map { screen in
            Command(
                CommandID("show.\(screen.name)"), "Go to \(screen.title)",
                help: "Shows the screen \(screen.title).", scope: .everywhere,
                keys: ["\(screen.rawValue)"], action: { _ in .show(screen) })
        } + [
            Command(
                "show.previous", "Back", help: "Shows the screen you came from.",
                scope: .everywhere, keys: ["H"], action: { _ in .goBack }),
            Command(
                "show.next", "Forward", help: "Shows the screen you went back from.",
                scope: .everywhere, keys: ["L"], action: { _ in .goForward }),
        ]

    private static let library: [Command] = [
        Command(
            "edit.undo", "Undo", help: "Takes back the last change of the library.",
            scope: .everywhere, keys: ["u", "z"], footer: FooterHint("undo", 80),
            availability: { $0.undo.undoable.isEmpty ? .refused("nothing to undo") : .ready },
            action: { _ in .library(.undo) }),
        Command(
            "edit.redo", "Redo", help: "Does again what was taken back.", scope: .everywhere,
            keys: ["ctrl-r", "Z"],
            availability: { $0.undo.redoable.isEmpty ? .refused("nothing to redo") : .ready },
            action: { _ in .library(.redo) }),
    ]

    private static let views: [Command] = [
        Command(
            "view.help", "Help", help: "All keys and what they do; Enter runs one.",
            scope: .everywhere, keys: ["?", "f1"], footer: FooterHint("help", 90),
            action: { .open(HelpOverlay.make($0)) }),
        Command(
            "view.palette", "Command palette", help: "Finds any command by its name.",
            scope: .everywhere, keys: [":", "ctrl-p"],
            action: { .open(HelpOverlay.palette($0)) }),
        Command(
            "view.tasks", "Tasks", help: "What runs in the background; cancel it there.",
            scope: .everywhere, keys: ["w"], action: { _ in .open(TasksOverlay()) }),
        Command(
            "view.last_problem", "Last problem", help: "Shows the last warning or error again.",
            scope: .everywhere, keys: ["!"],
            availability: {
                $0.toasts.lastProblem == nil ? .refused("nothing went wrong yet") : .ready
            },
            action: {
                .open(TextOverlay(title: "Last problem", lines: [$0.toasts.lastProblem ?? ""]))
            }),
        Command(
            "view.log", "Log", help: "What the studio and its libraries wrote to the log.",
            scope: .everywhere, keys: ["g l"], action: { _ in .showLog }),
        Command(
            "view.repaint", "Repaint", help: "Draws the whole screen again.", scope: .everywhere,
            keys: ["ctrl-l"], action: { _ in .repaint }),
        Command(
            "app.suspend", "Suspend", help: "Back to the shell; fg returns.", scope: .everywhere,
            keys: ["ctrl-z"], action: { _ in .suspend }),
        Command(
            "app.quit", "Quit", help: "Leaves the studio; asks first while tasks run.",
            scope: .everywhere, keys: ["q"], footer: FooterHint("quit", 95),
            action: { _ in .quit }),
    ]
}
