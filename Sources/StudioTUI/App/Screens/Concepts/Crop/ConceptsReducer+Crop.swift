import TerminalUI

/// Choosing a part of a picture.
extension ConceptsReducer {
    static func navigate(crop movement: Navigation, _ state: inout AppState) -> [Effect] {
        switch movement {
        case .left: return reduce(&state, crop: .move(-1, 0))
        case .right: return reduce(&state, crop: .move(1, 0))
        case .up: return reduce(&state, crop: .move(0, -1))
        case .down: return reduce(&state, crop: .move(0, 1))
        case .activate: return reduce(&state, crop: .save)
        case .back: return reduce(&state, crop: .cancel)
        default: return []
        }
    }

    static func reduce(_ state: inout AppState, crop action: CropAction) -> [Effect] {
        guard var box = state.concepts.crop else { return [] }
        switch action {
        case .move(let x, let y): box.move(x, y)
        case .resize(let x, let y): box.resize(x, y)
        case .scale(let tenths): box.scale(tenths)
        case .square: box.square()
        case .reset: box.reset()
        case .toggleCover: box.makesCover.toggle()
        case .drag(.began, let x, let y): box.beginDrag(x: x, y: y)
        case .drag(_, let x, let y): box.drag(x: x, y: y)
        case .cancel:
            state.concepts.crop = nil
            return []
        case .save:
            guard !box.isWhole else {
                return Reducer.toast(
                    .info, "make the frame smaller first: this is all of it", &state)
            }
            state.concepts.crop = nil
            return [.concepts(.saveCrop(box))]
        }
        state.concepts.crop = box
        return []
    }
}
