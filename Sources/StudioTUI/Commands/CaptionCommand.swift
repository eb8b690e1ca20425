import ArgumentParser
struct CaptionCommand: StudioCommand {
    static let configuration = CommandConfiguration(commandName: "caption")
    @OptionGroup var common: CommonOptions
    func run(_ session: Session) throws {}
}
