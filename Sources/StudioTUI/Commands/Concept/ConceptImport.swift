import ArgumentParser
struct ConceptImport: StudioCommand {
    static let configuration = CommandConfiguration(commandName: "import")
    @OptionGroup var common: CommonOptions
    func run(_ session: Session) throws {}
}
