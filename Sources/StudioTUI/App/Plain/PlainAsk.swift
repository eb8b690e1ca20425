import ConceptDB
import Foundation
import PersonalCaption
import VLMRuntime

/// The main job in plain mode: a picture, up to four concepts, a question, a caption.
struct PlainAsk {
    let studio: PlainStudio

    private var dialogue: PlainDialogue { studio.dialogue }

    func run() throws(PlainLeave) {
        while let picture = try choosePicture() {
            guard var concepts = try chooseConcepts(picture) else { continue }
            guard var question = try chooseQuestion() else { continue }
            try caption(picture, concepts, question.text)
            repeating: while true {
                let choice = try dialogue.choose(
                    "What next?",
                    [
                        ("Again", "the same question once more"),
                        ("Other concepts", "the same picture with other concepts"),
                        ("Question", "the same picture with another question"),
                        ("Picture", "another picture"),
                    ])
                switch choice {
                case 0: break
                case 1:
                    guard let others = try chooseConcepts(picture) else { continue repeating }
                    concepts = others
                case 2:
                    guard let other = try chooseQuestion() else { continue repeating }
                    question = other
                case 3: break repeating
                default: return
                }
                try caption(picture, concepts, question.text)
            }
        }
    }

    // MARK: - The query

    private func choosePicture() throws(PlainLeave) -> URL? {
        let samples = samplePictures()
        let hint = samples.isEmpty ? "" : ", or s for the samples"
        while true {
            let answer = try dialogue.ask(
                "Picture, a path\(hint)",
                help: "The picture to caption: a PNG, JPEG or WebP file. ~ is your home folder."
                    + (samples.isEmpty ? "" : " s lists the sample pictures."))
            guard let answer else { return nil }
            if answer.lowercased() == "s", !samples.isEmpty {
                if let sample = try chooseSample(samples) { return sample }
                continue
            }
            let file = studio.file(answer)
            guard FileManager.default.fileExists(atPath: file.path) else {
                dialogue.say("There is no file \(file.path).")
                continue
            }
            return file
        }
    }

    private func samplePictures() -> [SampleQuery] {
        guard let samples = studio.places.samples else { return [] }
        return (try? SampleSet.read(folder: samples.directory))?.queries ?? []
    }

    private func chooseSample(_ samples: [SampleQuery]) throws(PlainLeave) -> URL? {
        dialogue.say("\(samples.count) sample pictures, and who is in them:")
        for (index, sample) in samples.enumerated() {
            let names = sample.truth.isEmpty ? "nobody" : sample.truth.joined(separator: ", ")
            dialogue.say("\(index + 1). \(names)")
        }
        return try dialogue.ask(
            "Number of the picture", help: "One of the numbers above."
        ) { answer in
            if let number = Int(answer), samples.indices.contains(number - 1) {
                return samples[number - 1].file
            }
            dialogue.say("Type a number from 1 to \(samples.count).")
            return nil
        }
    }

    /// Up to four concepts; `nil` to go back.
    private func chooseConcepts(_ picture: URL) throws(PlainLeave) -> [Concept]? {
        let found = try dialogue.attempt { try studio.store().concepts().concepts }
        guard let all = found else { return nil }
        guard !all.isEmpty else {
            dialogue.say("There are no concepts, so the picture is captioned without names.")
            return []
        }
        let limit = CaptionPrompt.maximumConcepts
        if all.count <= PlainConcepts.page { list(all) }
        while true {
            var wantsSearch = false
            let chosen: [Concept]? = try dialogue.ask(
                "Concepts, up to \(limit) numbers or names with commas, - for none, l lists, "
                    + "w looks who is there",
                help: "Those who may be in the picture. For example: 1, 3 or the names themselves. "
                    + "l lists all concepts with their numbers. w looks for all of them in the "
                    + "picture."
            ) { answer in
                if answer == "-" { return [] }
                if answer.lowercased() == "l" {
                    list(all)
                    return nil
                }
                if answer.lowercased() == "w", !all.contains(where: { $0.name.lowercased() == "w" })
                {
                    wantsSearch = true
                    return []
                }
                return read(answer, all, limit)
            }
            guard wantsSearch else { return chosen }
            if let found = try search(picture, all) { return found }
        }
    }

