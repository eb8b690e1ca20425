/// The picture formats that can be read.
public enum ImageFormat: String, Sendable, CaseIterable {
    case png, jpeg, webp

    /// Recognises a format by its first bytes; file names play no part.
    ///
    /// - Returns: `nil` when the bytes begin like none of the formats.
    public init?(sniffing bytes: some Sequence<UInt8>) {
        let head = Array(bytes.prefix(12))
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if head.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if head.starts(with: Array("RIFF".utf8)),
            head.dropFirst(8).elementsEqual("WEBP".utf8)
        {
            self = .webp
        } else {
            return nil
        }
    }

    /// The usual ending of file names, without the dot.
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

    /// The name people know, as in "PNG".
    public var displayName: String {
        switch self {
        case .png: "PNG"
        case .jpeg: "JPEG"
        case .webp: "WebP"
        }
    }

    /// What unreadable bytes seem to be, for messages: "a GIF picture", "text".
    static func resemblance(of bytes: some Collection<UInt8>) -> String? {
        let head = Array(bytes.prefix(256))
        if let known = signatures.first(where: { head.dropFirst($0.offset).starts(with: $0.bytes) })
        {
            return known.name
        }
        // The last character may be cut in two.
        let text = String(decoding: head, as: UTF8.self).unicodeScalars
            .dropLast(head.count == 256 ? 3 : 0)
        let isText = !text.isEmpty && text.allSatisfy { $0.value > 8 && $0 != "\u{FFFD}" }
        return isText ? "text" : nil
    }

    private struct Signature {
        let name: String
        let offset: Int
        let bytes: [UInt8]

        init(_ name: String, _ text: String, at offset: Int = 0) {
            self.name = name
            self.offset = offset
            bytes = Array(text.utf8)
        }
    }

    private static let signatures = [
        Signature("a HEIC picture", "ftyphei", at: 4),
        Signature("a HEIC picture", "ftyphev", at: 4),
        Signature("a HEIC picture", "ftypmif1", at: 4),
        Signature("an AVIF picture", "ftypavi", at: 4),
        Signature("a film", "ftyp", at: 4), Signature("a GIF picture", "GIF8"),
        Signature("a BMP picture", "BM"), Signature("a TIFF picture", "II*\0"),
        Signature("a TIFF picture", "MM\0*"), Signature("a JPEG XL picture", "JXL ", at: 4),
        Signature("a PDF document", "%PDF"), Signature("a Photoshop document", "8BPS"),
        Signature("an SVG drawing", "<svg"), Signature("a web page", "<!DOCTYPE html"),
        Signature("a web page", "<!doctype html"), Signature("a web page", "<html"),
        Signature("an archive", "PK\u{3}\u{4}"),
    ]
}
