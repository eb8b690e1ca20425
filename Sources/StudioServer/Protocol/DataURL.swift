import Foundation

/// A picture inside a URL: `data:image/png;base64,…`, also without a subtype as CapRL's quick
/// start writes it.
enum DataURL {
    /// The bytes of a picture.
    ///
    /// What the type says plays no part: the content decides, when it is decoded.
    ///
    /// - Parameters:
    ///   - limit: most bytes.
    ///   - place: how errors call the member, such as `messages[0].content[1]`.
    /// - Throws: `APIError`; also for addresses of other machines, which are never asked.
    static func picture(_ url: String, limit: Int, place: String) throws(APIError) -> Data {
        guard let (head, text) = split(url) else {
            let scheme = url.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
            if ["http", "https", "ftp", "file", "s3", "gs"].contains(scheme.lowercased()) {
                throw APIError(
                    400,
                    "\(place): this server does not fetch pictures; send the picture itself as "
                        + "'data:image/png;base64,…'.", code: "remote_image",
                    parameter: place)
            }
            throw .bad(place, "\(place): a picture is sent as 'data:image/png;base64,…'.")
        }
        let words = head.lowercased().split(separator: ";", omittingEmptySubsequences: false)
        guard words.last == "base64" else {
            throw .bad(place, "\(place): the picture must be in base64: 'data:image/png;base64,…'.")
        }
        let type = words.count > 1 ? words[0] : ""
        guard type.isEmpty || type == "image" || type.hasPrefix("image/") else {
            throw .bad(place, "\(place): the data is not said to be a picture.")
        }
        guard text.utf8.count / 4 * 3 <= limit + 3 else {
            throw APIError(
                413, "\(place): the picture has more than \(limit >> 20) MiB.",
                code: "image_too_large", parameter: place)
        }
        guard let data = decoded(text), !data.isEmpty else {
            throw .bad(place, "\(place): the base64 text of the picture is damaged or empty.")
        }
        return data
    }

    private static func split(_ url: String) -> (head: Substring, text: Substring)? {
        guard url.prefix(5).lowercased() == "data:" else { return nil }
        let rest = url.dropFirst(5)
        // A head is short; a comma far away is not one.
        guard let comma = rest.prefix(256).firstIndex(of: ",") else { return nil }
        return (rest[..<comma], rest[rest.index(after: comma)...])
    }

    /// Some clients leave the padding out.
    private static func decoded(_ text: Substring) -> Data? {
        var bytes = Data(text.utf8)
        let missing = (4 - bytes.count % 4) % 4
        guard missing < 3 else { return nil }
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "="), count: missing))
        return Data(base64Encoded: bytes)
    }
}
