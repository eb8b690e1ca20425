import ArgumentParser

@main
struct Studio: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "studio")
}
