import ConceptDB
import Foundation
import TerminalUI
import Testing

@testable import StudioTUI

/// The app's state over a made-up library: keys go in, state and rows of text come out.
struct ConceptsFixture {
    var state: AppState
    /// What the last keys wanted done.
    var effects: [Effect] = []

    /// A Wednesday, so that weekdays and dates of the concepts are known.
    static let today = Timestamp(milliseconds: 1_780_491_600_000)

    init(_ concepts: [Concept], trash: [Concept] = [], columns: Int = 120, rows: Int = 36) {
        let places = AppPlaces(
            home: StudioHome(directory: URL(fileURLWithPath: "/nowhere")), samples: nil,
            workingFolder: "/nowhere", environment: ["HOME": "/nowhere"])
        state = AppState(places: places, now: .now)
        state.date = Self.today
        state.terminal.size = Size(columns: columns, rows: rows)
        load(concepts, trash: trash)
    }

    /// A library of these names, in alphabetical order.
    init(names: [String], columns: Int = 120, rows: Int = 36) {
        self.init(
            names.enumerated().map { Self.concept(Int64($0 + 1), $1) }, columns: columns, rows: rows
        )
    }

    static func concept(
        _ id: Int64, _ name: String, category: String = "", info: String = "", tags: [String] = [],
        pictures: Int = 1, daysAgo: Double = 0
    ) -> Concept {
        let images = (0..<Int64(pictures)).map { index in
            ReferenceImage(
                id: id * 100 + index, path: "images/ab/\(id)-\(index).png", width: 400, height: 300,
                sha256: "sha-\(id)-\(index)")
        }
        let moment = Timestamp(milliseconds: today.milliseconds - Int64(daysAgo * 86_400_000))
        return Concept(
            id: id, name: name, category: category, info: info, tags: tags, images: images,
            cover: images.first?.id, createdAt: moment, updatedAt: moment)
    }

    /// The library has these rows now.
    mutating func load(_ concepts: [Concept], trash: [Concept] = []) {
        func counts(_ words: [String]) -> [NamedCount] {
            Dictionary(grouping: words, by: { $0 }).map { NamedCount.make($0, $1.count) }
                .sorted { $0.name < $1.name }
        }
        let snapshot = LibrarySnapshot(
            concepts: concepts, trash: trash, tags: counts(concepts.flatMap(\.tags)),
            categories: counts(concepts.map(\.category).filter { !$0.isEmpty }), models: [])
        dispatch(.library(.loaded(snapshot)))
    }

    mutating func dispatch(_ action: AppAction) {
        effects = Reducer.reduce(&state, action)
    }

    /// Presses keys one after the other, written as in a keymap.
    mutating func press(_ keys: String...) throws {
        effects = []
        for text in keys {
            for key in try KeySequence(parsing: text).keys {
                effects += Reducer.reduce(&state, .input(.key(key)))
            }
        }
    }

    mutating func type(_ text: String) {
        for character in text {
            effects = Reducer.reduce(&state, .input(.key(.character(character))))
        }
    }

    /// The names in the list, in order.
    var listed: [String] {
        (0..<state.concepts.listing.count).compactMap {
            state.concepts.listing.concept(at: $0, in: state.library)?.name
        }
    }

    /// The name under the cursor.
    var current: String? { state.conceptUnderCursor?.name }

    var picked: Set<Int64> { state.concepts.marks.ids }

    /// The library edits that the last keys wanted.
    var edits: [LibraryEdit] {
        effects.compactMap {
            if case .edit(let edit, .user) = $0 { return edit }
            return nil
        }
    }

    var scene: Scene { AppView.draw(state, pictures: NoPictures()) }

    /// The screen as text, row by row.
    var rows: [String] {
        let scene = scene
        return (0..<scene.frame.size.rows).map { scene.frame.text(row: $0) }
    }

    var screen: String { rows.joined(separator: "\n") }
}

extension NamedCount {
    /// The library makes these; here they are read from their JSON form.
    static func make(_ name: String, _ count: Int) -> NamedCount {
        let value = JSONValue.object(["name": .string(name), "count": .integer(Int64(count))])
        do {
            return try value.decoded(as: NamedCount.self)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
