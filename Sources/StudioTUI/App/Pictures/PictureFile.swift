import Foundation
import ImageCodecs

/// Reads picture files: what their header says, and their pixels at the size that is needed.
enum PictureFile {
    /// Enough of a file for the header of all but strange pictures.
    private static let headBytes = 64 << 10

    /// What the header says, from the first part of the file when that is enough.
    ///
    /// - Parameter name: what to call the picture in errors.
    static func facts(_ url: URL, name: String) throws(ImageReadError) -> PictureFacts {
        if let head = head(of: url), ImageFormat(sniffing: head.data) != .webp,
            let info = try? ImageDecoder.info(head.data, name: name)
        {
            return PictureFacts(info, bytes: head.size)
        }
        // WebP says how it must be turned at the end of the file.
        let data = try read(url, name: name)
        return PictureFacts(try ImageDecoder.info(data, name: name), bytes: data.count)
    }

    /// The whole file; pipes, devices and files that are too large are refused.
    static func read(_ url: URL, name: String) throws(ImageReadError) -> Data {
        // Errors shall call the file by its name, not by its whole path.
        let folder = url.deletingLastPathComponent()
        let named = URL(fileURLWithPath: url.lastPathComponent, relativeTo: folder)
        return try BoundedFile.read(named, limit: ImageLimits.standard.maximumBytes)
    }

    /// The pixels at exactly a size, on a background where they are transparent.
    static func pixels(
        _ data: Data, _ facts: PictureFacts, width: Int, height: Int, name: String,
        background: PictureColour
    ) throws(ImageReadError) -> RGBImage {
        guard facts.hasAlpha else {
            let image = try ImageDecoder.decodeThumbnail(
                data, name: name, fitting: max(width, height))
            return scaled(image, width: width, height: height)
        }
        let image = try ImageDecoder.decode(data, name: name)
        return Resampler.bicubic(image, width: width, height: height).flattened(
            onto: background.channels)
    }

    static func scaled(_ image: RGBImage, width: Int, height: Int) -> RGBImage {
        image.width == width && image.height == height
            ? image : Resampler.bicubic(image, width: width, height: height)
    }

    /// The first part of a regular file, and how long all of it is.
    private static func head(of url: URL) -> (data: Data, size: Int)? {
        let file = open(url.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard let facts = FileFacts(descriptor: file), facts.kind == .file else { return nil }
        var bytes = [UInt8](repeating: 0, count: min(headBytes, facts.size))
        let count = systemRead(file, &bytes, bytes.count)
        guard count == bytes.count else { return nil }
        return (Data(bytes), facts.size)
    }
}

extension PictureFacts {
    init(_ info: ImageInfo, bytes: Int) {
        self.init(
            width: info.width, height: info.height, format: info.format, hasAlpha: info.hasAlpha,
            bytes: bytes)
    }
}

/// `read(2)`, whose name is used above.
private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(file, bytes, count)
}
