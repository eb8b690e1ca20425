import Foundation
import ImageCodecs

/// Why the library could not do what it was asked; nothing has changed when one of these is thrown.
public enum ConceptStoreError: Error, Equatable, CustomStringConvertible {
    /// Another program keeps writing.
    case busy(library: String)
    /// The disk is full.
    case diskFull(folder: String)
    /// The folder or a file in it cannot be written.
    case readOnly(folder: String)
    /// A folder is needed and something else lies there, or it cannot be made.
    case unusableFolder(folder: String, reason: String)
    /// The file is no SQLite database.
    case notADatabase(file: String)
    /// The file is a SQLite database of another program.
    case notALibrary(file: String)
    /// The library was written by a newer program; `found` is its version.
    case newerVersion(library: String, found: String, known: String)
    /// SQLite finds the database damaged.
    case damagedDatabase(library: String, reason: String)
    /// A text that must not be empty is.
    case emptyText(field: String)
    /// A text is longer than its field allows, in characters.
    case textTooLong(field: String, found: Int, allowed: Int)
    /// A text has control characters, line breaks or escape codes.
    case controlCharacters(field: String, text: String)
    /// More tags than a concept may have.
    case tooManyTags(found: Int, allowed: Int)
    /// A living concept has the name, possibly in other case.
    case duplicateName(name: String, existing: String)
    /// The concept in the trash cannot come back under its name.
    case restoreConflict(name: String, existing: String)
    /// No living concept has the name; `nearest` are up to three names that look like it.
    case noSuchConcept(name: String, nearest: [String])
    /// No concept has the number, or it is in the trash.
    case noSuchConceptID(Int64)
    /// No concept in the trash has the number.
    case notInTrash(Int64)
    /// No picture has the number, or it belongs to another concept.
    case noSuchImage(Int64)
    /// No stored picture has the hash.
    case noSuchStoredImage(sha256: String)
    /// No caption has the number.
    case noSuchCaption(Int64)
    /// A model has the name, possibly in other case.
    case duplicateModel(name: String, existing: String)
    /// No model has the name; `nearest` are up to three names that look like it.
    case noSuchModel(name: String, nearest: [String])
    /// A picture could not be used.
    case image(ImageReadError)
    /// An archive could not be read.
    case archive(file: String, reason: String)
    /// A file could not be read or written.
    case file(path: String, reason: String)
    /// The work was stopped by its progress closure.
    case stopped
    /// Something else went wrong inside the database.
    case database(library: String, reason: String)

    /// One sentence for the user, without raw control characters.
    public var description: String {
        switch self {
        case .emptyText, .textTooLong, .controlCharacters, .tooManyTags: textDescription
        case .duplicateName, .restoreConflict, .noSuchConcept, .noSuchConceptID, .notInTrash,
            .noSuchImage, .noSuchStoredImage, .noSuchCaption, .duplicateModel, .noSuchModel:
            lookupDescription
        default: storageDescription
        }
    }

    private var storageDescription: String {
        switch self {
        case .busy(let library):
            "the library \(library.printableWhole) is being written by another program; "
                + "wait for it to finish and try again"
        case .diskFull(let folder):
            "the disk holding \(folder.printableWhole) is full; free some space and try again"
        case .readOnly(let folder):
            "\(folder.printableWhole) cannot be written; check its permissions or choose another folder"
        case .unusableFolder(let folder, let reason):
            "\(folder.printableWhole) cannot be used as a library folder: \(reason.printableWhole)"
        case .notADatabase(let file):
            "\(file.printableWhole) is not a SQLite database; move it away to start a new library"
        case .notALibrary(let file):
            "\(file.printableWhole) is a database of another program; choose another library folder"
        case .newerVersion(let library, let found, let known):
            "the library \(library.printableWhole) has version \(found.printableWhole) and this program "
                + "knows versions up to \(known); install a newer version of the program"
        case .damagedDatabase(let library, let reason):
            "the database of \(library.printableWhole) is damaged (\(reason.printableWhole)); "
                + "run a verification, or bring back a copy"
        case .image(let error): error.description.printableSentence
        case .archive(let file, let reason):
            "\(file.printableWhole) cannot be read as an archive: \(reason.printableWhole)"
        case .file(let path, let reason): "\(path.printableWhole): \(reason.printableWhole)"
        case .stopped: "stopped before the end; what was finished is kept"
        case .database(let library, let reason):
            "the library \(library.printableWhole) could not do this: \(reason.printableWhole)"
        default: ""
        }
    }

    private var textDescription: String {
        switch self {
        case .emptyText(let field): "the \(field) is empty; give it at least one character"
        case .textTooLong(let field, let found, let allowed):
            "the \(field) is too long: \(found) characters found, \(allowed) allowed"
        case .controlCharacters(let field, let text):
            "the \(field) \"\(text.printable)\" has control characters or line breaks; "
                + "leave them out"
        case .tooManyTags(let found, let allowed):
            "too many tags: \(found) found, \(allowed) allowed"
        default: ""
        }
    }

    private var lookupDescription: String {
        switch self {
        case .duplicateName(let name, let existing):
            "the name \"\(name.printable)\" is taken by the concept \"\(existing.printable)\"; "
                + "choose another"
        case .restoreConflict(let name, let existing):
            "\"\(name.printable)\" cannot come back because the concept "
                + "\"\(existing.printable)\" has its name now; restore it under another name"
        case .noSuchConcept(let name, let nearest):
            "there is no concept named \"\(name.printable)\"" + Self.suggestion(nearest)
        case .noSuchConceptID(let id): "there is no concept with the number \(id)"
        case .notInTrash(let id): "there is no concept with the number \(id) in the trash"
        case .noSuchImage(let id): "there is no picture with the number \(id) of this concept"
        case .noSuchStoredImage(let sha256):
            "the library holds no picture with the hash \(sha256.printable)"
        case .noSuchCaption(let id): "there is no caption with the number \(id)"
        case .duplicateModel(let name, let existing):
            "the name \"\(name.printable)\" is taken by the model \"\(existing.printable)\"; "
                + "choose another"
        case .noSuchModel(let name, let nearest):
            "there is no model named \"\(name.printable)\"" + Self.suggestion(nearest)
        default: ""
        }
    }

    private static func suggestion(_ names: [String]) -> String {
        let quoted = names.map { "\"\($0.printable)\"" }
        guard let last = quoted.last else { return "" }
        let others = quoted.dropLast().joined(separator: ", ")
        return "; did you mean " + (others.isEmpty ? last : "\(others) or \(last)") + "?"
    }
}

extension String {
    /// A whole sentence made fit for a terminal: control characters written out, length kept.
    fileprivate var printableSentence: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return unicodeScalars.map { $0.isUnprintable ? "\u{FFFD}" : String($0) }.joined()
    }
}
