import Foundation
import ImageCodecs
import TerminalUI

struct KeySequence: Sendable, Hashable {
    let keys: [Key]
    init(_ keys: [Key]) { self.keys = keys }
    init?(parsing text: String) {
        keys = text.split(separator: " ").map { Key.character($0.first ?? " ") }
    }
    var display: String { "" }
    var asciiDisplay: String { "" }
}
enum FuzzyMatcher {
    static func ranked(_ texts: [String], query: String) -> [(index: Int, positions: [Int])] { [] }
}
struct Settings: Sendable, Equatable {
    var theme = "auto"
    var confirmQuit = true
    var whichKeyDelay = 300
    var usesASCII = false
    var startScreen = "concepts"
    var loadsModelAtStart = false
    var imageProtocol = "auto"
}
struct ConfigurationStore: Sendable {
    let places: AppPlaces
    func read() -> AppAction { .none }
    func load(_ context: EffectContext) {}
    func save(_ key: String, _ value: String?, _ context: EffectContext) {}
    func file(_ file: ConfigurationFile, _ keymap: Keymap) throws -> URL {
        places.home.configuration
    }
}
enum PathCompletion {
    static func candidates(for typed: String, in folder: String, onlyPictures: Bool) -> [String] {
        []
    }
}
enum PictureSource: Sendable, Hashable {
    case stored(sha256: String, file: URL)
    case file(URL, modified: Int64, bytes: Int64)
}
enum PictureQuality: Sendable, Hashable { case moving, still }
struct PictureMark: Sendable, Hashable {}
struct PictureRequest: Sendable, Hashable {
    var source: PictureSource
    var box = Size(columns: 0, rows: 0)
    var marks: [PictureMark] = []
    var priority = 1
}
struct RenderedPicture: Sendable {
    enum Content: Sendable { case overlay([[UInt8]]), cells([[Cell]]) }
    var columns: Int
    var rows: Int
    var content: Content
}
enum PictureAnswer: Sendable {
    case ready(RenderedPicture, key: String)
    case waiting(isLong: Bool)
    case failed(String)
}
