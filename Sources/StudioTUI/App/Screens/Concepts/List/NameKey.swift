extension String {
    /// Texts that differ only in upper and lower case have the same key, as in the library.
    var nameKey: String {
        guard !utf8.allSatisfy({ $0 < 0x80 }) else { return lowercased() }
        return lowercased().uppercased().lowercased()
    }

    /// Whether both are the same but for upper and lower case.
    func hasSameName(as other: String) -> Bool {
        self == other || nameKey == other.nameKey
    }
}
