import Foundation
import Testing

@testable import ImageCodecs

@Suite struct MetadataStripperTests {
    static let privateNames = Sample.names.filter { $0.hasPrefix("private") }

    @Test(arguments: privateNames)
    func secretsAreGone(name: String) throws {
        let data = try Sample.data(name)
        #expect(data.range(of: Data("SECRET".utf8)) != nil)
        let stripped = try MetadataStripper.strip(data, name: name)
        #expect(stripped.range(of: Data("SECRET".utf8)) == nil)
        #expect(stripped.count < data.count)
    }

    @Test(arguments: Sample.goodNames)
    func picturesStayTheSame(name: String) throws {
        let data = try Sample.data(name)
        let stripped = try MetadataStripper.strip(data, name: name)
        #expect(try ImageDecoder.decode(stripped, name: name) == Sample.image(name))
        #expect(try ImageDecoder.info(stripped, name: name) == ImageDecoder.info(data, name: name))
    }

    @Test(arguments: Sample.goodNames)
    func strippingTwiceChangesNothing(name: String) throws {
        let once = try MetadataStripper.strip(Sample.data(name), name: name)
        #expect(try MetadataStripper.strip(once, name: name) == once)
    }

    /// Without its tag a turned picture would lie on its side; more than the tag would tell tales.
    @Test(arguments: [("private-6.jpg", 6), ("private-6.png", 6), ("private-8.webp", 8)])
    func onlyTheOrientationIsKeptOfEXIF(name: String, orientation: Int) throws {
        let stripped = [UInt8](try MetadataStripper.strip(Sample.data(name), name: name))
        let block =
            switch try #require(ImageFormat(sniffing: stripped)) {
            case .jpeg:
                try #require(JPEGSegments(stripped).first { $0.isExif(in: stripped) }?.payload)
                    .dropFirst(6)
            case .png: try #require(PNGChunks(stripped).first { $0.name == "eXIf" }?.payload)
            case .webp: try #require(WebPChunks(stripped).exif)
            }
        #expect(block.count == 26)
        #expect(stripped[block].suffix(8).first == UInt8(0))
        #expect(try ImageDecoder.info(Data(stripped), name: name).orientation == orientation)
    }

    @Test func uprightPicturesKeepNoEXIF() throws {
        let stripped = try MetadataStripper.strip(Sample.data("private-1.jpg"), name: "")
        #expect(stripped.range(of: Data("Exif".utf8)) == nil)
    }

    @Test(arguments: ["private-1.jpg", "private-6.png", "private-8.webp"])
    func colorProfilesAreKept(name: String) throws {
        let stripped = try MetadataStripper.strip(Sample.data(name), name: name)
        let mark = ["jpg": "ICC_PROFILE", "png": "iCCP", "webp": "ICCP"][
            Sample.url(name).pathExtension]
        #expect(stripped.range(of: Data((mark ?? "").utf8)) != nil)
    }

    @Test func damagedPicturesAreRefused() throws {
        let data = try Sample.data("plain.jpg")
        #expect(throws: ImageReadError.self) {
            try MetadataStripper.strip(data.prefix(data.count / 2), name: "x")
        }
    }
}
