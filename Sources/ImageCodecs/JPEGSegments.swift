/// The segments of a JPEG file (ITU-T T.81, annex B), up to the first thing that makes no sense.
///
/// A start-of-scan segment includes the coded pixels after it.
struct JPEGSegments: Sequence, IteratorProtocol {
    struct Segment {
        let marker: UInt8
        /// Marker, length, payload and, for a scan, the coded pixels.
        let whole: Range<Int>
        let payload: Range<Int>
    }

    /// Markers with a meaning of their own.
    enum Marker {
        static let temporary: UInt8 = 0x01
        static let startOfImage: UInt8 = 0xD8
        static let endOfImage: UInt8 = 0xD9
        static let startOfScan: UInt8 = 0xDA
        static let restarts: ClosedRange<UInt8> = 0xD0...0xD7
        static let app0: UInt8 = 0xE0
        static let app1: UInt8 = 0xE1
        static let app2: UInt8 = 0xE2
        static let app13: UInt8 = 0xED
        static let app14: UInt8 = 0xEE
        static let applications: ClosedRange<UInt8> = 0xE0...0xEF
        static let comment: UInt8 = 0xFE
    }

    private let bytes: [UInt8]
    private let isHeaderOnly: Bool
    private var position = 2  // Behind the start-of-image marker.
    private var isPastEnd = false

    /// - Parameter headerOnly: whether to stop before the first scan.
    init(_ bytes: [UInt8], headerOnly: Bool = false) {
        self.bytes = bytes
        isHeaderOnly = headerOnly
    }

    mutating func next() -> Segment? {
        guard !isPastEnd, let marker = nextMarker() else { return nil }
        let start = position - 2
        if marker == Marker.endOfImage {
            isPastEnd = true
            return Segment(marker: marker, whole: start..<position, payload: position..<position)
        }
        if marker == Marker.startOfScan && isHeaderOnly { return nil }
        if marker == Marker.temporary || Marker.restarts.contains(marker)
            || marker == Marker.startOfImage
        {
            return Segment(marker: marker, whole: start..<position, payload: position..<position)
        }
        return segment(marker, from: start)
    }

    /// A segment ready to be written.
    ///
    /// - Precondition: at most 65,533 bytes.
    static func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count + 2
        return [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + payload
    }

    /// A segment with a length; `position` is at the length.
    private mutating func segment(_ marker: UInt8, from start: Int) -> Segment? {
        guard position + 2 <= bytes.count else { return nil }
        let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
        guard length >= 2, position + length <= bytes.count else { return nil }
        let payload = position + 2..<position + length
        position += length
        if marker == Marker.startOfScan { skipCodedPixels() }
        return Segment(marker: marker, whole: start..<position, payload: payload)
    }

    /// Moves behind the next marker, over fill bytes and, as decoders do, over garbage.
    private mutating func nextMarker() -> UInt8? {
        while let found = bytes[position...].firstIndex(of: 0xFF) {
            guard let code = bytes[found...].firstIndex(where: { $0 != 0xFF }) else { return nil }
            position = code + 1
            if bytes[code] != 0 { return bytes[code] }
        }
        return nil
    }

    /// Moves to the next marker that is neither a stuffed zero nor a restart.
    private mutating func skipCodedPixels() {
        while position < bytes.count {
            guard let found = bytes[position...].firstIndex(of: 0xFF), found + 1 < bytes.count
            else {
                position = bytes.count
                return
            }
            let code = bytes[found + 1]
            if code != 0, code != 0xFF, !Marker.restarts.contains(code) {
                position = found
                return
            }
            position = found + (code == 0xFF ? 1 : 2)
        }
    }
}

extension JPEGSegments.Segment {
    /// Whether this is an EXIF segment.
    func isExif(in file: [UInt8]) -> Bool {
        marker == JPEGSegments.Marker.app1 && begins(with: "Exif\0\0", in: file)
    }

    func begins(with text: String, in file: [UInt8]) -> Bool {
        file[payload].starts(with: text.utf8)
    }
}
