/// The concepts of a page, each with a number, a colour and a kind of underline.
///
/// The number alone tells everybody apart: colours come again after eight, and paper may have none.
struct SharedCast {
    /// Colours in the page's style sheet.
    static let colours = 8

    private let concepts: [SharedConcept]
    private let places: [NameKey: Int]

    init(_ concepts: [SharedConcept]) {
        self.concepts = concepts
        places = Dictionary(
            concepts.enumerated().map { (NameKey($1.name), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    func place(of name: String) -> Int? { places[NameKey(name)] }

    /// The class that gives a concept its colour and underline.
    static func style(_ place: Int) -> String { "c\(place % colours)" }

    /// Everybody with picture and info.
    var html: HTML {
        let figures = concepts.enumerated().map { place, concept -> HTML in
            let about = [concept.category, concept.info].filter { !$0.isEmpty }
                .joined(separator: " · ")
            return """
                <figure class="concept \(Self.style(place))">\
                <div class="frame">\(concept.picture?.html(concept.name) ?? "")</div>\
                <figcaption>\(label(place, concept.name))\
                <br><span class="soft small">\(about)</span></figcaption></figure>

                """
        }
        return "<div class=\"cast\">\(figures)</div>"
    }

    /// The small pictures of those that were shown with a query.
    func references(_ names: [String]) -> HTML {
        guard !names.isEmpty else { return "" }
        let references = names.map { name -> HTML in
            guard let place = place(of: name) else { return "<span class=\"chip\">\(name)</span>" }
            return """
                <span class="reference \(Self.style(place))">\
                \(concepts[place].picture?.html("") ?? "")\(label(place, name))</span>
                """
        }
        return "<div class=\"references\">\(references)</div>"
    }

    /// A name with its number, in its colour.
    func chip(_ name: String) -> HTML {
        place(of: name).map { "<span class=\"\(Self.style($0))\">\(label($0, name))</span> " }
            ?? "\(name) "
    }

    /// A caption with its names in colour.
    func text(_ caption: SharedCaption) -> HTML {
        let pieces = NamedText(caption.text, names: caption.names, wrong: caption.wrong).pieces
        return "\(pieces.map { piece -> HTML in html(piece, caption) })"
    }

    private func html(_ piece: NamedText.Piece, _ caption: SharedCaption) -> HTML {
        switch piece.kind {
        case .plain: return "\(piece.text)"
        case .stranger: return "<mark class=\"bad\">\(piece.text)</mark>"
        case .concept(let index):
            guard let place = place(of: caption.names[index]) else { return "<b>\(piece.text)</b>" }
            return "<span class=\"\(Self.style(place))\">\(label(place, piece.text))</span>"
        }
    }

    private func label(_ place: Int, _ text: String) -> HTML {
        "<b class=\"name\">\(text)</b><sup class=\"number\">\(place + 1)</sup>"
    }
}

/// Boxes over a picture, each with the number and the colour of its concept.
enum SharedBoxes {
    static func svg(
        _ boxes: [SharedCaption.Box], on picture: SharedPicture, _ cast: SharedCast
    ) -> HTML {
        let (width, height) = (picture.originalWidth, picture.originalHeight)
        guard !boxes.isEmpty, width > 0, height > 0 else { return "" }
        let size = Double(max(width, height)) / 18
        let drawn = boxes.filter { box in
            box.corners.count == 4 && box.corners[0] < box.corners[2]
                && box.corners[1] < box.corners[3]
        }
        func style(_ box: SharedCaption.Box) -> String {
            cast.place(of: box.name).map(SharedCast.style) ?? ""
        }
        let shapes = drawn.map { box -> HTML in
            let (x, y) = (box.corners[0], box.corners[1])
            let rectangle: HTML = """
                x="\(x)" y="\(y)" width="\(box.corners[2] - x)" height="\(box.corners[3] - y)"
                """
            return """
                <g class="\(style(box))"><title>\(box.name)</title>\
                <rect class="halo" \(rectangle)/><rect class="box" \(rectangle)/></g>
                """
        }
        // Numbers come last, so that no other box crosses them.
        let labels = drawn.map { box -> HTML in
            let number = cast.place(of: box.name).map { "\($0 + 1)" } ?? box.name
            return """
                <g class="\(style(box))"><text x="\(Double(box.corners[0]) + size * 0.3)" \
                y="\(Double(box.corners[1]) + size * 1.05)" font-size="\(size)">\(number)</text></g>
                """
        }
        return "<svg class=\"boxes\" viewBox=\"0 0 \(width) \(height)\">\(shapes)\(labels)</svg>"
    }
}
