public import Foundation
public import ImageCodecs

/// A picture as a page carries it: small, encoded anew, without anything its file said besides.
public struct SharedPicture: Sendable, Equatable {
    /// A JPEG picture without metadata.
    public let data: Data
    /// Its size in pixels.
    public let width, height: Int
    /// The size of the picture it was made of, which boxes are measured in.
    public let originalWidth, originalHeight: Int

    /// Shrinks and encodes a picture file of any format.
    ///
    /// - Parameter side: the longer side, in pixels; smaller pictures keep their size.
    /// - Throws: `ImageReadError` or `ImageWriteError`.
    public init(_ file: URL, fitting side: Int) throws {
        let data = try BoundedFile.read(file, limit: ImageLimits.standard.maximumBytes)
        let name = file.lastPathComponent
        let info = try ImageDecoder.info(data, name: name)
        let small = try ImageDecoder.decodeThumbnail(data, name: name, fitting: side)
        try self.init(small, originalWidth: info.width, originalHeight: info.height)
    }

    /// Encodes pixels as they are.
    ///
    /// - Throws: `ImageWriteError`.
    public init(
        _ image: RGBImage, originalWidth: Int? = nil, originalHeight: Int? = nil
    ) throws(ImageWriteError) {
        data = try ImageEncoder.jpeg(image, quality: 82)
        width = image.width
        height = image.height
        self.originalWidth = originalWidth ?? image.width
        self.originalHeight = originalHeight ?? image.height
    }

    /// An image of the page.
    func html(_ description: String) -> HTML {
        """
        <img src="data:image/jpeg;base64,\(data.base64EncodedString())" width="\(width)" \
        height="\(height)" alt="\(description)">
        """
    }
}
