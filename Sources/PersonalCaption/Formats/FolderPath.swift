import Foundation

/// Paths that a file from outside states for its neighbours.
enum FolderPath {
    /// Why a path is not followed.
    enum Failure: Error, Equatable, CustomStringConvertible {
        case empty
        case leavesFolder
        case missing

        var description: String {
            switch self {
            case .empty: "names no file"
            case .leavesFolder: "leads out of the folder"
            case .missing: "does not exist"
            }
        }
    }

    /// The parts of a relative path, `.` left out.
    ///
    /// - Throws: `Failure.leavesFolder` for an absolute path, `..`, a drive letter, or a control
    ///   character.
    static func components(of path: String) throws(Failure) -> [String] {
        let slashed = path.replacing("\\", with: "/")
        let isOdd = slashed.unicodeScalars.contains { $0.properties.generalCategory == .control }
        let parts = slashed.split(separator: "/").map(String.init).filter { $0 != "." }
        guard !isOdd, !slashed.hasPrefix("/"), !parts.contains(".."),
            slashed.wholeMatch(of: /[A-Za-z]:.*/) == nil
        else { throw .leavesFolder }
        guard !parts.isEmpty else { throw .empty }
        return parts
    }

    /// The existing regular file at a relative path inside a folder.
    ///
    /// - Throws: `Failure`; links that lead out of the folder are refused too.
    static func file(_ parts: some Sequence<String>, in folder: URL) throws(Failure) -> URL {
        var url = folder
        for part in parts { url = url.appending(path: part) }
        let target = url.resolvingSymlinksInPath().path
        var root = folder.resolvingSymlinksInPath().path
        if !root.hasSuffix("/") { root += "/" }
        guard target.hasPrefix(root) else { throw .leavesFolder }
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        guard attributes?[.type] as? FileAttributeType == .typeRegular else { throw .missing }
        return url
    }

    /// The regular file below a folder; leading parts that lead to the folder itself are skipped,
    /// since published paths start at a working directory above it.
    ///
    /// - Throws: `Failure`, at once for a path that leads out of the folder.
    static func find(_ parts: [String], in folder: URL) throws(Failure) -> URL {
        for start in parts.indices {
            do throws(Failure) {
                return try file(parts[start...], in: folder)
            } catch {
                if error == .leavesFolder { throw error }
            }
        }
        throw .missing
    }
}
