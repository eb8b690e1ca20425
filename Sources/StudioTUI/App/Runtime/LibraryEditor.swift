import ConceptDB

/// Performs one edit and says what takes it back.
enum LibraryEditor {
    static func perform(_ edit: LibraryEdit, in store: ConceptStore) throws -> LibraryOutcome {
        switch edit {
        case .add(let new, let images): return try add(new, images, store)
        case .edit(let patches): return try patch(patches, store)
        case .rename(let id, let name):
            let change = try store.rename(id, to: name)
            return LibraryOutcome(
                summary: "renamed \(change.before.name) to \(change.after.name)",
                inverse: .rename(id: id, name: change.before.name), focus: id)
        case .trash(let ids):
            let removed = try store.remove(ids)
            return LibraryOutcome(
                summary: "moved \(named(removed)) to the trash",
                inverse: .restore(removed.map(\.id)))
        case .restore(let ids):
            let restored = try store.restore(ids)
            return LibraryOutcome(
                summary: "restored \(named(restored))", inverse: .trash(restored.map(\.id)),
                focus: restored.first?.id)
        case .restoreAs(let id, let name):
            let restored = try store.restore(id, as: name)
            return LibraryOutcome(
                summary: "restored as \(restored.name)", inverse: .trash([id]), focus: id)
        case .purge(let ids):
            let report = try store.purge(ids)
            return LibraryOutcome(
                summary: "deleted \(TextForm.count(report.concepts, "concept")) for good",
                inverse: nil)
        case .addImages(let id, let images):
            let addition = try store.addImages(images, to: id)
            var outcome = LibraryOutcome(
                summary: "added \(TextForm.count(addition.added.count, "picture")) to "
                    + addition.concept.name,
                inverse: addition.added.isEmpty
                    ? nil : .removeImages(id: id, addition.added.map(\.id)),
                focus: id)
            if !addition.alreadyPresent.isEmpty {
                outcome.note =
                    "\(TextForm.count(addition.alreadyPresent.count, "picture was", "pictures were"))"
                    + " there already"
            }
            return outcome
        case .removeImages(let id, let images):
            let removals = try images.map { try store.removeImage($0, of: id) }
            return LibraryOutcome(
                summary: "removed \(TextForm.count(removals.count, "picture"))",
                inverse: .restoreImages(removals.reversed()), focus: id)
        case .restoreImages(let removals):
            let last = try removals.map { try store.restoreImage($0) }.last
            return LibraryOutcome(
                summary: "put back \(TextForm.count(removals.count, "picture"))",
                inverse: last.map { .removeImages(id: $0.id, removals.map(\.image.id)) },
                focus: last?.id)
        case .setCover(let id, let image):
            let change = try store.setCover(image, of: id)
            return LibraryOutcome(
                summary: "changed the cover of \(change.after.name)",
                inverse: change.before.cover.map { .setCover(id: id, image: $0) }, focus: id)
        case .addCrop(let id, let image, let makesCover):
            return try addCrop(id, image, makesCover, store)
        case .series(let edits, let title): return try series(edits, title, store)
        case .trashCaptions(let ids):
            let removed = try store.removeCaptions(ids)
            return LibraryOutcome(
                summary: "removed \(TextForm.count(removed.count, "caption"))",
                inverse: .restoreCaptions(removed.map(\.id)))
        case .restoreCaptions(let ids):
            let restored = try store.restoreCaptions(ids)
            return LibraryOutcome(
                summary: "put back \(TextForm.count(restored.count, "caption"))",
                inverse: .trashCaptions(restored.map(\.id)))
        }
    }

    private static func add(
        _ new: NewConcept, _ images: [ImageSource], _ store: ConceptStore
    ) throws -> LibraryOutcome {
        let concept = try store.add(new, images: images)
        return LibraryOutcome(
            summary:
                "added \(concept.name) with \(TextForm.count(concept.images.count, "picture"))",
            inverse: .trash([concept.id]), focus: concept.id)
    }

    private static func addCrop(
        _ id: Int64, _ image: ImageSource, _ makesCover: Bool, _ store: ConceptStore
    ) throws -> LibraryOutcome {
        let before = try store.concept(id: id)
        let addition = try store.addImages([image], to: id)
        guard let new = addition.added.first else {
            throw StudioFailure(.failed, "\(before.name) has exactly this picture already")
        }
        guard makesCover, before.cover != new.id else {
            return LibraryOutcome(
                summary: "added the crop to \(before.name)",
                inverse: .removeImages(id: id, [new.id]), focus: id)
        }
        _ = try store.setCover(new.id, of: id)
        let title = "added the crop as cover of \(before.name)"
        let removal = LibraryEdit.removeImages(id: id, [new.id])
        let inverse = before.cover.map {
            LibraryEdit.series([.setCover(id: id, image: $0), removal], title: title)
        }
        return LibraryOutcome(summary: title, inverse: inverse ?? removal, focus: id)
    }

    /// Makes one step of several; what was done before one of them fails is taken back.
    private static func series(
        _ edits: [LibraryEdit], _ title: String, _ store: ConceptStore
    ) throws -> LibraryOutcome {
        var done: [LibraryOutcome] = []
        do {
            for edit in edits { done.append(try perform(edit, in: store)) }
        } catch {
            for outcome in done.reversed() {
                if let inverse = outcome.inverse { _ = try perform(inverse, in: store) }
            }
            throw error
        }
        let inverses = done.reversed().compactMap(\.inverse)
        return LibraryOutcome(
            summary: title,
            inverse: inverses.isEmpty ? nil : .series(inverses, title: title),
            focus: done.last?.focus)
    }

    private static func patch(
        _ patches: [ConceptPatch], _ store: ConceptStore
    ) throws -> LibraryOutcome {
        let changes = try store.edit(patches.map { ($0.id, $0.edit) })
        return LibraryOutcome(
            summary: "changed \(named(changes.map(\.after)))",
            inverse: .edit(
                changes.reversed().map {
                    ConceptPatch(id: $0.before.id, edit: ConceptEdit(restoring: $0.before))
                }),
            focus: changes.count == 1 ? changes.first?.after.id : nil)
    }

    private static func named(_ concepts: [Concept]) -> String {
        guard concepts.count == 1, let only = concepts.first else {
            return TextForm.count(concepts.count, "concept")
        }
        return only.name
    }
}
