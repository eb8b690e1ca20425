import Foundation

/// A system call that failed.
struct SystemFailure: Error, Equatable {
    let path: String
    let code: Int32

    var reason: String { String(cString: strerror(code)) }

    /// The failure of the call just made.
    static func last(_ path: String) -> SystemFailure {
        SystemFailure(path: path, code: errno)
    }
}

/// Files that are on the disk when the call returns.
enum DurableFile {
    /// Creates a file that must not exist, writes it and waits for the disk.
    static func create(_ path: String, _ data: Data) throws(SystemFailure) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard file >= 0 else { throw .last(path) }
        defer { close(file) }
        try write(data, to: file, path: path)
        guard fsync(file) == 0 else { throw .last(path) }
    }

    /// Writes all bytes at the current position.
    static func write(_ data: Data, to file: Int32, path: String) throws(SystemFailure) {
        let failure: SystemFailure? = data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: rest)
                let count = systemWrite(file, slice.baseAddress, slice.count)
                if count < 0, errno == EINTR { continue }
                // A disk that accepts nothing without saying why is full.
                guard count != 0 else { return SystemFailure(path: path, code: ENOSPC) }
                guard count > 0 else { return .last(path) }
                rest = rest.dropFirst(count)
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// Makes a folder unless it is there; a new one survives a power cut.
    static func makeFolder(_ path: String, durable: Bool = true) throws(SystemFailure) {
        if mkdir(path, 0o755) == 0 {
            if durable { try syncFolder((path as NSString).deletingLastPathComponent) }
            return
        }
        guard errno == EEXIST else { throw .last(path) }
        guard kind(of: path) == S_IFDIR else { throw SystemFailure(path: path, code: ENOTDIR) }
    }

    /// Gives a file another name on the same disk; call `syncFolder` for its new folder afterwards.
    static func move(_ source: String, to target: String) throws(SystemFailure) {
        guard rename(source, target) == 0 else { throw .last(target) }
    }

    /// Waits until the names in a folder are on the disk.
    static func syncFolder(_ path: String) throws(SystemFailure) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .last(path) }
        defer { close(folder) }
        // Some file systems cannot sync folders; they say EINVAL and there is nothing better to do.
        guard fsync(folder) == 0 || errno == EINVAL else { throw .last(path) }
    }

    /// The names in a folder, or none if it cannot be read.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// `S_IFREG`, `S_IFDIR` and so on, without following a link; `nil` if nothing is there.
    static func kind(of path: String) -> mode_t? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        return facts.st_mode & S_IFMT
    }

    /// The size of a file in bytes; `nil` if it is not there or is no regular file.
    static func size(of path: String) -> Int? {
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(facts.st_size)
    }
}

/// `write(2)`, whose name the method above hides.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(file, bytes, count)
}

/// `close(2)`, for types with a method of that name.
func closeFile(_ descriptor: Int32) {
    close(descriptor)
}
