import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI

/// The form of a new run: everything is filled in, Enter is enough.
enum TrainForm {
    /// What the user put in.
    struct Values: Sendable, Equatable {
        var concepts: [String]
        var recipe = TrainingRecipe.repic
        var algorithm = LossReduction.grpo
        var minutes = 10
        var name = ""
        /// Further options of `studio train`, as NAME=VALUE.
        var options = ""
    }

    static let minutes = [1, 2, 5, 10, 20, 30, 60, 120, 240]

    /// The concepts somebody most likely means: those picked on Concepts, those in the query, the
    /// one under the cursor.
    static func likely(_ state: AppState) -> [String] {
        let limit = CaptionPrompt.maximumConcepts
        let picked = state.library.concepts.filter { state.concepts.marks.contains($0.id) }
        let asked = state.ask.slots.filter { $0.problem == nil }.map(\.name)
        let near = state.conceptUnderCursor.map { [$0] } ?? []
        let usable = { (concepts: [Concept]) in
            concepts.filter { $0.coverImage != nil }.prefix(limit).map(\.name)
        }
        let choices = [usable(picked), asked, usable(near), usable(state.library.concepts)]
        return choices.first { !$0.isEmpty } ?? []
    }

    static func form(_ state: AppState) -> FormOverlay {
        var values = state.train.form ?? Values(concepts: [])
        // A choice made elsewhere since the last time counts more than what was typed then.
        if values.concepts.isEmpty || !state.concepts.marks.isEmpty || !state.ask.slots.isEmpty {
            values.concepts = likely(state)
        }
        return FormOverlay(
            title: "Train", intro: "Teaches the model to recognise and name your concepts.",
            submitWord: "estimate",
            fields: [
                FormField(
                    key: "concepts", label: "Concepts", kind: .text,
                    placeholder: "Milo, Luna",
                    help: "One to four names, separated by commas. Those picked on Concepts or in "
                        + "the query are filled in.",
                    value: values.concepts.joined(separator: ", ")),
                FormField(
                    key: "minutes", label: "Minutes",
                    kind: .choice(minutes.map(String.init)),
                    help: "How long it may take; decides the number of updates.",
                    value: "\(values.minutes)"),
                FormField(
                    key: "recipe", label: "Recipe",
                    kind: .choice(TrainingRecipe.allCases.map(\.rawValue)),
                    help: "repic rewards right answers, boxes and names; sft learns from plain "
                        + "descriptions; caprl rewards captions that answer questions.",
                    value: values.recipe.rawValue),
                FormField(
                    key: "algorithm", label: "Algorithm",
                    kind: .choice(LossReduction.allCases.map(\.rawValue)),
                    help: "How answers of a group are weighed against each other; sft has none.",
                    value: values.algorithm.rawValue),
                FormField(
                    key: "name", label: "Name", kind: .text,
                    placeholder: "the concepts and a number",
                    help: "What the run and its adapter are called.", value: values.name),
                FormField(
                    key: "options", label: "Options", kind: .text, placeholder: "rank=8",
                    help: "NAME=VALUE of studio train: \(TrainOptions.names).",
                    value: values.options),
            ],
            check: { values, state in problem(read(values), state) },
            submit: { .train(.plan(read($0))) })
    }

    static func read(_ values: FormValues) -> Values {
        let names = (values["concepts"] ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        return Values(
            concepts: names.filter { !$0.isEmpty },
            recipe: values["recipe"].flatMap(TrainingRecipe.init) ?? .repic,
            algorithm: values["algorithm"].flatMap(LossReduction.init) ?? .grpo,
            minutes: values["minutes"].flatMap(Int.init) ?? 10,
            name: (values["name"] ?? "").trimmingCharacters(in: .whitespaces),
            options: values["options"] ?? "")
    }

    /// What is wrong with the values, as far as it can be told without the disk.
    static func problem(_ values: Values, _ state: AppState) -> String? {
        let limit = CaptionPrompt.maximumConcepts
        guard (1...limit).contains(values.concepts.count) else {
            return "name one to \(limit) concepts, separated by commas"
        }
        for name in values.concepts {
            let wanted = name.nameKey
            guard let concept = state.library.concepts.first(where: { $0.name.nameKey == wanted })
            else { return "there is no concept \(TerminalText.sanitized(name))" }
            if concept.coverImage == nil {
                return "\(TerminalText.sanitized(concept.name)) has no picture to learn from"
            }
        }
        do throws(CaptionPromptError) {
            try CaptionPrompt.check(values.concepts)
        } catch {
            return error.description
        }
        if !values.name.isEmpty {
            do throws(RunError) {
                let folder = try RunFolder(name: values.name, in: state.places.home.runs)
                if state.train.runs.contains(where: { $0.name == folder.name }) {
                    return "there is a run '\(folder.name)' already"
                }
            } catch {
                return error.description
            }
        }
        var wish = TrainingWish()
        return TrainOptions.apply(values.options, to: &wish)
    }

    static func wish(_ values: Values, _ state: AppState) -> TrainingWish {
        var wish = TrainingWish(
            concepts: values.concepts, recipe: values.recipe,
            algorithm: values.recipe == .sft ? nil : values.algorithm,
            name: values.name.isEmpty ? nil : values.name, model: state.ask.modelWish)
        _ = TrainOptions.apply(values.options, to: &wish)
        return wish
    }
}
