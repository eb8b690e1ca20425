/// The picture the demo composes itself.
enum DemoComposition {
    static func scene(in home: DemoHome, library: [Int: LibraryReference]) throws -> DemoScene? {
        nil
    }
}
