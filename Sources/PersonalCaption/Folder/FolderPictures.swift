public import Foundation

/// The pictures in a folder and the folders below it.
public enum FolderPictures {
    private static let endings: Set<String> = ["png", "jpg", "jpeg", "webp"]

    /// Paths of pictures, relative to the folder, in an order that is the same every time.
    ///
    /// Endings decide; hidden names are passed over, and links to folders are not followed.
    ///
    /// - Throws: `FolderCaptionError` when the folder cannot be read.
    public static func list(_ folder: URL) throws(FolderCaptionError) -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
            throw .missing(folder.relativePath)
        }
        guard isFolder.boolValue else { throw .notAFolder(folder.relativePath) }
        guard let names = FileManager.default.enumerator(atPath: folder.path) else {
            throw .system(path: folder.relativePath, reason: "it cannot be read")
        }
        var found: [String] = []
        while let name = names.nextObject() as? String {
            let last = (name as NSString).lastPathComponent
            if last.hasPrefix(".") {
                names.skipDescendants()
                continue
            }
            if endings.contains((name as NSString).pathExtension.lowercased()) {
                found.append(name)
            }
        }
        return found.sorted { a, b in
            switch a.compare(b, options: [.numeric, .caseInsensitive]) {
            case .orderedAscending: true
            case .orderedDescending: false
            case .orderedSame: a < b
            }
        }
    }
}

/// Why a folder cannot be captioned.
public enum FolderCaptionError: OutsideDataError, Equatable {
    /// There is no such folder.
    case missing(String)
    /// It is something else.
    case notAFolder(String)
    /// Another program writes the file of captions.
    case busy(String)
    /// The file holds captions that were made in another way.
    case otherCaptions(path: String, differs: String)
    /// Something in the file is not a line of captions.
    case notCaptions(path: String, line: Int)
    /// A file cannot be read or written.
    case system(path: String, reason: String)

    /// Whether there is no such folder.
    public var isMissing: Bool {
        if case .missing = self { return true }
        return false
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .missing(let path): "there is no folder '\(path)'."
        case .notAFolder(let path): "'\(path)' is a file, not a folder; give a folder of pictures."
        case .busy(let path):
            "another program is writing captions into '\(path)'; wait for it, or stop it."
        case .otherCaptions(let path, let differs):
            "'\(path)' holds captions made in another way (\(differs)); give another --out, or the "
                + "same options to go on with it."
        case .notCaptions(let path, let line):
            "'\(path)', line \(line), is no caption of a picture; give another --out."
        case .system(let path, let reason): "'\(path)' cannot be used: \(reason)."
        }
    }
}
