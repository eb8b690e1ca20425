/// A concept as a page shows it.
public struct SharedConcept: Sendable, Equatable {
    /// What it is called.
    public var name: String
    /// What kind of thing it is; may be empty.
    public var category: String
    /// One line about it; may be empty.
    public var info: String
    /// `nil` when it cannot be found any more.
    public var picture: SharedPicture?

    /// Names every part.
    public init(name: String, category: String, info: String, picture: SharedPicture?) {
        self.name = name
        self.category = category
        self.info = info
        self.picture = picture
    }
}

/// A caption as a page shows it.
public struct SharedCaption: Sendable, Equatable {
    /// Where something is in the picture.
    public struct Box: Sendable, Equatable {
        /// Of what.
        public var name: String
        /// Left, top, right, bottom in pixels of the whole picture.
        public var corners: [Int]

        /// Names both parts.
        public init(name: String, corners: [Int]) {
            self.name = name
            self.corners = corners
        }
    }

    /// The caption as the model wrote it.
    public var text: String
    /// The concepts that were shown, in prompt order.
    public var names: [String]
    /// Names that should be in it and are not.
    public var unnamed: [String]
    /// Names that must not be in it and are.
    public var wrong: [String]
    /// `nil` when it cannot be found any more.
    public var picture: SharedPicture?
    /// What to call the picture.
    public var title: String
    /// Where things are, as far as it is known.
    public var boxes: [Box]
    /// What was asked, which model, when; one line each, may be empty.
    public var facts: [String]

    /// Names every part.
    public init(
        text: String, names: [String], unnamed: [String] = [], wrong: [String] = [],
        picture: SharedPicture?, title: String, boxes: [Box] = [], facts: [String] = []
    ) {
        self.text = text
        self.names = names
        self.unnamed = unnamed
        self.wrong = wrong
        self.picture = picture
        self.title = title
        self.boxes = boxes
        self.facts = facts
    }
}

/// Two captions of one picture.
public struct SharedPair: Sendable, Equatable {
    /// What the captions are called: before and after, or their models.
    public var labels: [String]
    /// The two captions; the first one's picture is shown.
    public var captions: [SharedCaption]

    /// Names both parts.
    public init(labels: [String], captions: [SharedCaption]) {
        self.labels = labels
        self.captions = captions
    }
}

/// A page to show to somebody: one file without scripts that asks nothing of any network.
///
/// Every concept has a number, a colour and a kind of underline, the same wherever it is named.
public struct SharedPage: Sendable {
    /// The heading.
    public var title: String
    /// Below the heading; may be empty.
    public var introduction = ""
    /// At the end: where pictures come from and who may use them; may be empty.
    public var note = ""
    /// Who is who.
    public var concepts: [SharedConcept] = []
    /// Whether they have a section of their own; without it names keep numbers and colours.
    public var showsConcepts = true
    /// Captions with their pictures.
    public var captions: [SharedCaption] = []
    /// Captions to be compared.
    public var pairs: [SharedPair] = []
    /// Fine-tunings.
    public var runs: [SharedRun] = []
    /// Evaluations.
    public var evaluations: [SharedEvaluation] = []

    /// A page with nothing but a heading.
    public init(title: String) { self.title = title }

    /// The page.
    public func html() -> String {
        let cast = SharedCast(concepts)
        let introduced: HTML =
            introduction.isEmpty ? "" : "<p class=\"soft\">\(introduction)</p>"
        let credits: HTML = note.isEmpty ? "" : "<footer class=\"soft\">\(note)</footer>"
        return ReportPage.page(
            title: title,
            """
            <h1>\(title)</h1>\(introduced)
            \(section("Who is who", cast.html, isShown: showsConcepts && !concepts.isEmpty))
            \(section(
                "Captions", "<div class=\"items\">\(captions.map { card($0, cast) })</div>",
                isShown: !captions.isEmpty))
            \(section(
                "Before and after", "\(pairs.map { pair($0, cast) })", isShown: !pairs.isEmpty))
            \(runs.map { run($0, cast) })
            \(evaluations.map(\.html))
            \(credits)
            """, style: SharedStyle.css)
    }

    private func section(_ title: String, _ body: HTML, isShown: Bool) -> HTML {
        isShown ? "<section><h2>\(title)</h2>\(body)</section>" : ""
    }

    private func card(_ caption: SharedCaption, _ cast: SharedCast) -> HTML {
        """
        <article class="item shared">\(view(caption, cast))\
        <div class="words">\(cast.references(caption.names))<p class="caption">\
        \(cast.text(caption))</p>\(verdict(caption, cast))\
        \(caption.facts.map { fact -> HTML in "<p class=\"soft small\">\(fact)</p>" })</div></article>

        """
    }

    private func view(_ caption: SharedCaption, _ cast: SharedCast) -> HTML {
        guard let picture = caption.picture else {
            return "<p class=\"soft\">The picture \(caption.title) is gone.</p>"
        }
        return """
            <div class="view">\(picture.html(caption.title))\
            \(SharedBoxes.svg(caption.boxes, on: picture, cast))</div>
            """
    }

    private func verdict(_ caption: SharedCaption, _ cast: SharedCast) -> HTML {
        var parts: [HTML] = []
        if !caption.unnamed.isEmpty {
            parts.append("Not named: \(caption.unnamed.map { cast.chip($0) })")
        }
        if !caption.wrong.isEmpty {
            parts.append(
                "<span class=\"bad\">Wrongly named: \(caption.wrong.joined(separator: ", "))</span>"
            )
        }
        return "\(parts.map { part -> HTML in "<p class=\"small\">\(part)</p>" })"
    }

    private func pair(_ pair: SharedPair, _ cast: SharedCast) -> HTML {
        guard let first = pair.captions.first else { return "" }
        let columns = zip(pair.labels, pair.captions).map { label, caption -> HTML in
            """
            <div><h3>\(label)</h3><p class="caption">\(cast.text(caption))</p>\
            \(verdict(caption, cast))\
            \(caption.facts.map { fact -> HTML in "<p class=\"soft small\">\(fact)</p>" })</div>
            """
        }
        return """
            <article class="item pair">\(view(first, cast))<div class="words">\
            \(cast.references(first.names))<div class="columns">\(columns)</div></div></article>

            """
    }

    private func run(_ run: SharedRun, _ cast: SharedCast) -> HTML {
        let scenes: HTML =
            run.pairs.isEmpty
            ? ""
            : "<h3>Scenes it was not trained with</h3>\(run.pairs.map { pair($0, cast) })"
        return "<section><h2>Training: \(run.name)</h2>\(run.html)\(scenes)</section>"
    }
}
