public import Foundation

/// One request over HTTP.
public struct WebRequest: Sendable {
    /// Where it goes, with http or https.
    public var url: URL
    /// Names and values; an empty value leaves out a header that would be sent by itself.
    public var headers: [String: String] = [:]
    /// Sent with POST; `nil` asks with GET.
    public var body: Data?
    /// Most bytes of an answer; the request is ended when more come.
    public var limit: Int
    /// Longest silence, in seconds.
    public var stall: Double
    /// Longest time for all of it, in seconds.
    public var seconds: Double

    /// Asks with GET and no headers.
    public init(_ url: URL, limit: Int, stall: Double, seconds: Double) {
        self.url = url
        self.limit = limit
        self.stall = stall
        self.seconds = seconds
    }

    /// The headers as they are sent.
    ///
    /// - Throws: `WebFailure` when one would break out of its line.
    func lines() throws(WebFailure) -> [String] {
        var lines: [String] = []
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            let line = value.isEmpty ? "\(name):" : "\(name): \(value)"
            guard line.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
                throw WebFailure("the header \(name) holds control characters")
            }
            lines.append(line)
        }
        return lines
    }
}

/// What came back, whatever its status.
public struct WebAnswer: Sendable {
    /// Of HTTP.
    public let status: Int
    /// Names in lower case.
    public let headers: [String: String]
    /// At most as many bytes as were allowed.
    public let body: Data
    /// Whether more came than was allowed.
    public let isTooLong: Bool
    /// What ended the body early; `nil` when it is whole or too long.
    public let failure: WebFailure?
}

/// Why a request or its answer did not get through.
public struct WebFailure: Error, Equatable, CustomStringConvertible {
    /// In few words.
    public let description: String

    /// Takes the words as they are.
    public init(_ description: String) { self.description = description }

    /// The words of any error, at most 160 characters.
    public static func words(_ error: any Error) -> String {
        let failure = error as? WebFailure
        return String((failure?.description ?? (error as NSError).localizedDescription).prefix(160))
    }
}
