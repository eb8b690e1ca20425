import ArgumentParser
struct DemoCommand: StudioCommand {
    static let configuration = CommandConfiguration(commandName: "demo")
    @OptionGroup var common: CommonOptions
    func run(_ session: Session) throws {}
}
