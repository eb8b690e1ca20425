import ConceptDB
import Foundation
import PersonalCaption
import Testing

@testable import StudioTUI

/// A library with two concepts and captions that nobody had to compute.
struct SharingFixture {
    let studio: TestStudio
    let store: ConceptStore
    let milo: Concept
    let otto: Concept
    let picture: String

    init() throws {
        let studio = try TestStudio()
        let home = StudioHome(directory: URL(fileURLWithPath: studio.folder.path("home")))
        let store = try ConceptStore(directory: home.library, thumbnails: home.thumbnails)
        picture = try studio.picture("harbour.png", size: 48)
        func add(_ name: String, _ red: UInt8) throws -> Concept {
            let file = try studio.picture("\(red).png", red: red)
            return try store.add(
                NewConcept(name: name), images: [.file(URL(fileURLWithPath: file))])
        }
        (self.studio, self.store) = (studio, store)
        milo = try add("Milo", 10)
        otto = try add("<b>Otto & \"Söhne\"</b>", 90)
    }

    func add(_ text: String, to picture: String? = nil) throws {
        let record = AskFixture.record(text, concepts: [milo.name, otto.name], seed: 7)
        _ = try store.addCaption(
            NewCaption(
                record, image: .file(URL(fileURLWithPath: picture ?? self.picture)),
                concepts: [milo, otto],
                modelFolder: URL(fileURLWithPath: TestStudio.samples + "/mini")))
    }

    /// A file as `caption-folder` writes it, with its pictures.
    func folderCaptions() throws -> String {
        let root = URL(fileURLWithPath: studio.folder.path("album/sub"), isDirectory: true)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        for name in ["album/a.png", "album/sub/b.png"] { _ = try studio.picture(name, size: 40) }
        let lines = [
            FolderCaption(image: "a.png", caption: "old", model: "m", question: "q"),
            FolderCaption(
                image: "sub/b.png", caption: "<Milo> & co.", model: "m", question: "q",
                concepts: ["Milo"], named: ["Milo"]),
            FolderCaption(image: "a.png", caption: "A boat.", model: "m", question: "q"),
            FolderCaption(image: "../out.png", caption: "x", model: "m", question: "q"),
            FolderCaption(image: "c.png", error: "damaged", model: "m", question: "q"),
        ]
        let data = try lines.map { try JSONEncoder().encode($0) + Data("\n".utf8) }
        let file = studio.folder.path("album/captions.jsonl")
        try data.reduce(Data(), +).write(to: URL(fileURLWithPath: file))
        return file
    }

    func text(_ path: String) throws -> String {
        try String(contentsOfFile: studio.folder.path(path), encoding: .utf8)
    }

    func files(_ path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: studio.folder.path(path)).sorted()
    }
}
