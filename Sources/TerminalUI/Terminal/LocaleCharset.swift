import Glibc

/// The character set of the terminal, as the environment tells it.
enum LocaleCharset {
    /// Sets the C library's character type, by which ncurses measures and writes text, and returns
    /// whether it is UTF-8.
    ///
    /// Two cases in which a terminal of UTF-8 would be taken for one of ASCII get `C.UTF-8`: none of
    /// the variables is set, as in containers, or they name a UTF-8 locale that is not installed,
    /// as after ssh from elsewhere.
    static func set(_ environment: [String: String]) -> Bool {
        let named = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
            .first { !$0.isEmpty }
        let found = setlocale(LC_CTYPE, named ?? "C.UTF-8") != nil
        if !found, let named, named.lowercased().contains("utf") {
            setlocale(LC_CTYPE, "C.UTF-8")
        }
        guard let charset = nl_langinfo(nl_item(CODESET)) else { return false }
        return String(cString: charset) == "UTF-8"
    }
}
