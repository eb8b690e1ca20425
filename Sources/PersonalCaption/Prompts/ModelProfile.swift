public import VLMRuntime

/// What a checkpoint was taught to expect of a prompt, and how much of a picture it should see.
public struct ModelProfile: Sendable, Equatable {
    /// A short name of the habit, such as `mini` or `repic`.
    public var name: String
    /// Smallest area of any picture after `smart_resize`, in pixels; smaller ones are enlarged.
    public var minimumPixels: Int
    /// Largest area of a reference picture, in pixels.
    public var referencePixels: Int
    /// Largest area of the query picture, in pixels.
    public var queryPixels: Int
    /// Repetition penalty of the sampler; 1 is off.
    public var repetitionPenalty: Float
    /// Longest caption, in tokens.
    public var maxNewTokens: Int
    /// System text before a prompt with references; `nil` leaves the chat template's own.
    public var system: String?
    /// The question when the user asks none.
    public var question: String
    /// The question when neither a concept nor a question is given.
    public var plainQuestion: String
    /// Whether each `Info:` line ends in a newline.
    public var newlineAfterInfo: Bool
    /// Whether "This is the query image." stands before the question even without references.
    public var introducesQueryAlone: Bool
    /// What the numbers of a box in an answer count; the network's family decides.
    public var boxUnits: BoxUnits

    /// Names every habit.
    public init(
        name: String, minimumPixels: Int, referencePixels: Int, queryPixels: Int,
        repetitionPenalty: Float, maxNewTokens: Int, system: String?, question: String,
        plainQuestion: String, newlineAfterInfo: Bool, introducesQueryAlone: Bool,
        boxUnits: BoxUnits = .pixels
    ) {
        self.name = name
        self.minimumPixels = minimumPixels
        self.referencePixels = referencePixels
        self.queryPixels = queryPixels
        self.repetitionPenalty = repetitionPenalty
        self.maxNewTokens = maxNewTokens
        self.system = system
        self.question = question
        self.plainQuestion = plainQuestion
        self.newlineAfterInfo = newlineAfterInfo
        self.introducesQueryAlone = introducesQueryAlone
        self.boxUnits = boxUnits
    }

    /// Areas a reference picture may have, in pixels.
    public var referenceBudget: ClosedRange<Int> {
        min(minimumPixels, referencePixels)...referencePixels
    }

    /// Areas the query picture may have, in pixels.
    public var queryBudget: ClosedRange<Int> { min(minimumPixels, queryPixels)...queryPixels }
}

extension ModelProfile {
    /// RePIC's system text, shortened to one form for one and several references.
    ///
    /// Wording: oyt9306/RePIC, `caption_eval_*.py`.
    public static let captioningSystem =
        "You are a captioning assistant. "
        + "Your task is to generate an accurate caption for the query image.\n"
        + "Below is additional information about the reference images."

    /// The embedded model: trained on 112×112 references and 224×224 queries, on
    /// `k. Name: <x>, Info: y\n`, and without a system text of its own.
    public static let mini = ModelProfile(
        name: "mini", minimumPixels: 12_544, referencePixels: 12_544, queryPixels: 50_176,
        repetitionPenalty: 1, maxNewTokens: 160, system: nil,
        question: "Describe this image in detail.",
        plainQuestion: "Describe this image in detail.", newlineAfterInfo: true,
        introducesQueryAlone: true)

    /// RePIC checkpoints: the published evaluation prompt, greedy.
    ///
    /// The repetition penalty is the one in the `generation_config.json` of Qwen2.5-VL, which the
    /// published scripts leave in force.
    ///
    /// The published scripts let references take 802,816 pixels as well. A reference shows one
    /// object, which 256 tokens (448×448) show well; at 1,024 tokens four references would make a
    /// prompt of 5,000 tokens, minutes on a CPU, and outweigh the query they are there to explain.
    public static let repic = ModelProfile(
        name: "repic", minimumPixels: 3_136, referencePixels: 256 * 28 * 28,
        queryPixels: 1_024 * 28 * 28, repetitionPenalty: 1.05, maxNewTokens: 512,
        system: captioningSystem, question: "Give a personalized caption of this image.",
        plainQuestion: "Describe this image in detail.", newlineAfterInfo: false,
        introducesQueryAlone: false)

    /// Qwen2.5-VL-Instruct and other models of its family that were not trained on names.
    ///
    /// RePIC's zero-shot baseline asks for the name outright; without that sentence the model
    /// rarely uses it.
    public static let qwen25VL: ModelProfile = {
        var profile = repic
        profile.name = "qwen2.5-vl"
        profile.question =
            "Give a personalized caption of this image. "
            + "Output the final answer including its name."
        return profile
    }()

    /// Qwen3-VL-Instruct: cells of 32 pixels, at least 64 of them as its processor asks for, and no
    /// repetition penalty.
    public static let qwen3VL: ModelProfile = {
        var profile = qwen25VL
        profile.name = "qwen3-vl"
        profile.minimumPixels = 64 * 32 * 32
        profile.referencePixels = 256 * 32 * 32
        profile.queryPixels = 1_024 * 32 * 32
        profile.repetitionPenalty = 1
        profile.boxUnits = .thousandths
        return profile
    }()

    /// CapRL checkpoints: long plain captions, asked for with the sentence of their training.
    public static let capRL: ModelProfile = {
        var profile = repic
        profile.name = "caprl"
        profile.maxNewTokens = 1_024
        profile.question = "Please describe this image in detail."
        profile.plainQuestion = "Please describe this image in detail."
        return profile
    }()

    /// Every profile that is built in.
    public static let builtIn: [ModelProfile] = [mini, repic, capRL, qwen25VL, qwen3VL]

    /// The built-in profile whose name occurs in a checkpoint's name; that of Qwen3-VL or Qwen2.5-VL
    /// otherwise.
    ///
    /// - Parameter modelName: a folder or library name, such as `RePIC-7B` or `mini`.
    public static func builtIn(forModelNamed modelName: String) -> ModelProfile {
        let words = modelName.lowercased().split { !$0.isLetter && !$0.isNumber }
        let profile =
            builtIn.first { profile in words.contains { $0 == profile.name } } ?? qwen25VL
        return profile.fitted(to: ModelFamily.suggested(byName: modelName))
    }

    /// The habits on a network of this family: its boxes, and its own profile in place of that of
    /// Qwen2.5-VL.
    func fitted(to family: ModelFamily) -> ModelProfile {
        var profile = family == .qwen3VL && name == Self.qwen25VL.name ? .qwen3VL : self
        profile.boxUnits = family.boxUnits
        return profile
    }
}
