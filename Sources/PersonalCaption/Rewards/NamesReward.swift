/// Names in captions (RePIC's ICT): whether the caption calls everyone in view by name.
public struct NamesReward: Sendable, Codable, Equatable {
    /// Which reading.
    public var form: RewardForm
    /// Shorter captions earn nothing; in Unicode code points.
    public var minimumLength: Int
    /// Limits against filler; the published form has none.
    public var filler = FillerLimits()

    /// RePIC's gate of 100 code points.
    public init(form: RewardForm = .strict, minimumLength: Int = 100) {
        self.form = form
        self.minimumLength = minimumLength
    }

    /// - Parameters:
    ///   - caption: what the model wrote.
    ///   - scene: who is there and who was supplied.
    /// - Returns: 0…1.
    public func judge(_ caption: String, scene: RewardScene) -> Verdict {
        switch form {
        case .published: published(caption, scene)
        case .strict: strict(caption, scene)
        }
    }

    /// Verbatim, brackets included; the closing-tag check only where one name is asked for.
    private func published(_ caption: String, _ scene: RewardScene) -> Verdict {
        let length = caption.unicodeScalars.count
        guard length >= minimumLength else { return tooShort(length) }
        let tags = scene.present.map(PromptName.tag)
        func contains(_ text: String) -> Bool { caption.utf8.firstRange(of: text.utf8) != nil }
        if tags.count == 1 {
            let closing = tags[0].replacing("<", with: "</")
            if contains(closing) { return .none("a closing tag") }
        }
        guard !tags.isEmpty else { return .none("nobody to name") }
        let hits = tags.count(where: contains)
        return Verdict(
            Float(hits) / Float(tags.count), hits == tags.count ? "" : "a name is missing")
    }

    /// `max(0, right - wrong) / present`; with nobody in view 1 for naming nobody.
    ///
    /// Wrong names weigh as much as right ones, so that naming everyone supplied never pays.
    private func strict(_ caption: String, _ scene: RewardScene) -> Verdict {
        let length = FillerLimits.visibleLength(caption)
        guard length >= minimumLength else { return tooShort(length) }
        let report = NameCheck(supplied: scene.supplied, library: scene.others + scene.present)
            .report(on: caption)
        guard report.closingTags.isEmpty else { return .none("a closing tag") }
        if let fault = filler.fault(in: caption, report: report, copied: scene.infos) {
            return .none(fault)
        }
        let used = Set((report.named + report.wrong).map(NameKey.init))
        let present = Set(scene.present.map(NameKey.init))
        let right = present.intersection(used).count
        let wrong = used.subtracting(present).count
        guard !present.isEmpty else {
            return wrong == 0 ? .full : .none("names somebody who is not there")
        }
        let share = Float(max(0, right - wrong)) / Float(present.count)
        let faults = [
            right < present.count ? "\(present.count - right) not named" : nil,
            wrong > 0 ? "\(wrong) wrongly named" : nil,
        ].compactMap(\.self)
        return Verdict(share, faults.joined(separator: ", "))
    }

    private func tooShort(_ length: Int) -> Verdict {
        .none("\(length) characters, fewer than \(minimumLength)")
    }
}
