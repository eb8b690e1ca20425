import Foundation
import ImageCodecs
import Testing

@Suite struct BoundedFileTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("bounded-file-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs a test in a fresh folder and removes it.
    private func inFolder(_ body: (URL) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appendingPathComponent("file"))
    }

    @Test func wholeFilesUpToTheLimitAreRead() throws {
        try inFolder { url in
            let content = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
            try content.write(to: url)
            #expect(try BoundedFile.read(url, limit: 100_000) == content)
            let expected = ImageReadError.tooLarge(file: url.path, bytes: 100_000, limit: 99_999)
            #expect(throws: expected) { try BoundedFile.read(url, limit: 99_999) }
            try Data().write(to: url)
            #expect(try BoundedFile.read(url, limit: 10) == Data())
        }
    }

    /// Opening a pipe in the ordinary way would wait for a writer for ever.
    @Test func pipesAreRefusedAtOnce() throws {
        try inFolder { url in
            #expect(mkfifo(url.path, 0o600) == 0)
            #expect(throws: ImageReadError.notARegularFile(file: url.path, kind: "a pipe")) {
                try BoundedFile.read(url, limit: 10)
            }
        }
    }

    @Test func whatIsNoFileIsNamed() throws {
        try inFolder { url in
            #expect(throws: ImageReadError.notFound(file: url.path)) {
                try BoundedFile.read(url, limit: 10)
            }
            #expect(throws: ImageReadError.notARegularFile(file: folder.path, kind: "a directory"))
            {
                try BoundedFile.read(folder, limit: 10)
            }
            let device = URL(fileURLWithPath: "/dev/zero")
            #expect(throws: ImageReadError.notARegularFile(file: "/dev/zero", kind: "a device")) {
                try BoundedFile.read(device, limit: 10)
            }
        }
    }

    @Test func socketsAreRefused() throws {
        try inFolder { url in
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let path = Array(url.path.utf8)
            try #require(path.count < 100)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            #expect(bound == 0)
            #expect(throws: ImageReadError.notARegularFile(file: url.path, kind: "a socket")) {
                try BoundedFile.read(url, limit: 10)
            }
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func missingPermissionIsSaid() throws {
        try inFolder { url in
            try Data([1]).write(to: url)
            #expect(chmod(url.path, 0) == 0)
            #expect(throws: ImageReadError.unreadable(file: url.path, reason: "permission denied"))
            {
                try BoundedFile.read(url, limit: 10)
            }
        }
    }

    @Test func pictureFilesAreDecoded() throws {
        #expect(try ImageDecoder.decode(fileAt: Sample.url("plain.jpg")).showsQuadrants)
    }
}
