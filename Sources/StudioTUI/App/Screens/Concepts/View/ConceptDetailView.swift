import ConceptDB
import TerminalUI

/// Where the parts of an open concept lie.
struct ConceptDetailLayout: Equatable {
    let panel: Rect
    let picture: Rect
    /// The small pictures, when there is room and more than one.
    let strip: Rect?
    let text: Rect

    /// A small picture with the line below it.
    static let cell = Size(columns: 14, rows: 6)

    init(area: Rect, pictures: Int) {
        panel = area
        let inside = area.inset(horizontal: 1, vertical: 1)
        let share = inside.columns >= 98 ? 60 : 55
        let (left, right) = inside.split(left: inside.columns * share / 100)
        text = right.inset(horizontal: 1, vertical: 0)
        if pictures > 1, inside.rows >= 16 {
            let (top, bottom) = left.split(bottom: Self.cell.rows)
            (picture, strip) = (top, bottom)
        } else {
            (picture, strip) = (left, nil)
        }
    }

    init(_ state: AppState) {
        let size = state.terminal.size
        self.init(
            area: Rect(x: 0, y: 1, columns: size.columns, rows: size.rows - 3),
            pictures: state.openConcept?.images.count ?? 0)
    }
}

/// Draws one concept with all its pictures, words and captions.
enum ConceptDetailView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        guard let concept = state.openConcept, let detail = state.concepts.detail else { return }
        let layout = ConceptDetailLayout(area: area, pictures: concept.images.count)
        scene.panel(
            layout.panel, title: concept.name, note: note(concept, detail), isFocused: true)
        drawPicture(concept, state, layout.picture, &scene)
        if let strip = layout.strip { drawStrip(concept, detail, state, strip, &scene) }
        let lines = lines(concept, detail, state, columns: layout.text.columns - 2)
        let first = min(detail.scroll, max(0, lines.count - layout.text.rows))
        for (row, line) in lines.dropFirst(first).prefix(layout.text.rows).enumerated() {
            let style: Style =
                switch line.kind {
                case .strong: scene.theme.strong
                case .text: scene.theme.text
                case .quiet: scene.theme.faint
                }
            scene.write(
                line.text, x: layout.text.x, y: layout.text.y + row, style: style,
                columns: layout.text.columns - 2)
        }
        scene.region(
            layout.text, scroll: { .concepts(.detail(.scroll($0 * 3))) })
        scene.scrollBar(
            layout.text, first: first, visible: layout.text.rows, total: lines.count)
        if scene.frame.cursor == nil { scene.frame.cursor = layout.text.origin }
    }

    private static func note(_ concept: Concept, _ detail: ConceptDetail) -> String {
        guard concept.images.indices.contains(detail.image) else { return "no picture" }
        let isCover = concept.images[detail.image].id == concept.cover
        return "picture \(detail.image + 1) of \(concept.images.count)"
            + (isCover ? ", the cover" : "")
    }

    private static func drawPicture(
        _ concept: Concept, _ state: AppState, _ rect: Rect, _ scene: inout Scene
    ) {
        guard let image = state.openImage else {
            let key = ConceptsView.key("concepts.add_images", state)
            scene.note("no picture yet; \(key) adds some", rect, scene.theme.faint)
            return
        }
        scene.picture(
            PictureRequest(
                source: state.file(of: image), box: rect.size, priority: 0, label: concept.name),
            in: rect)
        scene.region(rect, scroll: { .concepts(.detail(.step($0))) })
        for step in [1, -1] {
            let index = (state.concepts.detail?.image ?? 0) + step
            guard concept.images.indices.contains(index) else { continue }
            scene.prefetch(
                PictureRequest(
                    source: state.file(of: concept.images[index]), box: rect.size,
                    label: concept.name), box: rect.size)
        }
    }

    private static func drawStrip(
        _ concept: Concept, _ detail: ConceptDetail, _ state: AppState, _ rect: Rect,
        _ scene: inout Scene
    ) {
        let cell = ConceptDetailLayout.cell
        let fit = max(1, rect.columns / cell.columns)
        let position = ListPosition(cursor: detail.image, top: 0)
        let first = position.firstVisible(count: concept.images.count, page: fit)
        for (place, image) in concept.images.dropFirst(first).prefix(fit).enumerated() {
            let index = first + place
            let isCurrent = index == detail.image
            let box = Rect(
                x: rect.x + place * cell.columns, y: rect.y, columns: cell.columns - 1,
                rows: cell.rows - 1)
            scene.picture(
                PictureRequest(
                    source: state.file(of: image), box: box.size, label: concept.name), in: box)
            let label =
                (isCurrent ? scene.symbols.pointer : " ")
                + " \(index + 1)" + (image.id == concept.cover ? " cover" : "")
            let line = Rect(x: box.x, y: box.bottom, columns: box.columns, rows: 1)
            let style = isCurrent ? scene.theme.cursor : scene.theme.text
            if isCurrent {
                scene.frame.fill(line, style: style)
                scene.frame.cursor = line.origin
            }
            scene.write(label, x: line.x, y: line.y, style: style, columns: line.columns)
            scene.region(
                Rect(x: box.x, y: box.y, columns: box.columns, rows: cell.rows),
                press: .concepts(.detail(.showImage(index))))
        }
        if first + fit < concept.images.count {
            scene.write(
                "+\(concept.images.count - first - fit)", x: rect.x + fit * cell.columns,
                y: rect.y + 2, style: scene.theme.faint,
                columns: rect.columns - fit * cell.columns)
        }
    }

    /// How far the text can be scrolled.
    static func mostScroll(_ state: AppState) -> Int {
        guard let concept = state.openConcept, let detail = state.concepts.detail else { return 0 }
        let rect = ConceptDetailLayout(state).text
        return max(0, lines(concept, detail, state, columns: rect.columns - 2).count - rect.rows)
    }

    // MARK: - Words

    typealias Line = ConceptPreviewView.Line

    static func lines(
        _ concept: Concept, _ detail: ConceptDetail, _ state: AppState, columns: Int
    ) -> [Line] {
        var lines: [Line] = []
        func add(_ text: String, _ kind: Line.Kind) {
            lines += TerminalText.wrapped(TerminalText.sanitized(text), to: max(1, columns))
                .map { Line(text: $0, kind: kind) }
        }
        func gap() { lines.append(Line(text: "", kind: .text)) }
        add(concept.name, .strong)
        if !concept.category.isEmpty { add(concept.category, .text) }
        if !concept.tags.isEmpty {
            add(concept.tags.map { "#\($0)" }.joined(separator: " "), .text)
        }
        gap()
        if concept.info.isEmpty {
            add("No info; \(ConceptsView.key("concepts.edit", state)) adds some.", .quiet)
        } else {
            add(concept.info, .text)
        }
        gap()
        if let image = state.openImage {
            let size = "\(image.width)×\(image.height)"
            add("this picture: \(size) \(format(image))", .quiet)
        }
        add("added \(AgeText.full(concept.createdAt, now: state.date))", .quiet)
        if concept.updatedAt != concept.createdAt {
            add("changed \(AgeText.full(concept.updatedAt, now: state.date))", .quiet)
        }
        gap()
        addCaptions(detail, state, add: add, gap: gap)
        return lines
    }

    private static func format(_ image: ReferenceImage) -> String {
        let ending = image.path.split(separator: ".").last ?? ""
        return ending.uppercased()
    }

    private static func addCaptions(
        _ detail: ConceptDetail, _ state: AppState, add: (String, Line.Kind) -> Void,
        gap: () -> Void
    ) {
        guard let captions = detail.captions else { return }
        guard !captions.isEmpty else {
            add("No caption has used it yet; \(askKey(state)) takes it to Ask.", .quiet)
            return
        }
        add(TextForm.count(detail.captionCount, "caption") + " used it", .strong)
        for caption in captions {
            gap()
            add("\(AgeText.full(caption.createdAt, now: state.date)), \(caption.model)", .quiet)
            add(caption.caption, .text)
        }
        if captions.count < detail.captionCount {
            gap()
            add("\(detail.captionCount - captions.count) more in History", .quiet)
        }
    }

    private static func askKey(_ state: AppState) -> String {
        ConceptsView.key("concepts.ask_open", state)
    }
}
