import Foundation

/// A moment to the millisecond, written in JSON as ISO 8601 in UTC: `2026-05-04T10:20:30.123Z`.
///
/// Milliseconds survive the database and JSON unchanged, which a `Date` (a `Double` of seconds)
/// would not.
public struct Timestamp: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64

    /// Wraps milliseconds since 1970.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Rounds a date down to the millisecond; dates no calendar reaches are held at its ends.
    public init(_ date: Date) {
        let value = (date.timeIntervalSince1970 * 1000).rounded(.down)
        let bounded = value.isNaN ? 0 : min(max(value, -62_135_596_800_000), 253_402_300_799_999)
        milliseconds = Int64(bounded)
    }

    /// The current moment.
    public static var now: Timestamp { Timestamp(Date()) }

    /// The same moment as a `Date`.
    public var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// ISO 8601 in UTC with milliseconds.
    ///
    /// Written from integers: a formatter of `Date` loses the last millisecond now and then, and
    /// takes longer than reading the concept.
    public var description: String {
        let (days, rest) = Self.divide(milliseconds, by: 86_400_000)
        let (year, month, day) = Self.civil(days)
        func digits(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return digits(year, 4) + "-" + digits(month, 2) + "-" + digits(day, 2) + "T"
            + digits(rest / 3_600_000, 2) + ":" + digits(rest / 60_000 % 60, 2) + ":"
            + digits(rest / 1000 % 60, 2) + "." + digits(rest % 1000, 3) + "Z"
    }

    /// The proleptic Gregorian date of a day counted from 1970-01-01.
    ///
    /// Counts from 1 March of the year 0, so that the leap day ends a year and 400-year cycles of
    /// 146,097 days are all alike.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (cycle, day) = divide(days + 719_468, by: 146_097)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let isNextYear: Int64 = month >= 10 ? 1 : 0
        return (
            cycle * 400 + year + isNextYear, month + 3 - 12 * isNextYear,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }

    /// Division that rounds down, for moments before 1970.
    private static func divide(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let remainder = ((value % divisor) + divisor) % divisor
        return ((value - remainder) / divisor, remainder)
    }

    /// Orders moments in time.
    public static func < (earlier: Timestamp, later: Timestamp) -> Bool {
        earlier.milliseconds < later.milliseconds
    }

    /// Reads ISO 8601 with or without fractions of a second.
    ///
    /// - Throws: `DecodingError.dataCorrupted` for any other text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        let plain = Date.ISO8601FormatStyle()
        guard let date = (try? Self.format.parse(text)) ?? (try? plain.parse(text)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a moment in ISO 8601 was expected")
        }
        // Parsing yields a binary fraction just below or above the millisecond written.
        self.init(date.addingTimeInterval(0.0005))
    }

    /// Writes ISO 8601 in UTC with milliseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
