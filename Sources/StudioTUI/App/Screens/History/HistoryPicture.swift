import ConceptDB
import Foundation

/// The picture of a caption, where it can still be found.
struct HistoryPicture: Sendable, Equatable {
    let file: URL
    let source: PictureSource
    /// Whether it is the user's own file rather than the library's copy.
    let isOriginal: Bool

    /// The copy in the library, else the file it was made of; reads the disk.
    static func find(_ image: QueryImage, in store: ConceptStore) -> HistoryPicture? {
        if let copy = store.url(of: image), let sha256 = image.sha256,
            FileManager.default.fileExists(atPath: copy.path)
        {
            return HistoryPicture(
                file: copy, source: .stored(sha256: sha256, file: copy), isOriginal: false)
        }
        let original = URL(fileURLWithPath: image.originalPath)
        guard FileManager.default.fileExists(atPath: original.path) else { return nil }
        return HistoryPicture(file: original, source: .outside(original), isOriginal: true)
    }
}

/// Moments as a list of them shows them.
enum HistoryDate {
    static func text(_ moment: Timestamp, now: Date, in zone: TimeZone) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts: Set<Calendar.Component> = [.year, .month, .day, .hour, .minute]
        let then = calendar.dateComponents(parts, from: moment.date)
        let today = calendar.dateComponents(parts, from: now)
        let month = months[max(0, min(11, (then.month ?? 1) - 1))]
        let day = "\(then.day ?? 0) \(month)"
        guard then.year == today.year else { return "\(day) \(then.year ?? 0)" }
        let minute = then.minute ?? 0
        let time = "\(then.hour ?? 0):\(minute < 10 ? "0" : "")\(minute)"
        let isToday = then.month == today.month && then.day == today.day
        return "\(isToday ? "today" : day) \(time)"
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
