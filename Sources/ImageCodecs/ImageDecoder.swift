internal import CImageCodecs
public import Foundation

/// Reads PNG, JPEG and WebP pictures, upright and within limits.
///
/// The format is taken from the content. The size is checked against the limits from the header,
/// before memory for pixels is asked for. A picture is read whole or not at all: data that ends
/// early is an error. Colour profiles are not applied, as in the reference image processor.
public enum ImageDecoder {
    /// Reads the header of a picture.
    ///
    /// - Parameters:
    ///   - data: the whole file.
    ///   - name: what to call the picture in errors.
    /// - Throws: ``ImageReadError``; among others for sizes beyond the limits and for animations.
    public static func info(
        _ data: Data, name: String, limits: ImageLimits = .standard
    ) throws(ImageReadError) -> ImageInfo {
        try header(data, name: name, limits: limits).info
    }

    /// Decodes a picture to full size and turns it upright.
    ///
    /// - Parameters:
    ///   - data: the whole file.
    ///   - name: what to call the picture in errors.
    /// - Throws: ``ImageReadError`` when it is no picture, is damaged, or is beyond the limits.
    public static func decode(
        _ data: Data, name: String, limits: ImageLimits = .standard
    ) throws(ImageReadError) -> RGBAImage {
        let header = try header(data, name: name, limits: limits)
        return try header.orientation.apply(to: pixels(of: data, header, eighths: 8, name: name))
    }

    /// Reads and decodes a picture file.
    ///
    /// - Throws: ``ImageReadError``, also when there is no such file or it is no regular file.
    public static func decode(
        fileAt url: URL, limits: ImageLimits = .standard
    ) throws(ImageReadError) -> RGBAImage {
        let data = try BoundedFile.read(url, limit: limits.maximumBytes)
        return try decode(data, name: url.relativePath, limits: limits)
    }

    /// Decodes a small version of a picture on white, for lists and previews.
    ///
    /// JPEG pictures are decoded at a fraction of their size, which takes a fraction of the time.
    ///
    /// - Parameters:
    ///   - side: the longer side of the result, in pixels; smaller pictures keep their size.
    /// - Throws: ``ImageReadError`` as for full decoding.
    public static func decodeThumbnail(
        _ data: Data, name: String, fitting side: Int, limits: ImageLimits = .standard
    ) throws(ImageReadError) -> RGBImage {
        let header = try header(data, name: name, limits: limits)
        let eighths = header.info.format == .jpeg ? header.eighths(fitting: side) : 8
        let small = try pixels(of: data, header, eighths: eighths, name: name)
        let flat = Resampler.thumbnail(small.flattened(), fitting: side)
        return header.orientation.apply(to: RGBAImage(flat)).flattened()
    }

    /// What the header says about the picture as stored.
    private struct Header {
        let info: ImageInfo
        let storedWidth: Int
        let storedHeight: Int
        let orientation: Orientation

        /// The smallest eighth of the size that still has two pixels for each of the thumbnail's.
        func eighths(fitting side: Int) -> Int {
            let longest = max(storedWidth, storedHeight)
            return (1...8).first { longest * $0 / 8 >= 2 * side } ?? 8
        }
    }

    private static func header(
        _ data: Data, name: String, limits: ImageLimits
    ) throws(ImageReadError) -> Header {
        guard !data.isEmpty else { throw .empty(file: name) }
        guard data.count <= limits.maximumBytes else {
            throw .tooLarge(file: name, bytes: data.count, limit: limits.maximumBytes)
        }
        guard let format = ImageFormat(sniffing: data) else {
            throw .unknownFormat(file: name, resembles: ImageFormat.resemblance(of: data))
        }
        let found = try Codec(format: format, name: name).info(data)
        let (width, height) = (Int(found.width), Int(found.height))
        guard width <= limits.maximumPixels / max(1, height) else {
            throw .tooManyPixels(
                file: name, width: width, height: height, limit: limits.maximumPixels)
        }
        let orientation = ExifOrientation.read(from: [UInt8](data), format: format)
        let info = ImageInfo(
            format: format, width: orientation.swapsSides ? height : width,
            height: orientation.swapsSides ? width : height, orientation: orientation.rawValue,
            hasAlpha: found.has_alpha != 0)
        return Header(
            info: info, storedWidth: width, storedHeight: height, orientation: orientation)
    }

    private static func pixels(
        of data: Data, _ header: Header, eighths: Int, name: String
    ) throws(ImageReadError) -> RGBAImage {
        let width = (header.storedWidth * eighths + 7) / 8
        let height = (header.storedHeight * eighths + 7) / 8
        let codec = Codec(format: header.info.format, name: name)
        let pixels = try codec.decode(data, eighths: eighths, width: width, height: height)
        return RGBAImage(width: width, height: height, pixels: pixels)
    }
}
