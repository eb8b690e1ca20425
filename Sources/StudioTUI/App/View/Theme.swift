import TerminalUI

/// How each kind of thing looks, for one depth of colour and one background.
///
/// No state is told by colour alone: every role that matters also differs by a sign or attribute.
struct Theme: Sendable {
    var text = Style.plain
    var strong = Style(attributes: .bold)
    var faint = Style(attributes: .faint)
    var border = Style(attributes: .faint)
    /// The border of what has the focus.
    var focusedBorder = Style(attributes: .bold)
    var title = Style(attributes: .bold)
    /// The row under the cursor, in the focused list.
    var cursor = Style(attributes: .reverse)
    /// The row under the cursor of a list without the focus.
    var restingCursor = Style(attributes: .underline)
    var accent = Style(attributes: .bold)
    var good = Style()
    var warning = Style(attributes: .bold)
    var bad = Style(attributes: [.bold, .underline])
    /// Keys in footer and help.
    var key = Style(attributes: .bold)
    /// The line at the top and the one at the bottom.
    var bar = Style(attributes: .reverse)
    var activeTab = Style(attributes: [.bold])
    /// The letters that a search matched.
    var match = Style(attributes: .underline)
    var overlay = Style.plain
    var field = Style(attributes: .underline)
    /// The colours of concept slots, first to last; the same order everywhere.
    var concepts: [Style] = [
        Style(attributes: [.bold, .underline]), Style(attributes: .bold),
        Style(attributes: .underline), Style(attributes: [.reverse]),
    ]
    /// Words only in the left or only in the right of two captions.
    var removed = Style(attributes: [.reverse])
    var added = Style(attributes: [.bold, .underline])

    /// Attributes only: `NO_COLOR`, and terminals without colours.
    static let plain = Theme()

    /// The look of a concept slot.
    func concept(_ index: Int) -> Style { concepts[index % concepts.count] }

    /// The theme of the settings on this terminal.
    static func resolve(_ settings: Settings, _ terminal: TerminalState) -> Theme {
        switch (settings.theme, terminal.depth) {
        case (.mono, _), (_, .none): return plain
        case (_, .sixteen): return sixteen
        case (.light, _): return light
        case (.dark, _): return dark
        default: return terminal.hasLightBackground == true ? light : dark
        }
    }

    /// The user's own sixteen colours.
    static let sixteen: Theme = {
        var theme = Theme()
        theme.border = colour(8)
        theme.faint = colour(8)
        theme.focusedBorder = colour(6, .bold)
        theme.accent = colour(6, .bold)
        theme.good = colour(2)
        theme.warning = colour(3, .bold)
        theme.bad = colour(1, .bold)
        theme.key = colour(3, .bold)
        theme.match = colour(3, [.bold, .underline])
        theme.concepts = [6, 5, 3, 4].map { colour($0, [.bold, .underline]) }
        theme.removed = colour(1, .reverse)
        theme.added = colour(2, [.bold, .underline])
        return theme
    }()

    /// 256 colours on a dark background.
    static let dark: Theme = {
        var theme = Theme()
        theme.text = colour(252)
        theme.strong = colour(255, .bold)
        theme.faint = colour(244)
        theme.border = colour(238)
        theme.focusedBorder = colour(80)
        theme.title = colour(252, .bold)
        theme.cursor = Style(
            foreground: .indexed(255), background: .indexed(24), attributes: .bold)
        theme.restingCursor = Style(foreground: .indexed(252), background: .indexed(236))
        theme.accent = colour(80, .bold)
        theme.good = colour(114)
        theme.warning = colour(221, .bold)
        theme.bad = colour(203, .bold)
        theme.key = colour(221, .bold)
        theme.bar = Style(foreground: .indexed(250), background: .indexed(235))
        theme.activeTab = Style(
            foreground: .indexed(16), background: .indexed(80), attributes: .bold)
        theme.match = colour(221, [.bold, .underline])
        theme.overlay = Style(foreground: .indexed(252), background: .indexed(234))
        theme.field = Style(foreground: .indexed(255), background: .indexed(237))
        theme.concepts = [80, 213, 221, 111].map { colour($0, [.bold, .underline]) }
        theme.removed = Style(foreground: .indexed(224), background: .indexed(52))
        theme.added = Style(foreground: .indexed(194), background: .indexed(22))
        return theme
    }()

    /// 256 colours on a light background.
    static let light: Theme = {
        var theme = Theme()
        theme.text = colour(236)
        theme.strong = colour(16, .bold)
        theme.faint = colour(244)
        theme.border = colour(250)
        theme.focusedBorder = colour(30)
        theme.title = colour(236, .bold)
        theme.cursor = Style(
            foreground: .indexed(16), background: .indexed(153), attributes: .bold)
        theme.restingCursor = Style(foreground: .indexed(236), background: .indexed(254))
        theme.accent = colour(30, .bold)
        theme.good = colour(28)
        theme.warning = colour(130, .bold)
        theme.bad = colour(160, .bold)
        theme.key = colour(130, .bold)
        theme.bar = Style(foreground: .indexed(238), background: .indexed(254))
        theme.activeTab = Style(
            foreground: .indexed(231), background: .indexed(30), attributes: .bold)
        theme.match = colour(130, [.bold, .underline])
        theme.overlay = Style(foreground: .indexed(236), background: .indexed(255))
        theme.field = Style(foreground: .indexed(16), background: .indexed(253))
        theme.concepts = [30, 127, 130, 26].map { colour($0, [.bold, .underline]) }
        theme.removed = Style(foreground: .indexed(88), background: .indexed(224))
        theme.added = Style(foreground: .indexed(22), background: .indexed(194))
        return theme
    }()

    private static func colour(_ index: UInt8, _ attributes: Attributes = []) -> Style {
        Style(foreground: .indexed(index), attributes: attributes)
    }
}