    /// Looks who is in the picture and asks whether to take them; `nil` to choose again.
    private func search(_ picture: URL, _ all: [Concept]) throws(PlainLeave) -> [Concept]? {
        let job = SuggestJob(
            image: picture, identity: picture.path, limit: CaptionPrompt.maximumConcepts,
            keyValues: studio.settings.keyValues)
        dialogue.say("Looking for people and things you know.")
        let found = try studio.interruptible { flag in
            try studio.models.suggest(job, cancellation: flag) { _, _ in }
        }
        guard let found else { return nil }
        guard !found.isNobody else {
            dialogue.say("Nobody you know is in this picture.")
            return nil
        }
        for one in found.open { dialogue.say("\(one.name): \(one.percent). \(one.reason).") }
        let choice = try dialogue.choose(
            "Take them?",
            [("Take", "these into the question"), ("Choose", "the concepts yourself")])
        guard choice == 0 else { return nil }
        let ids = found.open.map(\.id)
        return ids.compactMap { id in all.first { $0.id == id } }
    }

    private func list(_ concepts: [Concept]) {
        for (index, concept) in concepts.enumerated() {
            dialogue.say("\(index + 1). \(PlainConcepts.line(concept))")
        }
    }

    /// Reads numbers and names; says what is wrong.
    private func read(_ answer: String, _ all: [Concept], _ limit: Int) -> [Concept]? {
        var chosen: [Concept] = []
        for word in answer.split(separator: ",") {
            let wish = word.trimmingCharacters(in: .whitespaces)
            guard !wish.isEmpty else { continue }
            if let named = all.first(where: { $0.name.lowercased() == wish.lowercased() }) {
                chosen.append(named)
            } else if let number = Int(wish), all.indices.contains(number - 1) {
                chosen.append(all[number - 1])
            } else {
                let near = CommandSuggestion.nearest(to: wish, among: all.map(\.name))
                let hint = near.map { " Did you mean \($0)?" } ?? " l lists all."
                dialogue.say("There is no concept \(wish).\(hint)")
                return nil
            }
        }
        var seen: Set<Int64> = []
        chosen = chosen.filter { seen.insert($0.id).inserted }
        guard chosen.count <= limit else {
            dialogue.say("These are \(chosen.count); at most \(limit) go along with a picture.")
            return nil
        }
        return chosen
    }

    /// The wrapped `nil` stands for the usual question; `nil` goes back.
    private func chooseQuestion() throws(PlainLeave) -> (text: String?, Void)? {
        let answer = try dialogue.ask(
            "Question, - for the usual one",
            help: "What to ask about the picture; {name} stands for the names of the concepts.")
        guard let answer else { return nil }
        return (answer == "-" ? studio.settings.question : answer, ())
    }

    // MARK: - The caption

    private func caption(
        _ picture: URL, _ concepts: [Concept], _ question: String?
    ) throws(PlainLeave) {
        let settings = studio.settings
        let job = CaptionJob(
            number: 1, image: picture, concepts: concepts.map(\.id), question: question,
            options: CaptionOptions(
                temperature: settings.temperature.map(Float.init), topK: settings.topK,
                topP: settings.topP.map(Float.init),
                repetitionPenalty: settings.repetitionPenalty.map(Float.init),
                maxNewTokens: settings.maximumTokens, seed: settings.seed ?? 0),
            drawsSeed: settings.seed == nil, keyValues: settings.keyValues,
            engines: settings.engineWish, isSaved: settings.keepsHistory)
        let teller = PlainTeller(dialogue)
        let answer = try studio.interruptible { flag in
            try studio.models.caption(job, cancellation: flag) { teller.tell($0) }
        }
        teller.finish()
        if let answer { say(answer) }
    }

    private func say(_ answer: CaptionAnswer) {
        let record = answer.record
        func names(_ title: String, _ names: [String]) -> String? {
            names.isEmpty ? nil : "\(title): \(names.joined(separator: ", "))."
        }
        let report = [
            names("Named", record.named), names("Not named", record.unnamed),
            names("Wrongly named", record.absent),
        ].compactMap { $0 }
        if !report.isEmpty { dialogue.say(report.joined(separator: " ")) }
        if record.finishReason == .cancelled {
            return dialogue.say("Stopped; this caption is not kept.")
        }
        let time = TextForm.seconds(record.timings.total)
        let place = answer.saved.map { " It is caption \($0.id) of the history." } ?? ""
        dialogue.say("It took \(time).\(place)")
    }
}
