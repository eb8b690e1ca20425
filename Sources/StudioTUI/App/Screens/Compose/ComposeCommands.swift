import ConceptDB

/// What can be done on the screen Compose.
enum ComposeCommands {
    static let all = pieces + shape + picture + results

    private static func command(
        _ name: String, _ title: String, _ help: String, keys: [String],
        footer: FooterHint? = nil,
        availability: @escaping @Sendable (AppState) -> Availability = { _ in .ready },
        action: @escaping @Sendable (AppState) -> AppAction
    ) -> Command {
        Command(
            CommandID("compose.\(name)"), title, help: help, scope: .screen(.compose), keys: keys,
            footer: footer, availability: availability, action: action)
    }

    @Sendable private static func needsPiece(_ state: AppState) -> Availability {
        state.compose.scene.pieces.isEmpty ? .refused("place a concept first") : .ready
    }

    @Sendable private static func needsSelection(_ state: AppState) -> Availability {
        if case .refused(let reason) = needsPiece(state) { return .refused(reason) }
        return state.compose.selectedPiece == nil ? .refused("select a piece first") : .ready
    }

    private static func edit(
        _ name: String, _ title: String, _ help: String, keys: [String],
        footer: FooterHint? = nil, _ edit: ComposeEdit
    ) -> Command {
        command(
            name, title, help, keys: keys, footer: footer, availability: needsPiece,
            action: { _ in .compose(.edit(edit)) })
    }

    private static let pieces: [Command] = [
        command(
            "add", "Place a concept",
            "Chooses a concept of the library and puts it on the picture.",
            keys: ["c", "insert"], footer: FooterHint("concept", 10),
            availability: { state in
                if state.library.concepts.isEmpty {
                    return .refused("there are no concepts yet; add some on the screen Concepts")
                }
                if state.compose.scene.freeSlot == nil {
                    return .refused("a picture can have at most \(ComposeScene.limit) concepts")
                }
                return .ready
            },
            action: { .open(ComposeOverlays.concepts($0)) }),
        command(
            "remove", "Remove the piece", "Takes the selected concept off the picture.",
            keys: ["x", "delete"], footer: FooterHint("remove", 60), availability: needsSelection,
            action: { _ in .compose(.remove) }),
        command(
            "picture", "Another reference picture",
            "Shows the next picture of the selected concept instead.", keys: ["i"],
            availability: { state in
                if case .refused(let reason) = needsSelection(state) { return .refused(reason) }
                let concept = state.compose.selectedPiece.flatMap {
                    state.library.concept($0.concept)
                }
                return (concept?.images.count ?? 0) > 1
                    ? .ready : .refused("the concept has only one picture")
            },
            action: { _ in .compose(.nextPicture) }),
        command(
            "clear", "Remove all pieces",
            "Starts again on the same background; undo brings them back.",
            keys: ["X"], availability: needsPiece, action: { _ in .compose(.clear) }),
        edit(
            "raise", "To the front", "Puts the piece above the next one.", keys: ["]"],
            .raise(true)),
        edit(
            "lower", "To the back", "Puts the piece below the one before.", keys: ["["],
            .raise(false)),
    ]

    private static let shape: [Command] = [
        edit(
            "larger", "Larger", "Makes the piece larger; so does the wheel.", keys: ["+", "="],
            footer: FooterHint("larger", 30), .scale(ComposeEdit.growth)),
        edit(
            "smaller", "Smaller", "Makes the piece smaller; so does the wheel.", keys: ["-"],
            footer: FooterHint("smaller", 31), .scale(1 / ComposeEdit.growth)),
        edit(
            "flip", "Flip", "Mirrors the piece, left for right.", keys: ["f"],
            footer: FooterHint("flip", 50), .flip),
        edit(
            "turn_right", "Turn right", "Turns the piece by 15 degrees.", keys: ["r"],
            footer: FooterHint("turn", 40), .turn(ComposeEdit.angle)),
        edit(
            "turn_left", "Turn left", "Turns the piece back by 15 degrees.", keys: ["R"],
            .turn(-ComposeEdit.angle)),
        edit(
            "fine_left", "A little left", "Moves the piece by half a percent.",
            keys: ["H", "shift-left", "ctrl-left"], .move(x: -ComposeEdit.fineStep, y: 0)),
        edit(
            "fine_down", "A little down", "Moves the piece by half a percent.",
            keys: ["J", "shift-down", "ctrl-down"], .move(x: 0, y: ComposeEdit.fineStep)),
        edit(
            "fine_up", "A little up", "Moves the piece by half a percent.",
            keys: ["K", "shift-up", "ctrl-up"], .move(x: 0, y: -ComposeEdit.fineStep)),
        edit(
            "fine_right", "A little right", "Moves the piece by half a percent.",
            keys: ["L", "shift-right", "ctrl-right"], .move(x: ComposeEdit.fineStep, y: 0)),
        command(
            "shuffle", "Shuffle", "Puts all pieces at new places beside each other.", keys: ["S"],
            availability: needsPiece, action: { _ in .compose(.shuffle) }),
    ]

    private static let picture: [Command] = [
        command(
            "background", "Background", "Chooses a colour or a picture to stand behind the pieces.",
            keys: ["b"], footer: FooterHint("background", 15),
            action: { .open(ComposeOverlays.backgrounds($0)) }),
        command(
            "canvas", "Size of the picture", "Chooses width and height of the picture in pixels.",
            keys: ["m"],
            availability: { state in
                if case .picture = state.compose.scene.background {
                    return .refused("the background picture decides the size")
                }
                return .ready
            },
            action: { .open(ComposeOverlays.canvases($0)) }),
    ]

    @Sendable private static func canSave(_ state: AppState) -> Availability {
        if case .refused(let reason) = needsPiece(state) { return .refused(reason) }
        if state.compose.isSaving { return .refused("the picture is being saved") }
        for piece in state.compose.scene.bySlot {
            if let problem = state.compose.problem(of: piece) {
                return .refused("\(piece.name): \(problem)")
            }
        }
        return .ready
    }

    private static let results: [Command] = [
        command(
            "ask", "Ask about it", "Saves the picture and takes it to Ask with its concepts.",
            keys: ["a", "enter"], footer: FooterHint("ask", 20),
            availability: { state in
                if case .refused(let reason) = canSave(state) { return .refused(reason) }
                let gone = state.compose.scene.bySlot.first {
                    state.library.concept($0.concept) == nil
                }
                return gone.map { .refused("\($0.name) is no longer in the library") } ?? .ready
            },
            action: { _ in .compose(.sendToAsk) }),
        command(
            "save", "Save", "Writes the picture as PNG and the boxes of its concepts as JSON.",
            keys: ["s"], footer: FooterHint("save", 25), availability: canSave,
            action: { _ in .compose(.askForPath) }),
        command(
            "undo", "Undo on this picture",
            "Takes back the last change of the picture, or of the library when there is none.",
            keys: ["u", "z"], footer: FooterHint("undo", 80),
            availability: { state in
                state.compose.history.canUndo || !state.undo.undoable.isEmpty
                    ? .ready : .refused("nothing to undo")
            },
            action: { $0.compose.history.canUndo ? .compose(.undo) : .library(.undo) }),
        command(
            "redo", "Redo on this picture",
            "Does again what was taken back, on the picture or else in the library.",
            keys: ["ctrl-r", "Z"],
            availability: { state in
                state.compose.history.canRedo || !state.undo.redoable.isEmpty
                    ? .ready : .refused("nothing to redo")
            },
            action: { $0.compose.history.canRedo ? .compose(.redo) : .library(.redo) }),
    ]
}
