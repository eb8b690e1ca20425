import ConceptDB
import Foundation
import ImageCodecs
import TerminalUI

/// Changes the composition and asks for previews, pictures and files.
enum ComposeReducer {
    static func reduce(_ state: inout AppState, _ action: ComposeAction) -> [Effect] {
        switch action {
        case .place(let ids): return place(ids, &state)
        case .select(let id):
            state.compose.selected = id
            return []
        case .selectNext(let step):
            selectNext(step, &state.compose)
            return []
        case .edit(let edit): return apply(edit, &state)
        case .remove: return remove(&state)
        case .nextPicture: return nextPicture(&state)
        case .shuffle:
            let seed = state.compose.shuffleSeed
            state.compose.shuffleSeed += 1
            return change(nil, &state) { scene in
                scene = ComposeArrangement.shuffled(scene, seed: seed)
            }
        case .clear:
            let effects = change(nil, &state) { $0.pieces = [] }
            return effects + Reducer.toast(.info, "all pieces removed", &state)
        case .undo: return step(&state) { $0.history.undo($0.scene) }
        case .redo: return step(&state) { $0.history.redo($0.scene) }
        case .drag(let phase, let x, let y): return drag(phase, x, y, &state)
        case .setBackground, .openBackground, .setCanvas, .backgroundLoaded:
            return background(action, &state)
        case .pictureLoaded(let sha256, let picture):
            state.compose.pictures[sha256] = picture
            if case .failed(let reason) = picture {
                return refresh(&state) + Reducer.toast(.error, reason, &state)
            }
            return refresh(&state)
        case .rendered(let preview):
            state.compose.rendering = nil
            state.compose.preview = preview
            return render(&state)
        case .askForPath, .pathSuggested, .save, .fileExists, .replace, .saved, .savingFailed,
            .sendToAsk:
            return ComposeSavingReducer.reduce(&state, action)
        }
    }

    /// Makes a change that can be undone, and what follows from it.
    static func change(
        _ kind: String?, _ state: inout AppState, _ body: (inout ComposeScene) -> Void
    ) -> [Effect] {
        let before = state.compose.scene
        body(&state.compose.scene)
        guard state.compose.scene != before else { return [] }
        state.compose.history.record(before, kind: kind, now: state.now)
        keepSelection(&state.compose)
        return refresh(&state)
    }

    /// Loads what is missing and makes a new preview when something is other than before.
    static func refresh(_ state: inout AppState) -> [Effect] {
        var effects: [Effect] = []
        forget(&state.compose)
        for piece in state.compose.scene.pieces
        where state.compose.pictures[piece.picture.sha256] == nil {
            state.compose.pictures[piece.picture.sha256] = .loading
            let file = state.places.home.library.appending(path: piece.picture.path)
            effects.append(
                .compose(.loadPicture(sha256: piece.picture.sha256, file)))
        }
        if case .picture(let url) = state.compose.scene.background,
            state.compose.backgrounds[url.path] == nil
        {
            state.compose.backgrounds[url.path] = .loading
            effects.append(.compose(.loadBackground(url, isChosen: false)))
        }
        return effects + render(&state)
    }

    /// One preview is made at a time; the newest wish waits for it, older ones are forgotten.
    private static func render(_ state: inout AppState) -> [Effect] {
        let compose = state.compose
        let wish = wish(compose)
        if wish != compose.wanted {
            state.compose.wanted = wish
            state.compose.revision += 1
        }
        let revision = state.compose.revision
        guard state.compose.rendering == nil, compose.preview?.revision != revision else {
            return []
        }
        state.compose.rendering = revision
        return [.compose(.render(job(compose, revision)))]
    }

