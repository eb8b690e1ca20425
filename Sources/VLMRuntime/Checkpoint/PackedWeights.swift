public import Foundation

/// A file with a checkpoint's linear layers in 8 or 4 bits, mapped into memory.
///
/// It is a safetensors file whose tensors are bytes in the kernels' layout, named
/// `layer.q8`, `layer.q6` or `layer.q4`; its metadata say which checkpoint it was made from. Norms, biases and
/// embeddings still come from the checkpoint itself.
public struct PackedWeights: Sendable {
    /// Bits of most weights.
    public let bits: WeightBits
    /// The checkpoint it was made from.
    public let source: String
    /// Bytes of the file.
    public let byteCount: Int
    private let path: String
    private let tensors: [String: Tensor]

    static let format = "studio-packed-2"

    /// Maps the file.
    ///
    /// - Parameter fingerprint: of the checkpoint it is to stand in for.
    /// - Throws: `CheckpointError` when the file is damaged, of another version, or was made from
    ///   another checkpoint.
    public init(file: URL, for fingerprint: CheckpointFingerprint) throws(CheckpointError) {
        path = file.path
        let contents = try Safetensors(path: path)
        guard contents.metadata["format"] == Self.format else {
            throw .value(
                file: path, key: "format", expected: "\"\(Self.format)\"",
                found: "\"\(printable(contents.metadata["format"] ?? ""))\"")
        }
        guard let bits = contents.metadata["bits"].flatMap(Int.init).flatMap(WeightBits.init)
        else {
            throw .value(
                file: path, key: "bits", expected: "4 or 8",
                found: "\"\(printable(contents.metadata["bits"] ?? ""))\"")
        }
        guard contents.metadata["source"] == fingerprint.description else {
            throw .malformed(
                file: path,
                problem: "it was made from another checkpoint than the one it is used with")
        }
        self.bits = bits
        source = fingerprint.description
        tensors = contents.tensors
        byteCount = contents.tensors.values.reduce(0) { $0 + $1.count }
    }

    /// The layer's weights; `nil` when the file does not have it.
    ///
    /// - Throws: `CheckpointError` when they are not what the layer's shape calls for.
    func tensor(
        _ layer: String, rows: Int, columns: Int
    ) throws(CheckpointError) -> PackedTensor? {
        for format in PackedFormat.allCases {
            guard let tensor = tensors["\(layer).\(format.rawValue)"] else { continue }
            let expected = format.byteCount(rows: rows, columns: columns)
            guard tensor.type == .uint8, tensor.count == expected else {
                throw .shape(
                    file: path, tensor: printable(tensor.name), expected: [expected],
                    found: tensor.shape)
            }
            guard UInt(bitPattern: tensor.pointer) % 64 == 0 else {
                throw .malformed(
                    file: path,
                    problem: "tensor '\(printable(tensor.name))' does not begin at a multiple of "
                        + "64 bytes")
            }
            return PackedTensor(format: format, file: tensor.file, pointer: tensor.pointer)
        }
        return nil
    }

    /// How a layer is packed when most are to have `wanted` bits.
    ///
    /// The vision tower stays at 8: it is limited by arithmetic, not by memory. The head, which every
    /// word passes through, keeps 6 where the layers have 4.
    static func format(of layer: String, wanted: WeightBits) -> PackedFormat {
        switch wanted {
        case .eight: .eight
        case .four where layer.hasPrefix("visual."): .eight
        case .four: layer == "lm_head" ? .six : .four
        }
    }
}
