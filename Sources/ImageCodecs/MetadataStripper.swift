public import Foundation

/// Removes what a picture file says beyond its picture: place, time, camera, owner, previews.
public enum MetadataStripper {
    /// Removes EXIF, XMP, IPTC, comments, thumbnails and texts; the coded pixels stay as they are.
    ///
    /// Kept are the colour profile and, when the picture is not stored upright, a minimal EXIF
    /// block with nothing but the orientation. Unknown parts and data after the end are dropped.
    /// The result is decoded once to make sure that it still is the same picture.
    ///
    /// - Parameters:
    ///   - data: the whole file.
    ///   - name: what to call the picture in errors.
    /// - Throws: ``ImageReadError`` when the picture cannot be decoded.
    public static func strip(
        _ data: Data, name: String, limits: ImageLimits = .standard
    ) throws(ImageReadError) -> Data {
        let info = try ImageDecoder.info(data, name: name, limits: limits)
        let orientation = Orientation(rawValue: info.orientation) ?? .upright
        let bytes = [UInt8](data)
        let stripped =
            switch info.format {
            case .jpeg: jpeg(bytes, orientation)
            case .png: png(bytes, orientation)
            case .webp: webp(bytes, orientation)
            }
        let result = Data(stripped)
        let decoded = try ImageDecoder.decode(result, name: name, limits: limits)
        guard try ImageDecoder.info(result, name: name, limits: limits) == info,
            decoded.width == info.width, decoded.height == info.height
        else {
            throw .damaged(
                file: name, format: info.format, reason: "its parts contradict each other")
        }
        return result
    }

    private static func jpeg(_ file: [UInt8], _ orientation: Orientation) -> [UInt8] {
        var result: [UInt8] = [0xFF, JPEGSegments.Marker.startOfImage]
        var exif: [UInt8] = []
        if orientation != .upright {
            let payload = ExifOrientation.prefix + ExifOrientation.block(for: orientation)
            exif = JPEGSegments.segment(JPEGSegments.Marker.app1, payload)
        }
        for segment in JPEGSegments(file) {
            guard let kept = keptPart(of: segment, in: file) else { continue }
            if segment.marker != JPEGSegments.Marker.app0 {  // JFIF wants to be first.
                result += exif
                exif = []
            }
            result += kept
        }
        return result
    }

    /// What stays of a segment of a JPEG picture, or `nil` when nothing does.
    private static func keptPart(
        of part: JPEGSegments.Segment, in file: [UInt8]
    ) -> [UInt8]? {
        typealias Marker = JPEGSegments.Marker
        switch part.marker {
        case Marker.app0 where part.begins(with: "JFIF\0", in: file) && part.payload.count >= 12:
            // Version and density, then an empty thumbnail in place of the real one.
            return JPEGSegments.segment(Marker.app0, file[part.payload].prefix(12) + [0, 0])
        case Marker.app2 where part.begins(with: "ICC_PROFILE\0", in: file):
            return Array(file[part.whole])
        case Marker.app14 where part.begins(with: "Adobe", in: file) && part.payload.count >= 12:
            // Holds the colour transform in twelve bytes, whatever else was put behind them.
            return JPEGSegments.segment(Marker.app14, Array(file[part.payload].prefix(12)))
        case Marker.applications, Marker.comment, Marker.temporary, Marker.restarts,
            Marker.startOfImage:
            return nil
        default: return Array(file[part.whole])
        }
    }

    /// What says how the pixels of a PNG picture are to be shown.
    private static let keptChunks: Set = [
        "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iCCP", "sRGB", "gAMA", "cHRM", "sBIT", "cICP",
        "mDCV", "cLLI",
    ]

    private static func png(_ file: [UInt8], _ orientation: Orientation) -> [UInt8] {
        var result = Array(file.prefix(8))
        for chunk in PNGChunks(file) where keptChunks.contains(chunk.name) {
            result += file[chunk.whole]
            if chunk.name == "IHDR" && orientation != .upright {
                result += PNGChunks.chunk("eXIf", ExifOrientation.block(for: orientation))
            }
        }
        return result
    }

    private static func webp(_ file: [UInt8], _ orientation: Orientation) -> [UInt8] {
        typealias Feature = WebPChunks.Feature
        var result: [UInt8] = []
        for chunk in WebPChunks(file) {
            switch chunk.name {
            case "VP8X" where chunk.payload.count >= 10:
                var header = Array(file[chunk.payload].prefix(10))
                header[0] &= Feature.profile | Feature.alpha
                if orientation != .upright { header[0] |= Feature.exif }
                result += WebPChunks.chunk("VP8X", header)
            case "ICCP", "ALPH", "VP8 ", "VP8L":
                result += WebPChunks.chunk(chunk.name, Array(file[chunk.payload]))
            default: continue
            }
        }
        if orientation != .upright {
            result += WebPChunks.chunk("EXIF", ExifOrientation.block(for: orientation))
        }
        return WebPChunks.file(result)
    }
}
