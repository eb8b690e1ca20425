import ArgumentParser
import VLMRuntime

/// How exactly a model computes and remembers.
struct Precision: Sendable, Equatable {
    /// `nil` for the model's usual way.
    var arithmetic: Arithmetic?
    /// `nil` for the model's usual way.
    var keyValues: KVStorage?

    /// As the model does it unless told otherwise.
    static let usual = Precision()
}

/// Options that trade exactness for speed and memory.
struct PrecisionArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Bits of each number kept of the prompt: 8 halves the memory of long prompts and "
                + "rounds a little more; default: 16, or 32 for small models.",
            valueName: "32|16|8"))
    var kvBits: Int?

    @Option(
        help: ArgumentHelp(
            "How products are computed with weights as they come: bfloat16 rounds what goes in, "
                + "and is faster where the processor has the instruction; default: by the size of "
                + "the model.",
            valueName: "float32|bfloat16"),
        completion: .list(["float32", "bfloat16"]))
    var arithmetic: String?

    func validate() throws {
        if kvBits != nil, storage == nil { throw ValidationError("--kv-bits takes 32, 16 or 8.") }
        if arithmetic != nil, chosenArithmetic == nil {
            throw ValidationError("--arithmetic takes float32 or bfloat16.")
        }
    }

    var precision: Precision { Precision(arithmetic: chosenArithmetic, keyValues: storage) }

    private var chosenArithmetic: Arithmetic? {
        switch arithmetic {
        case "float32": .float32
        case "bfloat16": .bfloat16
        default: nil
        }
    }

    private var storage: KVStorage? {
        switch kvBits {
        case 32: .float32
        case 16: .float16
        case 8: .int8
        default: nil
        }
    }
}
