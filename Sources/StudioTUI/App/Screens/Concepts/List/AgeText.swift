import ConceptDB
import Foundation

/// Moments as people say them: "today 09:12", "Tue", "3 Jun".
enum AgeText {
    /// For a narrow column, at most six cells: "09:12", "Tue", "3 Jun", "2024".
    static func short(_ moment: Timestamp, now: Timestamp, zone: Zone = .local) -> String {
        let (then, today) = (zone.day(moment), zone.day(now))
        if then.number == today.number { return then.time }
        if isLately(then, today) { return then.weekday }
        return then.year == today.year ? "\(then.dayOfMonth) \(then.month)" : "\(then.year)"
    }

    /// For a wide column, at most eleven cells: "today 09:12", "Tue", "3 Jun", "3 Jun 2024".
    static func long(_ moment: Timestamp, now: Timestamp, zone: Zone = .local) -> String {
        let (then, today) = (zone.day(moment), zone.day(now))
        if then.number == today.number { return "today \(then.time)" }
        if isLately(then, today) { return then.weekday }
        let date = "\(then.dayOfMonth) \(then.month)"
        return then.year == today.year ? date : "\(date) \(then.year)"
    }

    /// For a sentence: "today 09:12", "Tue 3 Jun 2026, 09:12".
    static func full(_ moment: Timestamp, now: Timestamp, zone: Zone = .local) -> String {
        let (then, today) = (zone.day(moment), zone.day(now))
        if then.number == today.number { return "today \(then.time)" }
        return "\(then.weekday) \(then.dayOfMonth) \(then.month) \(then.year), \(then.time)"
    }

    /// A weekday says enough for less than a week.
    private static func isLately(_ then: Day, _ today: Day) -> Bool {
        (1...6).contains(today.number - then.number)
    }

    /// A moment on the calendar.
    struct Day {
        /// Counted from 1970.
        let number: Int
        let time: String
        let weekday: String
        let dayOfMonth: Int
        let month: String
        let year: Int
    }

    /// How far local time is ahead of UTC at a moment, both in seconds.
    struct Zone: Sendable {
        let offset: @Sendable (Int) -> Int

        /// The zone of this machine; a fraction of a microsecond, where a formatter takes twenty.
        static let local = Zone { seconds in
            var time = time_t(seconds)
            var parts = tm()
            return localtime_r(&time, &parts) == nil ? 0 : parts.tm_gmtoff
        }

        static let utc = Zone { _ in 0 }

        func day(_ moment: Timestamp) -> Day {
            let seconds = Int((moment.milliseconds / 1000))
            let local = seconds + offset(seconds)
            var time = time_t(local)
            var parts = tm()
            gmtime_r(&time, &parts)
            return Day(
                number: Int((Double(local) / 86_400).rounded(.down)),
                time: Self.padded(Int(parts.tm_hour)) + ":" + Self.padded(Int(parts.tm_min)),
                weekday: Self.weekdays[Int(parts.tm_wday) % 7],
                dayOfMonth: Int(parts.tm_mday), month: Self.months[Int(parts.tm_mon) % 12],
                year: Int(parts.tm_year) + 1900)
        }

        private static func padded(_ number: Int) -> String {
            number < 10 ? "0\(number)" : "\(number)"
        }

        private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        private static let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
    }
}
