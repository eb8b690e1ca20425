import ConceptDB
import Foundation
import ImageCodecs

/// Keeps the votes in a file of the data folder; to be called from one queue.
struct CompareVoteFile {
    let url: URL

    static let limit = 32 << 20

    init(_ home: StudioHome) { url = home.data.appendingPathComponent("votes.json") }

    func read() throws -> CompareVotes {
        guard FileManager.default.fileExists(atPath: url.path) else { return CompareVotes() }
        do {
            let data = try BoundedFile.read(url, limit: Self.limit)
            return try JSONDecoder().decode(CompareVotes.self, from: data)
        } catch {
            throw StudioFailure(
                .failed, "the votes in \(url.path) cannot be read; move that file away to go on")
        }
    }

    /// Adds a vote and returns all of them; a file that cannot be read is left alone.
    func add(_ vote: CompareVote) throws -> CompareVotes {
        var votes = try read()
        var vote = vote
        vote.at = .now
        votes.votes.append(vote)
        try write(votes)
        return votes
    }

    /// Takes the latest vote between two captions back.
    func remove(left: Int64, right: Int64) throws -> CompareVotes {
        var votes = try read()
        if let index = votes.votes.lastIndex(where: {
            $0.left.caption == left && $0.right.caption == right
        }) {
            votes.votes.remove(at: index)
            try write(votes)
        }
        return votes
    }

    private func write(_ votes: CompareVotes) throws {
        let text = try StudioJSON.text(votes) + "\n"
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url, options: .atomic)
        } catch {
            throw StudioFailure(
                .failed, "the vote was not kept: \(url.path): \(FileReason.text(error))")
        }
    }
}
