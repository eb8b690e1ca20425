import ArgumentParser
import VLMRuntime

/// How many bits the memory of what was read takes.
struct KeyValueArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Bits of each number kept of the prompt: 8 halves the memory of long prompts and "
                + "rounds a little more; default: 16, or 32 for small models.",
            valueName: "32|16|8"))
    var kvBits: Int?

    func validate() throws {
        if kvBits != nil, storage == nil { throw ValidationError("--kv-bits takes 32, 16 or 8.") }
    }

    var storage: KVStorage? {
        switch kvBits {
        case 32: .float32
        case 16: .float16
        case 8: .int8
        default: nil
        }
    }
}
