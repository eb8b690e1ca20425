import Glibc
import Synchronization

/// Ports that are given to one server only while these tests run.
///
/// The system gives the port of a server that has ended to the next one that asks for any. Then a
/// test that expects nobody there meets the server of another test. These lie below those that the
/// system gives to clients.
enum TestPort {
    struct NoneIsFree: Error {}

    private static let range = 20_000..<32_000
    /// Starts where another process of these tests hardly does.
    private static let given = Mutex(Int(getpid()) * 101 % range.count)

    static func next() throws -> Int {
        for _ in range {
            let port = given.withLock { given in
                given = (given + 1) % range.count
                return range.lowerBound + given
            }
            if isFree(port) { return port }
        }
        throw NoneIsFree()
    }

    private static func isFree(_ port: Int) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(port).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
