import VLMRuntime

/// The lines of a data file, in the form each program wants.
enum ExportRows {
    /// TRL: a chat with places for pictures, and what the rewards need to know.
    struct Chat: Encodable {
        struct Part: Encodable {
            var type: String
            var text: String?
        }
        struct Message: Encodable {
            var role: String
            var content: [Part]
        }
        var prompt: [Message]
        var images: [String]
        var task: String
        var present: [String] = []
        var supplied: [String] = []
        var others: [String] = []
        var infos: [String] = []
        var box: [Int] = []
        var answer: String

        init(_ episode: ExportedEpisode, images: [String]) {
            prompt = episode.turns.map { turn in
                Message(
                    role: turn.role.rawValue,
                    content: turn.parts.map { part in
                        switch part {
                        case .text(let text): Part(type: "text", text: text)
                        case .picture: Part(type: "image")
                        }
                    })
            }
            self.images = images
            task = episode.goal.task.rawValue
            answer = episode.answer
            switch episode.goal {
            case .names(let scene):
                present = scene.present
                supplied = scene.supplied
                others = scene.others
                infos = scene.infos
            case .box(let box, let name):
                self.box = box
                present = [name]
            case .sameObject, .questions, .example: break
            }
        }
    }

    /// LLaMA-Factory: ShareGPT's conversation with `<image>` where the pictures stand.
    struct Conversation: Encodable {
        struct Turn: Encodable {
            var from: String
            var value: String
        }
        var conversations: [Turn]
        var images: [String]
        /// Always there, because the column is named in `dataset_info.json`.
        var system: String

        init(_ episode: ExportedEpisode, images: [String]) {
            system = episode.system ?? ""
            let asked = (episode.turns.last?.parts ?? []).map { part in
                switch part {
                case .text(let text): text
                case .picture: "<image>"
                }
            }.joined()
            conversations = [
                Turn(from: "human", value: asked), Turn(from: "gpt", value: episode.answer),
            ]
            self.images = images
        }
    }

    /// RePIC's trainer: pictures, then one text, and what a right answer is.
    struct Problem: Encodable {
        enum Solution: Encodable {
            case text(String)
            case names([String])
            case box([Int])

            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                switch self {
                case .text(let text): try container.encode(text)
                case .names(let names): try container.encode(names)
                case .box(let box): try container.encode(box)
                }
            }
        }
        var image: [String]
        var problem: String
        var solution: Solution
        var accuRewardMethod: String

        enum CodingKeys: String, CodingKey {
            case image, problem, solution
            case accuRewardMethod = "accu_reward_method"
        }

        /// - Returns: `nil` with a reason for what RePIC's trainer has no form for.
        static func row(
            _ episode: ExportedEpisode, images: [String]
        ) -> (row: Problem?, reason: String) {
            let words = ([episode.system].compactMap(\.self) + episode.words)
                .map { withoutEnding($0.trimmedEnds) }.joined(separator: "\n")
            switch episode.goal {
            case .sameObject(let isPresent):
                return (
                    Problem(
                        image: images, problem: words, solution: .text(isPresent ? "yes" : "no"),
                        accuRewardMethod: "yes_no"), ""
                )
            case .names(let scene):
                let tags = scene.present.map(ExportText.tag)
                guard let first = tags.first else { return (nil, "nobody to name") }
                return (
                    Problem(
                        image: images, problem: words,
                        solution: tags.count == 1 ? .text(first) : .names(tags),
                        accuRewardMethod: tags.count == 1 ? "yes_no_name" : "yes_no_name_multi"), ""
                )
            case .box(let box, _):
                // Its loader leaves place for one picture when it asks for a box.
                guard let expression = episode.expression, let query = images.last else {
                    return (nil, "a box that only a reference can explain")
                }
                let problem =
                    "Please provide the bounding box coordinate of the region this sentence "
                    + "describes: \(expression)."
                return (
                    Problem(
                        image: [query], problem: problem, solution: .box(box),
                        accuRewardMethod: "iou"), ""
                )
            case .questions, .example: return (nil, "another task")
            }
        }

        /// Without the sentences that the trainer adds itself.
        private static func withoutEnding(_ text: String) -> String {
            let endings =
                [EpisodeQuestions.sameObjectEnding, EpisodeQuestions.boxEnding]
                + EpisodeQuestions.captionEndings.filter { !$0.isEmpty }
            for ending in endings where text.hasSuffix(ending) {
                return String(text.dropLast(ending.count))
            }
            return text
        }
    }

    /// VLM-R1: a conversation whose answer says what earns the reward; the two tasks it judges.
    struct Judged: Encodable {
        var id: Int
        var image: [String]
        var conversations: [Conversation.Turn]
        var accuRewardMethod: String

        enum CodingKeys: String, CodingKey {
            case id, image, conversations
            case accuRewardMethod = "accu_reward_method"
        }

        /// - Returns: `nil` for captions, which VLM-R1 has no reward for.
        init?(_ episode: ExportedEpisode, images: [String], id: Int) {
            let answer: String
            switch episode.goal {
            case .sameObject:
                answer = episode.answer
                accuRewardMethod = "yes_no"
            case .box:
                answer = "```json\n[\(episode.answer)]\n```"
                accuRewardMethod = "map"
            case .names, .questions, .example: return nil
            }
            self.id = id
            image = images
            let asked = Conversation(episode, images: images).conversations[0]
            conversations = [asked, Conversation.Turn(from: "gpt", value: answer)]
        }
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmedEnds: String {
        let front = drop(while: \.isWhitespace)
        return String(front.reversed().drop(while: \.isWhitespace).reversed())
    }
}
