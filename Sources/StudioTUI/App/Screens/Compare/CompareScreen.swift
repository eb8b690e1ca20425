import ConceptDB
import TerminalUI

/// Two captions side by side: what differs, and which one is better.
enum CompareScreen: AppScreen {
    static let id = ScreenID.compare
    static let commands: [Command] = CompareCommands.all

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] {
        guard case .navigate(let movement) = input else { return [] }
        let isHidden = state.compare.isHidden
        switch movement {
        case .left: return reduce(&state, isHidden ? .vote(.left) : .focus(.left))
        case .right: return reduce(&state, isHidden ? .vote(.right) : .focus(.right))
        case .nextFocus, .previousFocus: return reduce(&state, .focus(state.compare.focus.other))
        case .activate: return Reducer.reduce(&state, .command("compare.choose"))
        case .back: return isHidden ? reduce(&state, .toggleBlind) : []
        default: return reduce(&state, .scroll(movement))
        }
    }

    private static func reduce(_ state: inout AppState, _ action: CompareAction) -> [Effect] {
        CompareReducer.reduce(&state, action)
    }

    static func entered(_ state: inout AppState) -> [Effect] {
        state.compare.hasReadVotes ? [] : [.compare(.readVotes)]
    }

    static func libraryChanged(_ state: inout AppState) -> [Effect] {
        CompareReducer.reload(&state)
    }

    static func statusLine(_ state: AppState) -> String {
        let compare = state.compare
        guard let pair = compare.pair else {
            return compare.isEmpty ? "nothing to compare yet" : "one more caption is missing"
        }
        if compare.isHidden { return "blind: which caption is better?" }
        if pair.diff.isSame { return "both captions say the same" }
        let left = pair.diff.left.filter { $0.kind == .onlyLeft }.count
        let right = pair.diff.right.filter { $0.kind == .onlyRight }.count
        return "\(TextForm.count(left, "place")) only left, \(right) only right"
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        CompareView.draw(state, into: &scene, area: area)
    }
}
