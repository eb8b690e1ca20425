public import Foundation

/// Where a hub is, such as `https://huggingface.co` or a mirror of it.
public struct HubEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// The part that all paths follow.
    public let base: URL

    /// The one that is asked when nobody says otherwise.
    public static let usual = "https://huggingface.co"

    /// Reads an address.
    ///
    /// - Throws: `HubError.badEndpoint`.
    public init(_ text: String) throws(HubError) {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        guard !trimmed.unicodeScalars.contains(where: { $0.value < 33 || $0.value == 127 }),
            var parts = URLComponents(string: trimmed), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty,
            parts.query == nil, parts.fragment == nil, parts.user == nil, parts.password == nil
        else { throw .badEndpoint(text, reason: "it is written as \(Self.usual)") }
        while parts.path.hasSuffix("/") { parts.path.removeLast() }
        guard let base = parts.url else {
            throw .badEndpoint(text, reason: "it is written as \(Self.usual)")
        }
        self.base = base
    }

    /// The option, else `$HF_ENDPOINT`, else the usual one.
    ///
    /// - Throws: `HubError.badEndpoint`.
    public static func resolve(
        option: String?, environment: [String: String]
    ) throws(HubError) -> HubEndpoint {
        let texts = [option, environment["HF_ENDPOINT"]].compactMap { $0 }
        return try HubEndpoint(texts.first { !$0.isEmpty } ?? usual)
    }

    /// The address as it is shown.
    public var description: String { base.absoluteString }

    /// The host, when it is this machine.
    public var loopbackHost: String? {
        base.host.flatMap { HubRedirect.isLoopback($0) ? $0 : nil }
    }

    /// Whether a secret may be sent: encrypted, or not leaving this machine.
    public var isPrivate: Bool {
        base.scheme?.lowercased() == "https" || HubRedirect.isLoopback(base.host ?? "")
    }

    func listing(of repository: RepositoryName) -> URL {
        var parts = URLComponents(
            url: base.appendingPathComponent("api/models")
                .appendingPathComponent(repository.description)
                .appendingPathComponent("revision")
                .appendingPathComponent(repository.revision), resolvingAgainstBaseURL: false)
        parts?.queryItems = [URLQueryItem(name: "blobs", value: "true")]
        return parts?.url ?? base
    }

    func file(_ name: String, of repository: RepositoryName, commit: String) -> URL {
        base.appendingPathComponent(repository.description).appendingPathComponent("resolve")
            .appendingPathComponent(commit).appendingPathComponent(name)
    }
}

/// The secret that a hub knows its user by.
public enum HubToken {
    /// `$HF_TOKEN`, else the file where the hub's own tools keep it; `nil` when there is none.
    ///
    /// - Parameter read: a file's text; `nil` when there is none.
    public static func find(
        environment: [String: String], read: (String) -> String?
    ) -> String? {
        func filled(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let token = filled("HF_TOKEN") ?? filled("HUGGING_FACE_HUB_TOKEN") {
            return usable(token)
        }
        let file = filled("HF_TOKEN_PATH") ?? HubCache.home(environment) + "/token"
        return read(file).flatMap(usable)
    }

    /// A token holds signs that a header can carry.
    private static func usable(_ text: String) -> String? {
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let isFine =
            !token.isEmpty && token.utf8.count <= 1024
            && token.utf8.allSatisfy { $0 > 32 && $0 < 127 }
        return isFine ? token : nil
    }
}
