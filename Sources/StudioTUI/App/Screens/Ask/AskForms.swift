import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI

/// The lists and forms of the screen Ask.
enum AskForms {
    static func picture(_ path: String) -> FormOverlay {
        FormOverlay(
            title: "Picture to caption",
            intro: "PNG, JPEG or WebP. Pasting a path works everywhere on this screen.",
            submitWord: "open",
            fields: [
                FormField(
                    key: "path", label: "File", kind: .path(foldersOnly: false),
                    placeholder: "~/Pictures/holiday.jpg",
                    help: "Tab completes the path.", value: path)
            ],
            check: { values, _ in
                (values["path"] ?? "").allSatisfy(\.isWhitespace) ? "type the path of a file" : nil
            },
            submit: { .ask(.readPicture(path: $0["path"] ?? "")) })
    }

    /// The sample pictures, after those that were used in this session.
    static func samples(_ files: [URL], _ state: AppState) -> ListOverlay {
        var known: Set<String> = []
        let recent = state.ask.captions.reversed().map(\.picture).filter {
            known.insert($0.identity).inserted
        }
        let items =
            recent.map { picture in
                ListItem(
                    text: picture.title, note: "used before", help: picture.name,
                    action: .ask(.pictureRead(picture, concepts: nil)))
            }
            + files.map { file in
                ListItem(
                    text: file.lastPathComponent, note: "sample",
                    help: "A picture that comes with the studio.",
                    action: .ask(.readPicture(path: quoted(file.path))))
            }
        return ListOverlay(
            title: "Sample and recent pictures", prompt: "type to find a picture", items: items)
    }

    /// A path that the shell rules of the form read as it is.
    private static func quoted(_ path: String) -> String {
        "'" + path.replacing("'", with: "'\\''") + "'"
    }

    static func concepts(_ slot: Int, _ state: AppState) -> ListOverlay {
        let taken = slot < state.ask.slots.count ? state.ask.slots[slot] : nil
        let items = state.library.concepts.map { concept in
            let refusal = AskQuery.refusal(of: concept.id, in: slot, state)
            return ListItem(
                text: concept.name, note: concept.category, help: concept.info,
                availability: refusal.map { .refused($0) } ?? .ready,
                action: .ask(.setSlot(slot, concept: concept.id)))
        }
        let title = taken.map { "Concept in place of \($0.name)" } ?? "Concept \(slot + 1)"
        return ListOverlay(
            title: TerminalText.sanitized(title), prompt: "type to find a concept", items: items)
    }

    /// The usual question, those of RePIC's evaluation, and the user's own, the latest first.
    static func questions(_ state: AppState) -> ListOverlay {
        let count = state.ask.slots.count
        let pool =
            count > 1
            ? CaptionQuestions.multiple
            : count == 1 ? CaptionQuestions.single : plainQuestions
        let named = count > 0 ? namingQuestions : []
        let usual = ListItem(
            text: AskQuery.usualQuestion(state), note: "usual",
            help: "What is asked when the field is empty.", action: .ask(.setQuestion("")))
        let presets = (pool + named).map { question in
            ListItem(
                text: question, note: "preset",
                help: question.contains("{name}")
                    ? "{name} becomes \(tags(state))." : "A question models were trained with.",
                action: .ask(.setQuestion(question)))
        }
        let known = Set(pool + named + [AskQuery.usualQuestion(state)])
        let own = state.ask.earlierQuestions.filter { !known.contains($0) }
        let earlier = own.map { question in
            ListItem(
                text: question, note: "earlier", help: "Asked before.",
                action: .ask(.setQuestion(question)))
        }
        return ListOverlay(
            title: "Questions", prompt: "type to find a question",
            items: [usual] + presets + earlier)
    }

    private static let plainQuestions = [
        "Describe this image in detail.", "Give a caption of the image.",
        "Provide a caption of the given image.",
    ]

    private static let namingQuestions = [
        "Give a caption of this image about {name}.",
        "Describe where {name} can be seen in this image.",
    ]

    private static func tags(_ state: AppState) -> String {
        CaptionQuestions.filling("{name}", names: AskQuery.names(state))
    }

    static func models(_ state: AppState) -> ListOverlay {
        let inUse = ListItem(
            text: "the model in use", note: state.ask.modelWish == nil ? "chosen" : "",
            help: "Settings decides which one that is.", action: .ask(.setModel(nil)))
        let registered = state.library.models.map { model in
            ListItem(
                text: model.name,
                note: state.ask.modelWish == model.name ? "chosen" : model.family,
                help: model.path, action: .ask(.setModel(model.name)))
        }
        let embedded =
            state.places.samples == nil
            ? []
            : [
                ListItem(
                    text: Samples.modelName,
                    note: state.ask.modelWish == Samples.modelName ? "chosen" : "embedded",
                    help: "The small model that comes with the studio.",
                    action: .ask(.setModel(Samples.modelName)))
            ]
        return ListOverlay(
            title: "Model for this query", prompt: "type to find a model",
            items: [inUse] + registered + embedded)
    }
}

