/// Why a run cannot start, go on, or be found.
public enum RunError: Error, Equatable, CustomStringConvertible {
    /// There is no run of this name.
    case notFound(name: String)
    /// A run of this name exists already.
    case exists(name: String)
    /// The name cannot be that of a folder.
    case badName(name: String)
    /// Another process trains.
    case busy
    /// A file of the run cannot be read.
    case damaged(path: String, reason: String)
    /// A file of the run cannot be written.
    case unwritable(path: String, reason: String)
    /// The checkpoint is not the one the run began with.
    case otherModel(name: String)
    /// Nothing to learn from.
    case noMaterial(reason: String)
    /// All updates are done.
    case finished(name: String)

    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .notFound(let name):
            "there is no run '\(PromptName.oneLine(name))'; 'studio runs list' shows all"
        case .exists(let name):
            "there is a run '\(PromptName.oneLine(name))' already; go on with --resume, or choose "
                + "another --name"
        case .badName(let name):
            "'\(PromptName.oneLine(name))' cannot name a run; use up to 64 letters, digits, '-', "
                + "'_' and '.', beginning with a letter or digit"
        case .busy:
            "another run is training now; wait for it, or end it with 'studio runs stop NAME'"
        case .damaged(let path, let reason):
            "\(path) cannot be used (\(reason)); resume from another run or start a new one"
        case .unwritable(let path, let reason):
            "\(path) cannot be written (\(reason)); check permissions and free space; the last "
                + "checkpoint is kept"
        case .otherModel(let name):
            "the model has changed since run '\(PromptName.oneLine(name))' began; start a new run"
        case .noMaterial(let reason): reason
        case .finished(let name):
            "run '\(PromptName.oneLine(name))' has done all its steps; ask for more with --steps"
        }
    }
}
