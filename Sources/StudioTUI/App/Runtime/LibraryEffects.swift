import ConceptDB

/// Reads the library for the app and changes it.
enum LibraryEffects {
    /// Rows in the first answer, so that the first paint does not wait for ten thousand.
    static let firstPage = 500

    static func open(_ context: EffectContext) {
        context.write {
            do {
                let store = try context.library()
                let first = try snapshot(store, limit: firstPage)
                context.post(.library(.loaded(first)))
                if first.isPartial {
                    context.post(.library(.loaded(try snapshot(store, limit: nil))))
                }
            } catch {
                context.post(.library(.failed(EffectContext.sentence(error))))
            }
        }
    }

    static func reload(_ context: EffectContext) {
        context.write {
            context.post(.library(.loaded(try snapshot(try context.library(), limit: nil))))
        }
    }

    static func edit(
        _ edit: LibraryEdit, _ purpose: EditPurpose, _ context: EffectContext,
        _ models: CaptionService
    ) {
        context.write {
            do {
                let outcome = try LibraryEditor.perform(edit, in: try context.library())
                context.post(.library(.edited(outcome, purpose)))
                if edit.changesCovers, let concept = outcome.focus { models.prepare([concept]) }
            } catch {
                context.post(.library(.editFailed(EffectContext.sentence(error))))
            }
        }
    }

    static func snapshot(_ store: ConceptStore, limit: Int?) throws -> LibrarySnapshot {
        let page = try store.concepts(ConceptQuery(order: .name, limit: limit))
        let trash = try store.concepts(ConceptQuery(inTrash: true))
        return LibrarySnapshot(
            concepts: page.concepts, trash: trash.concepts, tags: try store.tags(),
            categories: try store.categories(), models: try store.models(),
            isPartial: page.concepts.count < page.total)
    }
}