extension AskForms {
    static func adapters(_ adapters: [AskAdapter], _ state: AppState) -> ListOverlay {
        let chosen = state.ask.adapterWish
        let none = ListItem(
            text: "no adapter", note: chosen == nil ? "chosen" : "",
            help: "The model as it came.", action: .ask(.setAdapter(nil)))
        let items = adapters.map { adapter in
            ListItem(
                text: adapter.name, note: chosen == adapter.name ? "chosen" : adapter.model,
                help: adapter.concepts.isEmpty
                    ? "" : "Trained on \(adapter.concepts.joined(separator: ", ")).",
                availability: adapter.fits
                    ? .ready : .refused("it was made for the model \(adapter.model)"),
                action: .ask(.setAdapter(adapter.name)))
        }
        return ListOverlay(
            title: "Adapter for this query", prompt: "type to find an adapter",
            items: [none] + items)
    }
}

/// The form of the sampling settings, checked by the rules of the settings file.
extension AskForms {
    static func sampling(_ state: AppState) -> FormOverlay {
        let own = state.ask.sampling
        let profile = state.ask.model?.profile ?? .mini
        let settings = state.settings
        func hint(_ set: String?, _ model: String) -> String {
            set.map { "\($0), from the settings" } ?? model
        }
        return FormOverlay(
            title: "Sampling of this query", intro: "An empty field leaves it to the settings.",
            submitWord: "use",
            fields: [
                field(
                    "temperature", "Temperature", own.temperature.map(number),
                    hint(settings.temperature.map(number), "0, greedy")),
                field(
                    "top_p", "Top-p", own.topP.map(number),
                    hint(settings.topP.map(number), "1, off")),
                field(
                    "top_k", "Top-k", own.topK.map(String.init),
                    hint(settings.topK.map(String.init), "0, off")),
                field(
                    "repetition_penalty", "Repetition penalty",
                    own.repetitionPenalty.map(number),
                    hint(
                        settings.repetitionPenalty.map(number),
                        "\(number(AskSampling.readable(profile.repetitionPenalty))), of the model")),
                field(
                    "max_tokens", "Longest, in tokens", own.maximumTokens.map(String.init),
                    hint(
                        settings.maximumTokens.map(String.init),
                        "\(profile.maxNewTokens), of the model")),
                field(
                    "seed", "Seed", own.seed.map(String.init),
                    hint(settings.seed.map(String.init), "a new one each time")),
            ],
            check: { values, _ in problem(in: values) },
            submit: { .ask(.setSampling(sampling(from: $0))) })
    }

    private static func field(
        _ key: String, _ label: String, _ value: String?, _ placeholder: String
    ) -> FormField {
        FormField(
            key: key, label: label, kind: .text, placeholder: placeholder,
            help: SettingCatalogue["caption.\(key)"]?.explanation ?? "", value: value ?? "")
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : "\(value)"
    }

    /// The values as the settings would read them, without those that are empty.
    private static func read(
        _ values: FormValues
    ) throws(SettingMistake) -> [String: SettingValue] {
        var read: [String: SettingValue] = [:]
        for (key, text) in values {
            let trimmed = text.trimmingCharacters(in: .whitespaces)
            guard !trimmed.isEmpty, let option = SettingCatalogue["caption.\(key)"] else {
                continue
            }
            read[key] = try option.value(of: trimmed)
        }
        return read
    }

    static func problem(in values: FormValues) -> String? {
        do throws(SettingMistake) {
            _ = try read(values)
            return nil
        } catch {
            return error.description
        }
    }

    static func sampling(from values: FormValues) -> AskSampling {
        let read = (try? read(values)) ?? [:]
        func number(_ key: String) -> Double? {
            if case .number(let value)? = read[key] { return value }
            return nil
        }
        func integer(_ key: String) -> Int? {
            if case .integer(let value)? = read[key] { return value }
            return nil
        }
        return AskSampling(
            temperature: number("temperature"), topP: number("top_p"), topK: integer("top_k"),
            repetitionPenalty: number("repetition_penalty"),
            maximumTokens: integer("max_tokens"), seed: integer("seed").map { UInt64($0) })
    }
}