    private static func wish(_ compose: ComposeState) -> ComposeWish {
        var hasBackground = true
        if case .picture(let url) = compose.scene.background {
            hasBackground = compose.backgrounds[url.path]?.image != nil
        }
        let hashes = compose.scene.pieces.map(\.picture.sha256)
        return ComposeWish(
            scene: compose.scene,
            pictures: Set(hashes.filter { compose.pictures[$0]?.image != nil }),
            hasBackground: hasBackground)
    }

    private static func job(_ compose: ComposeState, _ revision: Int) -> ComposePreviewJob {
        let scene = compose.scene
        var area = scene.canvas.fitting(ComposePreviewJob.side)
        var background = ComposePreviewBackground.plain("gray")
        switch scene.background {
        case .plain(let name): background = .plain(name)
        case .picture(let url):
            if let image = compose.backgrounds[url.path]?.image {
                background = .pixels(image.flattened())
                area = PixelArea(width: image.width, height: image.height)
            }
        }
        let items = scene.pieces.compactMap { piece in
            compose.pictures[piece.picture.sha256]?.image.map {
                ComposePreviewJob.Item(
                    id: piece.id, placement: scene.placement(of: piece), image: $0)
            }
        }
        return ComposePreviewJob(
            revision: revision, area: area, background: background, items: items)
    }

    /// Pictures that no piece shows any more are read again when an undo brings them back.
    private static func forget(_ compose: inout ComposeState) {
        let shown = Set(compose.scene.pieces.map(\.picture.sha256))
        if compose.pictures.count > 8 {
            compose.pictures = compose.pictures.filter { shown.contains($0.key) }
        }
        guard compose.backgrounds.count > 3 else { return }
        var path: String?
        if case .picture(let url) = compose.scene.background { path = url.path }
        compose.backgrounds = compose.backgrounds.filter { $0.key == path }
    }

    /// The library changed: names follow, and pieces stay even when their concept is gone.
    static func libraryChanged(_ state: inout AppState) -> [Effect] {
        for index in state.compose.scene.pieces.indices {
            let id = state.compose.scene.pieces[index].concept
            guard let concept = state.library.concept(id) else { continue }
            state.compose.scene.pieces[index].name = concept.name
        }
        return state.compose.scene.pieces.isEmpty ? [] : refresh(&state)
    }
}

// MARK: - Pieces

extension ComposeReducer {
    private static func place(_ ids: [Int64], _ state: inout AppState) -> [Effect] {
        var placed: [String] = []
        var problem: String?
        var next = state.compose.nextID
        let effects = change(nil, &state) { [library = state.library] scene in
            for id in ids {
                guard let concept = library.concept(id) else { continue }
                if let reason = refusal(of: concept, in: scene) {
                    problem = reason
                    continue
                }
                guard let slot = scene.freeSlot, let picture = concept.coverImage else { continue }
                scene.pieces.append(
                    ComposeArrangement.place(
                        concept, picture: picture, id: next, slot: slot, in: scene))
                next += 1
                placed.append(concept.name)
            }
        }
        state.compose.nextID = next
        if !placed.isEmpty { state.compose.selected = state.compose.scene.pieces.last?.id }
        guard let problem else { return effects }
        return effects + Reducer.toast(.warning, problem, &state)
    }

    /// Why a concept cannot be placed, if so.
    static func refusal(of concept: Concept, in scene: ComposeScene) -> String? {
        if scene.pieces.contains(where: { $0.concept == concept.id }) {
            return "\(concept.name) is in the picture already"
        }
        if concept.coverImage == nil { return "\(concept.name) has no picture" }
        if scene.freeSlot == nil {
            return "a picture can have at most \(ComposeScene.limit) concepts"
        }
        return nil
    }

    private static func apply(_ edit: ComposeEdit, _ state: inout AppState) -> [Effect] {
        guard let id = state.compose.selected, state.compose.scene.piece(id) != nil else {
            // Without a selection the first key only shows what it would act on.
            state.compose.selected = state.compose.scene.pieces.last?.id
            return []
        }
        return change(edit.kind.map { "\($0) \(id)" }, &state) { $0.apply(edit, to: id) }
    }

