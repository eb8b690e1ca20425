/// What can happen on the screen Settings.
enum SettingsAction: Sendable {
    case showPart(SettingsPart)
    /// The next part, or the one before.
    case stepPart(Int)
    /// A click on a row of a part; the second one opens it.
    case select(SettingsPart, Int)

    case useModel
    case askForModel
    case addModel(path: String, name: String, use: Bool)
    case inspectModel
    case inspected(path: String, name: String, lines: [String])
    case toggleLoaded
    case askToRemoveModel
    case removeModel(String)
    case foldersRead([String: ModelFolder], SystemMemory?)

    case changeOption
    /// The next of an option's values, or the one before.
    case stepOption(Int)
    case resetOption

    case changeKeys
    case resetKeys

    case examine
    case examined(DoctorReport)
    case verifyLibrary
    case copyReport
}

/// What the screen Settings wants done outside of the state.
enum SettingsEffect: Sendable {
    /// Looks into the folders of models.
    case readFolders([String])
    /// Makes a registered model the one in use; `nil` the embedded one.
    case use(String?)
    case add(path: String, name: String, use: Bool)
    case inspect(name: String, path: String)
    case remove(String)
    case examine(DoctorReport.Terminal)
    case verifyLibrary
}
