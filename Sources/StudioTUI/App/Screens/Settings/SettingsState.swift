import TerminalUI

/// The parts of the screen Settings.
enum SettingsPart: Int, CaseIterable, Sendable {
    case models, options, keys, doctor

    var title: String {
        switch self {
        case .models: "Models"
        case .options: "Options"
        case .keys: "Keys"
        case .doctor: "Doctor"
        }
    }

    var scope: CommandScope { .part(.settings, title.lowercased()) }
}

/// What the screen Settings knows.
struct SettingsState: Sendable {
    var part = SettingsPart.models
    var models = ListPosition()
    var options = ListPosition()
    var keys = ListPosition()
    /// The first line shown of the report.
    var doctor = ListPosition()

    /// What was found in the models' folders, by path.
    var folders: [String: ModelFolder] = [:]
    /// What inspecting a model told, by path.
    var inspected: [String: [String]] = [:]
    var memory: SystemMemory?
    var report: DoctorReport?
    var isExamining = false
}

/// A checkpoint folder as it lies on the disk.
struct ModelFolder: Sendable, Equatable {
    /// The size of its weights.
    var bytes: Int64
    /// Why it cannot be used, if so.
    var problem: String?
}

/// The memory of this computer, in bytes.
struct SystemMemory: Sendable, Equatable {
    var total: Int64
    var available: Int64
    /// What this process holds.
    var own: Int64
}
