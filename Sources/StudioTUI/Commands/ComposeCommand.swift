import ArgumentParser
struct ComposeCommand: StudioCommand {
    static let configuration = CommandConfiguration(commandName: "compose")
    @OptionGroup var common: CommonOptions
    func run(_ session: Session) throws {}
}
