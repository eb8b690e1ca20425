public import Foundation
import ImageCodecs

extension FolderCaption {
    private static let longestLine = 4 << 20
    private static let largestFile = 8 << 30

    /// The lines of a file of `caption-folder`; of two for one picture the later counts, and one
    /// that was cut short is left out.
    ///
    /// - Throws: `FolderCaptionError`, with the number of a line that is no caption.
    public static func read(_ file: URL) throws(FolderCaptionError) -> [FolderCaption] {
        let decoder = JSONDecoder()
        var captions: [FolderCaption] = []
        var places: [String: Int] = [:]
        var reader = try CaptionLog.reading(file) { () throws(ImageReadError) in
            LineReader(try ChunkedFile(file, limit: largestFile), longest: longestLine)
        }
        while let line = try CaptionLog.reading(
            file, { () throws(ImageReadError) in try reader.next() })
        {
            let bytes = line.bytes.map { Data($0) }
            guard let bytes, let caption = try? decoder.decode(FolderCaption.self, from: bytes)
            else {
                if !line.isComplete || bytes?.isEmpty == true { continue }
                throw .system(
                    path: file.relativePath,
                    reason: "line \(line.number) is no caption of a picture")
            }
            if let place = places[caption.image] {
                captions[place] = caption
            } else {
                places[caption.image] = captions.count
                captions.append(caption)
            }
        }
        return captions
    }

    /// The picture's path below its folder; `nil` when it would lead out of it.
    public var safePath: String? {
        (try? FolderPath.components(of: image))?.joined(separator: "/")
    }

    /// The picture's file; `nil` when it is not there, or not below the folder.
    public func picture(in folder: URL) -> URL? {
        guard let parts = try? FolderPath.components(of: image) else { return nil }
        return try? FolderPath.file(parts, in: folder)
    }
}
