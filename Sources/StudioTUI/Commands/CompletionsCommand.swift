import ArgumentParser

/// `studio completions bash|zsh|fish`.
struct CompletionsCommand: StudioCommand {
    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish
    }

    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the script that completes studio's commands and options in a shell.",
        discussion: """
            bash: studio completions bash > ~/.local/share/bash-completion/completions/studio
            zsh:  studio completions zsh > "${fpath[1]}/_studio"
            fish: studio completions fish > ~/.config/fish/completions/studio.fish
            """)

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let script: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        session.console.print(Studio.completionScript(for: script))
    }
}
