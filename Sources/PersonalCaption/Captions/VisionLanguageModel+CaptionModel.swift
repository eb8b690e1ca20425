public import VLMRuntime

extension VisionLanguageModel: CaptionModel {}

extension Generator: CaptionModel {}
