public import Foundation
public import ImageCodecs

/// Why a pack of drawings cannot be used.
public enum AssetPackError: OutsideDataError, Equatable {
    /// The file cannot be read or is too large.
    case unreadable(ImageReadError)
    /// The file is no uncompressed zip with a `meta.json` that describes its drawings.
    case malformed(file: String, reason: String)

    /// Whether there is no such file.
    public var isMissing: Bool {
        if case .unreadable(let cause) = self { return cause.isMissing }
        return false
    }

    /// One sentence that says what is wrong.
    public var description: String {
        switch self {
        case .unreadable(let reason): reason.description
        case .malformed(let file, let reason):
            "\(file) is no pack of drawings: \(reason); 'Samples/recipe/gen.py pack' makes one."
        }
    }
}

/// A cut-out drawing of a pack.
struct PackedDrawing: Equatable {
    /// Its number in the pack.
    let index: Int
    /// What kind of thing it is, coarsely.
    let category: String
    /// What kind of thing it is, as finely as known.
    let noun: String
    /// Whether the embedded model has never seen it.
    let isHeldOut: Bool
}

/// The drawings the embedded model was trained on, and those held out.
///
/// An uncompressed zip: `meta.json` and `s/NNNNN.webp`, as `Samples/recipe/gen.py` writes it.
public struct AssetPack: Sendable {
    private let data: Data
    private let entries: [String: Range<Int>]
    /// All drawings, in order.
    let drawings: [PackedDrawing]
    private let file: String

    /// The largest pack, in bytes.
    public static let maximumBytes = 256 << 20
    private static let limits = ImageLimits(maximumBytes: 1 << 20, maximumPixels: 1 << 20)

    /// Reads a pack and its list of drawings.
    ///
    /// - Throws: `AssetPackError`.
    public init(_ url: URL) throws(AssetPackError) {
        file = PromptName.oneLine(url.lastPathComponent)
        do throws(ImageReadError) {
            data = try BoundedFile.read(url, limit: Self.maximumBytes)
        } catch {
            throw .unreadable(error)
        }
        guard let entries = StoredZip.entries(of: data) else {
            throw .malformed(file: file, reason: "it is not an uncompressed zip")
        }
        self.entries = entries
        guard let range = entries["meta.json"], let value = try? JSONValue.parse(data[range]),
            let drawings = Self.drawings(value)
        else { throw .malformed(file: file, reason: "it has no list of drawings") }
        self.drawings = drawings
    }

    /// The pixels of a drawing.
    func image(of drawing: PackedDrawing) throws(AssetPackError) -> RGBAImage {
        let digits = String(drawing.index)
        let name = "s/" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".webp"
        guard let range = entries[name] else {
            throw .malformed(file: file, reason: "it lacks \(name)")
        }
        do throws(ImageReadError) {
            return try ImageDecoder.decode(Data(data[range]), name: name, limits: Self.limits)
        } catch {
            throw .unreadable(error)
        }
    }

    /// The list of drawings; nouns of fewer than eight drawings give way to the category.
    private static func drawings(_ value: JSONValue) -> [PackedDrawing]? {
        guard case .object(let members) = value,
            case .array(let sprites)? = members.last(where: { $0.key == "sprites" })?.value
        else { return nil }
        let fields = sprites.map { sprite -> [String: JSONValue] in
            guard case .object(let members) = sprite else { return [:] }
            return Dictionary(members.map { ($0.key, $0.value) }) { _, last in last }
        }
        let nouns = Dictionary(fields.map { ($0["noun"]?.string ?? "", 1) }, uniquingKeysWith: +)
        var drawings: [PackedDrawing] = []
        for (index, field) in fields.enumerated() {
            guard let category = field["cat"]?.string, !category.isEmpty else { return nil }
            let noun = field["noun"]?.string ?? category
            drawings.append(
                PackedDrawing(
                    index: index, category: category,
                    noun: nouns[noun, default: 0] >= 8 ? noun : category,
                    isHeldOut: field["held"] == .bool(true)))
        }
        return drawings
    }
}

/// Reads the directory of a zip whose entries are stored as they are.
enum StoredZip {
    private static let mostEntries = 100_000

    /// Where the bytes of each entry lie; `nil` for anything but an uncompressed zip.
    static func entries(of data: Data) -> [String: Range<Int>]? {
        let bytes = [UInt8](data)
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, offset + count <= bytes.count else { return nil }
            return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        let lowest = max(0, bytes.count - 65_557)
        guard bytes.count >= 22,
            let end = (lowest...bytes.count - 22).last(where: { number($0, 4) == 0x0605_4B50 }),
            let count = number(end + 10, 2), count <= mostEntries, var place = number(end + 16, 4)
        else { return nil }
        var entries: [String: Range<Int>] = [:]
        for _ in 0..<count {
            guard number(place, 4) == 0x0201_4B50, number(place + 10, 2) == 0,
                let size = number(place + 20, 4), number(place + 24, 4) == size,
                let nameLength = number(place + 28, 2), let extra = number(place + 30, 2),
                let comment = number(place + 32, 2), let local = number(place + 42, 4),
                place + 46 + nameLength <= bytes.count,
                number(local, 4) == 0x0403_4B50, let localName = number(local + 26, 2),
                let localExtra = number(local + 28, 2)
            else { return nil }
            let start = local + 30 + localName + localExtra
            guard start + size <= bytes.count else { return nil }
            let name = String(decoding: bytes[place + 46..<place + 46 + nameLength], as: UTF8.self)
            entries[name] = start..<start + size
            place += 46 + nameLength + extra + comment
        }
        return entries
    }
}
