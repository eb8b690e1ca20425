import ConceptDB
import TerminalUI

/// Draws the concept under the cursor beside the list.
enum ConceptPreviewView {
    /// Columns and rows of a small picture.
    static let thumbnail = Size(columns: 12, rows: 5)
    /// Rows of info at most; all of it is in the open concept.
    static let mostInfo = 4

    static func draw(_ state: AppState, rect: Rect, into scene: inout Scene) {
        guard let concept = state.conceptUnderCursor else {
            scene.panel(rect, title: "Preview")
            return
        }
        let pictures = TextForm.count(concept.images.count, "picture")
        let inside = scene.panel(rect, title: concept.name, note: pictures)
        scene.region(rect, press: .command("concepts.open"))
        let words = words(concept, state, columns: inside.columns - 2)
        let hasStrip = concept.images.count > 1 && inside.rows >= words.count + 16
        let stripRows = hasStrip ? thumbnail.rows + 1 : 0
        let room = inside.rows - min(inside.rows / 2 + stripRows, words.count + 1 + stripRows)
        // The words follow the picture closely, wherever it ends.
        let needed = concept.coverImage.map { rows(of: $0, columns: inside.columns) } ?? room
        let (picture, below) = inside.split(top: min(room, needed))
        drawCover(concept, state, picture, &scene)
        var y = below.y + 1
        for word in words where y < below.bottom {
            let style: Style =
                switch word.kind {
                case .strong: scene.theme.strong
                case .text: scene.theme.text
                case .quiet: scene.theme.faint
                }
            scene.write(
                word.text, x: below.x + 1, y: y, style: style, columns: below.columns - 2)
            y += 1
        }
        if hasStrip {
            drawStrip(
                concept, state,
                Rect(
                    x: below.x + 1, y: y + 1, columns: below.columns - 2,
                    rows: thumbnail.rows), &scene)
        }
        prefetch(state, picture.size, &scene)
    }

    /// How many rows a picture takes at this width, where cells are twice as high as wide.
    private static func rows(of image: ReferenceImage, columns: Int) -> Int {
        guard image.width > 0 else { return 1 }
        let fitting = (columns * image.height + 2 * image.width - 1) / (2 * image.width)
        // Small pictures are shown at twice their size at most, in cells of 14 pixels or more.
        return max(4, min(fitting, image.height / 7 + 1))
    }

    private static func drawCover(
        _ concept: Concept, _ state: AppState, _ rect: Rect, _ scene: inout Scene
    ) {
        guard let cover = concept.coverImage else {
            let key = ConceptsView.key("concepts.add_images", state)
            scene.note("no picture yet; \(key) adds some", rect, scene.theme.faint)
            return
        }
        scene.picture(
            PictureRequest(
                source: state.file(of: cover), box: rect.size, priority: 0, label: concept.name),
            in: rect)
    }

    /// The other pictures, small.
    private static func drawStrip(
        _ concept: Concept, _ state: AppState, _ rect: Rect, _ scene: inout Scene
    ) {
        let others = concept.images.filter { $0.id != concept.cover }
        let fit = max(1, (rect.columns + 1) / (thumbnail.columns + 1))
        let shown = others.count > fit ? fit - 1 : others.count
        for (index, image) in others.prefix(shown).enumerated() {
            let box = Rect(
                x: rect.x + index * (thumbnail.columns + 1), y: rect.y,
                columns: thumbnail.columns, rows: min(thumbnail.rows, rect.rows))
            scene.picture(
                PictureRequest(
                    source: state.file(of: image), box: box.size, label: concept.name), in: box)
        }
        if others.count > shown {
            scene.write(
                "+\(others.count - shown)", x: rect.x + shown * (thumbnail.columns + 1),
                y: rect.y + rect.rows / 2, style: scene.theme.faint)
        }
    }

    /// Asks for the covers of the neighbours, which the next keys will show.
    private static func prefetch(_ state: AppState, _ box: Size, _ scene: inout Scene) {
        let cursor = state.concepts.position.cursor
        for distance in [1, -1, 2, -2, 3, -3, 4, -4] {
            guard
                let concept = state.concepts.listing.concept(
                    at: cursor + distance, in: state.library),
                let cover = concept.coverImage
            else { continue }
            scene.prefetch(
                PictureRequest(source: state.file(of: cover), box: box, label: concept.name),
                box: box)
        }
    }

    // MARK: - Words

    struct Line: Equatable {
        enum Kind { case strong, text, quiet }
        let text: String
        let kind: Kind
    }

    /// What is said about a concept below its picture.
    static func words(_ concept: Concept, _ state: AppState, columns: Int) -> [Line] {
        var lines: [Line] = []
        var head = TerminalText.sanitized(concept.name)
        if !concept.category.isEmpty { head += ", \(TerminalText.sanitized(concept.category))" }
        lines += TerminalText.wrapped(head, to: columns).prefix(2)
            .map { Line(text: $0, kind: .strong) }
        if !concept.tags.isEmpty {
            let tags = concept.tags.map { "#\($0)" }.joined(separator: " ")
            lines += TerminalText.wrapped(TerminalText.sanitized(tags), to: columns).prefix(2)
                .map { Line(text: $0, kind: .text) }
        }
        if !concept.info.isEmpty {
            var info = TerminalText.wrapped(TerminalText.sanitized(concept.info), to: columns)
            if info.count > mostInfo {
                info = Array(info.prefix(mostInfo))
                info[mostInfo - 1] = TerminalText.truncated(
                    info[mostInfo - 1] + " …", to: columns)
            }
            lines += info.map { Line(text: $0, kind: .text) }
        }
        lines.append(Line(text: dates(concept, state), kind: .quiet))
        return lines
    }

    static func dates(_ concept: Concept, _ state: AppState) -> String {
        if let moment = concept.trashedAt {
            return "in the trash since \(AgeText.long(moment, now: state.date))"
        }
        let added = AgeText.long(concept.createdAt, now: state.date)
        guard concept.updatedAt != concept.createdAt else { return "added \(added)" }
        return "added \(added), changed \(AgeText.long(concept.updatedAt, now: state.date))"
    }
}