    private static func remove(_ state: inout AppState) -> [Effect] {
        guard let piece = state.compose.selectedPiece else { return [] }
        return change(nil, &state) { $0.pieces.removeAll { $0.id == piece.id } }
    }

    private static func nextPicture(_ state: inout AppState) -> [Effect] {
        guard let piece = state.compose.selectedPiece,
            let images = state.library.concept(piece.concept)?.images, !images.isEmpty
        else { return [] }
        let now = images.firstIndex { $0.id == piece.picture.id } ?? -1
        let next = images[(now + 1) % images.count]
        return change(nil, &state) { scene in
            guard let index = scene.pieces.firstIndex(where: { $0.id == piece.id }) else { return }
            scene.pieces[index].picture = next
        }
    }

    private static func step(
        _ state: inout AppState, _ take: (inout ComposeState) -> ComposeScene?
    ) -> [Effect] {
        guard let scene = take(&state.compose) else { return [] }
        state.compose.scene = scene
        state.compose.drag = nil
        keepSelection(&state.compose)
        return refresh(&state)
    }

    /// A selection always names a piece that is there.
    private static func keepSelection(_ compose: inout ComposeState) {
        guard compose.scene.piece(compose.selected) == nil else { return }
        compose.selected = compose.scene.pieces.last?.id
    }

    /// Through the list as the side pane shows it: from the front to the back.
    private static func selectNext(_ step: Int, _ compose: inout ComposeState) {
        let order = compose.scene.pieces.reversed().map(\.id)
        guard !order.isEmpty else { return }
        guard let now = order.firstIndex(where: { $0 == compose.selected }) else {
            compose.selected = step > 0 ? order.first : order.last
            return
        }
        compose.selected = order[(now + step + order.count) % order.count]
    }

    private static func drag(
        _ phase: HitRegion.DragPhase, _ x: Double, _ y: Double, _ state: inout AppState
    ) -> [Effect] {
        switch phase {
        case .began:
            guard let piece = state.compose.scene.piece(atX: x, y: y) else { return [] }
            state.compose.selected = piece.id
            state.compose.history.endStep()
            state.compose.drag = ComposeDrag(
                piece: piece.id, offsetX: piece.x - x, offsetY: piece.y - y)
            return []
        case .moved:
            guard let drag = state.compose.drag else { return [] }
            let edit = ComposeEdit.moveTo(x: x + drag.offsetX, y: y + drag.offsetY)
            return change("drag \(drag.piece)", &state) { $0.apply(edit, to: drag.piece) }
        case .ended:
            state.compose.drag = nil
            state.compose.history.endStep()
            return []
        }
    }
}

// MARK: - Background

extension ComposeReducer {
    private static func background(
        _ action: ComposeAction, _ state: inout AppState
    ) -> [Effect] {
        switch action {
        case .setBackground(let background):
            return change(nil, &state) { scene in
                if case .picture = scene.background { scene.canvas = .square }
                scene.background = background
            }
        case .openBackground(let typed):
            switch TypedPath.read(typed, in: state.places.paths) {
            case .success(let url): return [.compose(.loadBackground(url, isChosen: true))]
            case .failure(let problem): return Reducer.toast(.error, problem.text, &state)
            }
        case .setCanvas(let area): return change(nil, &state) { $0.canvas = area }
        case .backgroundLoaded(let url, let area, let picture, let isChosen):
            if case .failed(let reason) = picture {
                // A background that was there before stays known as missing.
                if !isChosen { state.compose.backgrounds[url.path] = picture }
                return Reducer.toast(.error, reason, &state) + refresh(&state)
            }
            state.compose.backgrounds[url.path] = picture
            guard isChosen else { return refresh(&state) }
            return change(nil, &state) { scene in
                scene.background = .picture(url)
                scene.canvas = area
            } + refresh(&state)
        default: return []
        }
    }
}
