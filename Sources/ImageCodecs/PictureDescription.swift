public import Foundation

/// Writes what a picture shows into a copy of its file, where photo programs look for it.
///
/// XMP (`dc:description`, `dc:subject`) in all formats; JPEG gets the same as IPTC, which older
/// programs read. The coded pixels are taken over byte by byte.
public struct PictureDescription: Sendable, Equatable {
    /// What the picture shows; one paragraph or more.
    public var text: String
    /// Single words or names that it can be found by.
    public var keywords: [String]

    /// Longer texts are cut, in bytes as they are written; a JPEG segment holds no more.
    static let longestText = 40_000
    static let mostKeywords = 16

    /// Takes the values as they are.
    public init(_ text: String, keywords: [String] = []) {
        self.text = text
        self.keywords = keywords
    }

    /// A copy of a picture file with this description in place of any it had.
    ///
    /// - Parameters:
    ///   - data: the whole file.
    ///   - name: what to call the picture in errors.
    ///   - keepsMetadata: whether EXIF and other remarks stay, such as where and when the picture
    ///     was taken; what the file says in XMP and IPTC goes in any case.
    /// - Throws: ``ImageReadError`` when the picture cannot be decoded.
    public func written(
        into data: Data, name: String, keepsMetadata: Bool = false, limits: ImageLimits = .standard
    ) throws(ImageReadError) -> Data {
        let info = try ImageDecoder.info(data, name: name, limits: limits)
        let plain =
            keepsMetadata ? data : try MetadataStripper.strip(data, name: name, limits: limits)
        let file = [UInt8](plain)
        let xmp = DescriptionPackets.xmp(self)
        let result =
            switch info.format {
            case .jpeg: Self.jpeg(file, xmp: xmp, iptc: DescriptionPackets.iptc(self))
            case .png: Self.png(file, xmp: xmp)
            case .webp: Self.webp(file, xmp: xmp, info)
            }
        let described = Data(result)
        guard
            try ImageDecoder.decode(described, name: name, limits: limits)
                == ImageDecoder.decode(data, name: name, limits: limits)
        else {
            throw .damaged(
                file: name, format: info.format, reason: "its parts contradict each other")
        }
        return described
    }

    private static let xmpHeader = "http://ns.adobe.com/xap/1.0/\0"
    private static let extendedXMPHeader = "http://ns.adobe.com/xmp/extension/\0"
    private static let photoshopHeader = "Photoshop 3.0\0"

    private static func jpeg(_ file: [UInt8], xmp: [UInt8], iptc: [UInt8]) -> [UInt8] {
        typealias Marker = JPEGSegments.Marker
        var result: [UInt8] = [0xFF, Marker.startOfImage]
        var added = JPEGSegments.segment(Marker.app1, Array(xmpHeader.utf8) + xmp)
        added += JPEGSegments.segment(Marker.app13, Array(photoshopHeader.utf8) + iptc)
        for segment in JPEGSegments(file) where !isDescription(segment, in: file) {
            // JFIF and EXIF want to be first.
            if segment.marker != Marker.app0, !segment.isExif(in: file) {
                result += added
                added = []
            }
            result += file[segment.whole]
        }
        return result
    }

    /// Whether a JPEG segment holds XMP or IPTC.
    private static func isDescription(
        _ segment: JPEGSegments.Segment, in file: [UInt8]
    ) -> Bool {
        switch segment.marker {
        case JPEGSegments.Marker.app1:
            segment.begins(with: xmpHeader, in: file)
                || segment.begins(with: extendedXMPHeader, in: file)
        case JPEGSegments.Marker.app13: segment.begins(with: photoshopHeader, in: file)
        default: false
        }
    }

    private static let xmpKeyword = Array("XML:com.adobe.xmp\0".utf8)

    private static func png(_ file: [UInt8], xmp: [UInt8]) -> [UInt8] {
        var result = Array(file.prefix(8))
        for chunk in PNGChunks(file) {
            let isXMP = chunk.name == "iTXt" && file[chunk.payload].starts(with: xmpKeyword)
            guard !isXMP else { continue }
            result += file[chunk.whole]
            if chunk.name == "IHDR" {
                // Not compressed, in no language, with no translated keyword.
                result += PNGChunks.chunk("iTXt", xmpKeyword + [0, 0, 0, 0] + xmp)
            }
        }
        return result
    }

    /// The extended header, made where the file has none, then all chunks, then XMP.
    private static func webp(_ file: [UInt8], xmp: [UInt8], _ info: ImageInfo) -> [UInt8] {
        var header: [UInt8] =
            [info.hasAlpha ? WebPChunks.Feature.alpha : 0, 0, 0, 0]
            + WebPChunks.littleEndian(info.width - 1, size: 3)
            + WebPChunks.littleEndian(info.height - 1, size: 3)
        var chunks: [UInt8] = []
        for chunk in WebPChunks(file) {
            switch chunk.name {
            case "VP8X" where chunk.payload.count >= 10:
                header = Array(file[chunk.payload].prefix(10))
            case "VP8X", "XMP ": continue
            default: chunks += WebPChunks.chunk(chunk.name, Array(file[chunk.payload]))
            }
        }
        header[0] |= WebPChunks.Feature.xmp
        return WebPChunks.file(
            WebPChunks.chunk("VP8X", header) + chunks + WebPChunks.chunk("XMP ", xmp))
    }
}
