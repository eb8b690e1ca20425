import Foundation
import ImageCodecs
import VLMRuntime

extension Fixtures {
    /// The conversation that the golden tensors were made with.
    static func goldenConversation() throws -> [ChatMessage] {
        let images = try (0..<2).map { index in
            let file = golden.appendingPathComponent("images/img\(index).png")
            return ImageInput(try ImageDecoder.decode(fileAt: file).flattened())
        }
        return [
            ChatMessage(
                .user,
                [
                    .image(images[0]), .text("and then "), .image(images[1]),
                    .text("Describe the images: it's the same café? 图像"),
                ])
        ]
    }
}
