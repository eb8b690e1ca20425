internal import CImageCodecs
internal import Foundation

/// One of the C decoders, with its failures turned into errors.
struct Codec {
    let format: ImageFormat
    /// What to call the picture in errors.
    let name: String

    /// Size and transparency as the header gives them.
    func info(_ data: Data) throws(ImageReadError) -> ic_info {
        var info = ic_info()
        try check { message in
            data.withUnsafeBytes { bytes in
                let start = bytes.bindMemory(to: UInt8.self).baseAddress
                return switch format {
                case .png: ic_png_info(start, bytes.count, &info, &message)
                case .jpeg: ic_jpeg_info(start, bytes.count, &info, &message)
                case .webp: ic_webp_info(start, bytes.count, &info, &message)
                }
            }
        }
        return info
    }

    /// RGBA bytes of the stored picture at `eighths`/8 of its size (below 8 for JPEG only).
    func decode(
        _ data: Data, eighths: Int, width: Int, height: Int
    ) throws(ImageReadError) -> [UInt8] {
        var pixels: [UInt8] = []
        try check { message in
            var status = IC_OK
            pixels = [UInt8](unsafeUninitializedCapacity: width * height * 4) { buffer, count in
                status = decode(
                    data, eighths: eighths, width: UInt32(width), height: UInt32(height),
                    into: buffer.baseAddress, &message)
                count = status == IC_OK ? width * height * 4 : 0
            }
            return status
        }
        return pixels
    }

    private func decode(
        _ data: Data, eighths: Int, width: UInt32, height: UInt32,
        into rgba: UnsafeMutablePointer<UInt8>?, _ message: inout ic_message
    ) -> ic_status {
        data.withUnsafeBytes { bytes in
            let start = bytes.bindMemory(to: UInt8.self).baseAddress
            return switch format {
            case .png: ic_png_decode(start, bytes.count, width, height, rgba, &message)
            case .jpeg:
                ic_jpeg_decode(
                    start, bytes.count, Int32(eighths), maximumScans(width, height), width, height,
                    rgba, &message)
            case .webp: ic_webp_decode(start, bytes.count, width, height, rgba, &message)
            }
        }
    }

    /// Encoders make about ten passes; the work of a hostile file stays below that of the largest
    /// ordinary one.
    private func maximumScans(_ width: UInt32, _ height: UInt32) -> Int32 {
        Int32(min(100, max(20, 1_000_000_000 / max(1, Int(width) * Int(height)))))
    }

    /// Runs a C function and throws what it reports.
    private func check(
        _ body: (inout ic_message) -> ic_status
    ) throws(ImageReadError) {
        var message = ic_message()
        let status = body(&message)
        switch status {
        case IC_OK: return
        case IC_TRUNCATED: throw .truncated(file: name, format: format)
        case IC_UNSUPPORTED: throw .unsupported(file: name, format: format, reason: message.string)
        case IC_NO_MEMORY: throw .unreadable(file: name, reason: message.string)
        default: throw .damaged(file: name, format: format, reason: message.string)
        }
    }
}

extension ic_message {
    /// The message as text.
    var string: String {
        withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
