import Foundation

/// What lies in a folder from outside: pictures and folders, in the order people expect.
struct PictureFolder {
    /// Names of pictures by their ending, `2.png` before `10.png`.
    let pictures: [String]
    /// Names of folders.
    let folders: [String]
    /// Whether there was more than is looked at.
    let isCut: Bool

    private static let endings: Set<String> = ["png", "jpg", "jpeg", "webp"]
    private static let most = 20_000

    /// Lists a folder; hidden names are passed over.
    ///
    /// - Returns: `nil` when it cannot be read.
    init?(_ folder: URL) {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
            return nil
        }
        let seen = names.filter { !$0.hasPrefix(".") }
        isCut = seen.count > Self.most
        var pictures: [String] = []
        var folders: [String] = []
        for name in seen.prefix(Self.most) {
            if Self.endings.contains((name as NSString).pathExtension.lowercased()) {
                pictures.append(name)
            } else if FolderPath.isFolder(name, in: folder) {
                folders.append(name)
            }
        }
        self.pictures = pictures.sorted(by: Self.precedes)
        self.folders = folders.sorted(by: Self.precedes)
    }

    /// Numbers by value, letters without case.
    private static func precedes(_ a: String, _ b: String) -> Bool {
        switch a.compare(b, options: [.numeric, .caseInsensitive]) {
        case .orderedAscending: true
        case .orderedDescending: false
        case .orderedSame: a < b
        }
    }
}

extension FolderPath {
    /// Whether a name is a folder inside a folder; links that lead out of it are not.
    static func isFolder(_ name: String, in folder: URL) -> Bool {
        let target = folder.appending(path: name).resolvingSymlinksInPath().path
        var root = folder.resolvingSymlinksInPath().path
        if !root.hasSuffix("/") { root += "/" }
        var isFolder: ObjCBool = false
        return target.hasPrefix(root)
            && FileManager.default.fileExists(atPath: target, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
