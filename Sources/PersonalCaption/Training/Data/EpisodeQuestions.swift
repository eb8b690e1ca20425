/// What is asked in training, in RePIC's words (paper tables A.8–A.10 in substance, and suffixes).
enum EpisodeQuestions {
    static let sameObject = [
        "Is {n} visible in this picture?", "Do you see {n} in the photo?",
        "Is {n} present in this image?", "Can you see {n} in this photo?",
        "Does {n} appear in the query image?", "Is {n} in the picture?",
    ]
    static let sameObjectEnding =
        " The final answer must be either 'yes' or 'no' with no additional output."

    static let box = [
        "Give {n}'s bounding box in the image.",
        "Please provide the bounding box coordinate of the region this sentence describes: {n}.",
        "Locate {n} in this picture.", "Locate {n} in the image.",
    ]
    static let boxEnding =
        " For bounding box coordinates, return the final answer in JSON format."

    static let caption =
        CaptionQuestions.single + [
            "Describe the image in detail.", "Describe this image in detail.",
            "Give a detailed personalized caption of the image.",
        ]
    /// Added to every fifth caption question each.
    static let captionEndings = [
        " Output the final answer including its name.",
        " Output the final answer without duplicating the given information.", "", "", "",
    ]

    static func ask(_ pool: [String], _ name: String, _ random: inout RewardRandom) -> String {
        random.element(pool).replacing("{n}", with: PromptName.tag(name))
    }
}

/// A plain true caption of a composed scene, to learn from examples.
struct SceneDescription {
    let width: Int
    let height: Int

    /// - Parameter objects: tag or description of each object, and its box.
    func text(_ objects: [(called: String, box: [Int])]) -> String {
        let names = objects.map(\.called)
        guard let last = names.last else { return "Nothing but a plain background can be seen." }
        let all =
            names.count == 1
            ? last : names.dropLast().joined(separator: ", ") + " and " + last
        var sentences = ["\(all) can be seen here."]
        for object in objects {
            sentences.append("\(object.called) is placed \(place(object.box)).")
        }
        let areas = objects.map { ($0.box[2] - $0.box[0]) * ($0.box[3] - $0.box[1]) }
        if objects.count > 1, let largest = areas.indices.max(by: { areas[$0] < areas[$1] }) {
            sentences.append("\(objects[largest].called) takes up the most room in the picture.")
        } else {
            let isLarge = (areas.first ?? 0) * 4 > width * height
            sentences.append(
                "\(last) fills a \(isLarge ? "large" : "small") part of the picture, and "
                    + "there is a plain background behind.")
        }
        return sentences.joined(separator: " ")
    }

    /// `in the top left`.
    func place(_ box: [Int]) -> String {
        let x = Double(box[0] + box[2]) / 2 / Double(max(1, width))
        let y = Double(box[1] + box[3]) / 2 / Double(max(1, height))
        let row = y < 0.36 ? "top" : y > 0.64 ? "bottom" : ""
        let column = x < 0.36 ? "left" : x > 0.64 ? "right" : ""
        if row.isEmpty, column.isEmpty { return "in the middle" }
        if column.isEmpty { return "at the \(row)" }
        if row.isEmpty { return "on the \(column)" }
        return "in the \(row) \(column)"
    }

    static let places = [
        "in the middle", "at the top", "at the bottom", "on the left", "on the right",
        "in the top left", "in the top right", "in the bottom left", "in the bottom right",
    ]
}
