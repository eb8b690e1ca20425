import ConceptDB
import Foundation
import TerminalUI
import VLMRuntime

/// Follows two captions, votes and exports.
enum CompareReducer {
    static func reduce(_ state: inout AppState, _ action: CompareAction) -> [Effect] {
        switch action {
        case .add(let id): return add(id, &state)
        case .pair(let left, let right):
            let effects = put(left, on: .left, &state) + put(right, on: .right, &state)
            state.compare.focus = .left
            return effects + Reducer.reduce(&state, .show(.compare))
        case .put(let side, let id):
            return put(id, on: side, &state) + Reducer.reduce(&state, .show(.compare))
        case .loaded(let side, let id, let caption):
            guard state.compare[side].captionID == id else { return [] }
            state.compare[side] = .ready(caption)
            return []
        case .missing(let side, let id, let reason):
            guard state.compare[side].captionID == id else { return [] }
            state.compare[side] = .missing(id, reason)
            state.compare.blind = nil
            return []
        case .choose(let side):
            let other = state.compare[side.other].caption?.record
            let own = state.compare[side].caption?.record
            return [
                .compare(
                    .list(
                        side, sha256: (other ?? own)?.image.sha256,
                        without: state.compare[side.other].captionID))
            ]
        case .choices(let side, let records):
            guard !records.isEmpty else {
                return Reducer.toast(
                    .warning, "there are no captions to choose from yet; ask for some", &state)
            }
            state.overlays.append(CompareOverlays.captions(records, side, state.compare))
            return []
        case .focus(let side):
            state.compare.focus = side
            return []
        case .scroll(let movement):
            scroll(movement, &state)
            return []
        case .swap: return swap(&state)
        case .clear:
            for side in CompareSide.allCases { state.compare[side] = .empty }
            state.compare.blind = nil
            state.compare.scroll = 0
            return []
        case .toggleDifferences:
            state.compare.marksDifferences.toggle()
            return []
        case .toggleBlind, .vote, .takeVoteBack, .votesRead, .showVotes:
            return vote(&state, action)
        case .askForPath, .export, .fileExists, .replace, .copy: return export(&state, action)
        }
    }

    private static func add(_ id: Int64, _ state: inout AppState) -> [Effect] {
        for side in CompareSide.allCases where state.compare[side].captionID == id {
            return Reducer.toast(
                .info, "this caption is on the \(side.word) of Compare already", &state)
        }
        if state.compare[.left].captionID == nil {
            let hint = state.compare[.right].captionID == nil
            let effects = put(id, on: .left, &state)
            guard hint else { return effects + Reducer.reduce(&state, .show(.compare)) }
            return effects
                + Reducer.toast(
                    .good, "on the left of Compare; choose another caption the same way", &state)
        }
        if state.compare[.right].captionID == nil {
            return put(id, on: .right, &state) + Reducer.reduce(&state, .show(.compare))
        }
        state.overlays.append(CompareOverlays.replacing(id, state.compare))
        return []
    }

    private static func put(
        _ id: Int64, on side: CompareSide, _ state: inout AppState
    ) -> [Effect] {
        state.compare[side] = .loading(id)
        state.compare.scroll = 0
        state.compare.focus = side
        // A round belongs to two captions; a new pair stays hidden when the last one was.
        if state.compare.blind != nil { beginRound(&state.compare) }
        return [.compare(.load(side, id))]
    }

    private static func swap(_ state: inout AppState) -> [Effect] {
        let (left, right) = (state.compare[.left], state.compare[.right])
        state.compare[.left] = right
        state.compare[.right] = left
        state.compare.focus = state.compare.focus.other
        return []
    }

    /// Both captions move together; the view knows how long they are.
    private static func scroll(_ movement: Navigation, _ state: inout AppState) {
        var position = ListPosition(cursor: state.compare.scroll, top: 0)
        let most = CompareView.mostScroll(state)
        position.move(movement, count: most + 1, page: 8)
        state.compare.scroll = position.cursor
    }

    /// Captions may have been removed or restored.
    static func reload(_ state: inout AppState) -> [Effect] {
        CompareSide.allCases.compactMap { side in
            state.compare[side].captionID.map { .compare(.load(side, $0)) }
        }
    }
}

// MARK: - Votes

extension CompareReducer {
    fileprivate static func beginRound(_ compare: inout CompareState) {
        var random = RandomSource(seed: compare.seed)
        compare.blind = BlindRound(isSwapped: random.next() & 1 == 1)
        compare.seed = random.next()
    }

    private static func vote(_ state: inout AppState, _ action: CompareAction) -> [Effect] {
        switch action {
        case .toggleBlind:
            if state.compare.isHidden {
                state.compare.blind = nil
            } else {
                beginRound(&state.compare)
                state.compare.scroll = 0
            }
            return []
        case .vote(let column):
            guard state.compare.isHidden, let pair = state.compare.pair else { return [] }
            let verdict =
                column.map { CompareVerdict(state.compare.side(in: $0)) }
                ?? .neither
            state.compare.blind?.verdict = verdict
            let vote = CompareVote(
                left: .init(pair.left.record), right: .init(pair.right.record), winner: verdict)
            return [.compare(.addVote(vote))]
        case .takeVoteBack:
            guard let pair = state.compare.pair, state.compare.blind?.verdict != nil else {
                return []
            }
            state.compare.blind?.verdict = nil
            return [
                .compare(.removeVote(left: pair.left.record.id, right: pair.right.record.id))
            ] + Reducer.toast(.info, "the vote was taken back", &state)
        case .votesRead(let votes):
            state.compare.votes = votes
            state.compare.hasReadVotes = true
            return []
        case .showVotes:
            let count = TextForm.count(state.compare.votes.votes.count, "vote")
            state.overlays.append(
                TextOverlay(
                    title: "Blind votes",
                    lines: ["\(count) so far", ""]
                        + state.compare.votes.summary))
            return []
        default: return []
        }
    }
}

// MARK: - Export

extension CompareReducer {
    private static func export(_ state: inout AppState, _ action: CompareAction) -> [Effect] {
        switch action {
        case .askForPath:
            state.overlays.append(CompareOverlays.export(state))
            return []
        case .export(let typed):
            guard let pair = state.compare.pair else { return [] }
            switch TypedPath.read(typed, in: state.places.paths) {
            case .success(let url):
                let file = url.pathExtension.isEmpty ? url.appendingPathExtension("md") : url
                let text = CompareMarkdown.text(pair, votes: state.compare.votes)
                return [.compare(.export(text, to: file, replaces: false))]
            case .failure(let problem): return Reducer.toast(.error, problem.text, &state)
            }
        case .fileExists(let url, let text):
            state.overlays.append(
                ConfirmOverlay(
                    title: "Replace the file?", question: "\(url.path) exists already.",
                    confirmWord: "replace", action: .compare(.replace(url, text))))
            return []
        case .replace(let url, let text):
            return [.compare(.export(text, to: url, replaces: true))]
        case .copy:
            guard let pair = state.compare.pair else { return [] }
            return [
                .copy(
                    CompareMarkdown.text(pair, votes: state.compare.votes), what: "the comparison")
            ]
        default: return []
        }
    }
}
