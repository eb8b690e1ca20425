public import VLMRuntime

extension VisionLanguageModel: CaptionModel {}
