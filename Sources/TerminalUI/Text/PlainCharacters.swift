/// What stands for a character that the terminal's character set does not have.
enum PlainCharacters {
    /// One character of ASCII, similar where there is a similar one.
    static func ascii(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII { return scalar }
        if let known = table[scalar] { return known }
        switch scalar.value {
        case 0x2500...0x257F: return "+"
        case 0x2580...0x259F: return "#"
        case 0x2800...0x28FF: return ":"
        default: return "?"
        }
    }

    private static let table: [Unicode.Scalar: Unicode.Scalar] = {
        let groups: [(Unicode.Scalar, String)] = [
            ("-", "─━┄┅┈┉╌╍═–—‐‑−"), ("|", "│┃┆┇┊┋╎╏║▏▕▌▐"), (".", "…·∙"), ("*", "●◉•★◆■▪✦"),
            ("o", "○◌◦☆◇□▫"), ("v", "✓✔▼▾↓"), ("x", "✗✘×"), (">", "▶▸→›»❯"), ("<", "◀◂←‹«❮"),
            ("^", "▲▴↑"), ("'", "‘’′"), ("\"", "“”″"), ("_", "▁"), ("=", "≡"), ("~", "≈"),
        ]
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (plain, others) in groups {
            for scalar in others.unicodeScalars { table[scalar] = plain }
        }
        return table
    }()
}
