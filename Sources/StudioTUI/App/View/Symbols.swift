/// The signs the app draws with: Unicode, or ASCII for other locales and `ui.ascii`.
struct Symbols: Sendable {
    var horizontal = "─"
    var vertical = "│"
    var corners = (topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯")
    var ellipsis = "…"
    var selected = "●"
    var unselected = "○"
    var pointer = "▸"
    var separator = "·"
    var check = "✓"
    var cross = "✗"
    var bar = (full: "█", empty: "░")
    var scroll = (track: "│", thumb: "┃")
    var arrow = (left: "←", right: "→", up: "↑", down: "↓")
    var isASCII = false

    static let unicode = Symbols()

    static let ascii = Symbols(
        horizontal: "-", vertical: "|",
        corners: (topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+"), ellipsis: "~",
        selected: "*", unselected: "o", pointer: ">", separator: "-", check: "v", cross: "x",
        bar: (full: "#", empty: "."), scroll: (track: "|", thumb: "#"),
        arrow: (left: "<", right: ">", up: "^", down: "v"), isASCII: true)
}
