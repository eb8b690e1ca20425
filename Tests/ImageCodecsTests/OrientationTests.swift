import Foundation
import ImageCodecs
import Testing

@Suite struct OrientationTests {
    @Test(arguments: 1...8)
    func everyOrientationIsTurnedUpright(orientation: Int) throws {
        let name = "orientation-\(orientation).jpg"
        let info = try ImageDecoder.info(Sample.data(name), name: name)
        #expect(info.orientation == orientation)
        #expect((info.width, info.height) == (48, 32))
        #expect(try Sample.image(name).showsQuadrants)
    }

    @Test(arguments: [("orientation-6.png", 6), ("orientation-8.webp", 8)])
    func otherFormatsCarryOrientationToo(name: String, orientation: Int) throws {
        #expect(try ImageDecoder.info(Sample.data(name), name: name).orientation == orientation)
        #expect(try Sample.image(name).showsQuadrants)
    }

    /// The tag is advice: if it is senseless, the pixels still are what they are.
    @Test func senselessOrientationMeansUpright() throws {
        let data = try Sample.data("orientation-6.jpg")
        let entry = Data([0x01, 0x12, 0x00, 0x03])
        let tag = try #require(
            data.range(of: entry) ?? data.range(of: Data([0x12, 0x01, 0x03, 0x00])))
        for value in [0, 9, 200] as [UInt8] {
            var changed = data
            changed[tag.lowerBound + 8] = value
            changed[tag.lowerBound + 9] = value
            let info = try ImageDecoder.info(changed, name: "")
            #expect(info.orientation == 1)
            #expect((info.width, info.height) == (32, 48))
        }
    }
}
