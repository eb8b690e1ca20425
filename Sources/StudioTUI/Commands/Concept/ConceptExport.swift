import ArgumentParser
struct ConceptExport: StudioCommand {
    static let configuration = CommandConfiguration(commandName: "export")
    @OptionGroup var common: CommonOptions
    func run(_ session: Session) throws {}
}
