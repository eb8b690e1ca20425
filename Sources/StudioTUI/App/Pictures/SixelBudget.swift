import Foundation

/// One way to encode a picture as sixel.
struct SixelAttempt: Equatable, Sendable {
    var width: Int
    var height: Int
    var colours: Int
    var dithers: Bool
}

/// Keeps sixels below a number of bytes: first without dithering, then with fewer colours, then
/// smaller; never with fewer than 32 colours for the sake of size.
enum SixelBudget {
    static let fewestColours = 32

    /// What is tried first.
    static func first(
        _ placement: PicturePlacement, _ quality: PictureQuality, _ terminal: PictureTerminal
    ) -> SixelAttempt {
        let most = quality == .moving ? 64 : 256
        let colours = min(most, max(2, terminal.registers))
        // So few colours show no shape without dithering.
        let wished = terminal.dithers ?? (!terminal.isRemote || colours <= 16)
        let dithers = wished && (quality == .still || colours <= 16)
        return SixelAttempt(
            width: placement.pixelWidth, height: placement.pixelHeight, colours: colours,
            dithers: dithers)
    }

    /// What to try after an attempt that came out too large; `nil` when it cannot get smaller.
    static func next(after attempt: SixelAttempt, bytes: Int, ceiling: Int) -> SixelAttempt? {
        var next = attempt
        var expected = Double(bytes)
        let limit = Double(max(1, ceiling))
        if attempt.dithers, attempt.colours > 16 {
            next.dithers = false
            expected *= 0.55
            if expected <= limit { return next }
        }
        while next.colours > fewestColours {
            next.colours = max(fewestColours, next.colours / 2)
            expected *= 0.75
            if expected <= limit { return next }
        }
        // Bytes go with the area; a bit less, so that one step is usually enough.
        let scale = min(0.95, (limit / expected).squareRoot() * 0.95)
        let height = Int(Double(attempt.height) * scale) / 6 * 6
        guard height >= 6 else { return nil }
        next.height = height
        next.width = max(1, attempt.width * height / attempt.height)
        return next
    }
}
