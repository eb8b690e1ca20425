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
    public var description: String { date.formatted(Self.format) }

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
        self.init(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }

    /// Writes ISO 8601 in UTC with milliseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
