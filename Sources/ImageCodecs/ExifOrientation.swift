/// The one EXIF fact that changes what a picture shows: which way is up.
enum ExifOrientation {
    /// Reads the orientation from the EXIF block of a picture file of any format.
    ///
    /// A missing, damaged or senseless tag means upright, as in other programs: the pixels are fine.
    static func read(from file: [UInt8], format: ImageFormat) -> Orientation {
        let range: Range<Int>? =
            switch format {
            case .jpeg:
                JPEGSegments(file, headerOnly: true).first { $0.isExif(in: file) }?.payload
            case .png: PNGChunks(file).first { $0.name == "eXIf" }?.payload
            case .webp: WebPChunks(file).exif
            }
        guard let block = range.map({ file[$0] }) else { return .upright }
        return parse(block.starts(with: prefix) ? block.dropFirst(prefix.count) : block) ?? .upright
    }

    /// What stands before the TIFF data in JPEG, and by mistake in some WebP files.
    static let prefix = Array("Exif\0\0".utf8)

    /// A TIFF block with nothing but the orientation (TIFF 6.0, section 2).
    static func block(for orientation: Orientation) -> [UInt8] {
        let header: [UInt8] = [0x4D, 0x4D, 0, 42, 0, 0, 0, 8]
        let entry: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation.rawValue), 0, 0]
        return header + [0, 1] + entry + [0, 0, 0, 0]
    }

    /// Finds tag 0x0112 in the first directory of a TIFF block.
    private static func parse(_ block: ArraySlice<UInt8>) -> Orientation? {
        guard let tiff = TIFF(block), let directory = tiff.long(at: 4),
            let entries = tiff.short(at: directory)
        else { return nil }
        for entry in (0..<entries).lazy.map({ directory + 2 + 12 * $0 }) {
            guard let tag = tiff.short(at: entry), let type = tiff.short(at: entry + 2) else {
                break
            }
            guard tag == 0x0112 else { continue }
            let value = type == 4 ? tiff.long(at: entry + 8) : tiff.short(at: entry + 8)
            return value.flatMap(Orientation.init(rawValue:))
        }
        return nil
    }

    /// Bounds-checked numbers of a TIFF block in its own byte order.
    private struct TIFF {
        let bytes: [UInt8]
        let isLittleEndian: Bool

        init?(_ block: ArraySlice<UInt8>) {
            bytes = Array(block.prefix(1 << 16))  // Longer than any segment that is read.
            if bytes.starts(with: [0x49, 0x49, 42, 0]) {
                isLittleEndian = true
            } else if bytes.starts(with: [0x4D, 0x4D, 0, 42]) {
                isLittleEndian = false
            } else {
                return nil
            }
        }

        func short(at offset: Int) -> Int? { number(at: offset, size: 2) }
        func long(at offset: Int) -> Int? { number(at: offset, size: 4) }

        private func number(at offset: Int, size: Int) -> Int? {
            guard offset <= bytes.count - size else { return nil }
            let digits = bytes[offset..<offset + size]
            return isLittleEndian
                ? digits.reversed().reduce(0) { $0 << 8 | Int($1) }
                : digits.reduce(0) { $0 << 8 | Int($1) }
        }
    }
}
