import ArgumentParser
import Foundation

/// The manual page, made from the same declarations as the program's help.
enum ManualPage {
    /// The page in the man macros of roff.
    static func text() throws -> String {
        let dump = Data(Studio._dumpHelp().utf8)
        let root = try JSONDecoder().decode(Dump.self, from: dump).command
        var page = [
            ".TH STUDIO 1 \"\" \"studio \(Studio.version)\" \"User Commands\"",
            ".SH NAME", "studio \\- \(escaped(withoutDot(root.abstract ?? "").lowercasedFirst))",
            ".SH SYNOPSIS", ".B studio", ".I command", "[\\fIoption\\fR ...]",
            ".SH DESCRIPTION",
        ]
        page += paragraphs(root.discussion ?? "")
        page += [".SH COMMANDS"]
        for command in root.visibleSubcommands { page += commandText(command, path: ["studio"]) }
        page += [".SH OPTIONS OF EVERY COMMAND"]
        page += common(root).flatMap(argumentText)
        page += closing
        return page.joined(separator: "\n") + "\n"
    }

    private static let closing = [
        ".SH EXIT STATUS", ".TP", ".B 0", "done", ".TP", ".B 1", "failed", ".TP", ".B 2",
        "the command line was not understood", ".TP", ".B 3",
        "a concept, caption, model or file that was named is not there", ".TP", ".B 4",
        "something is there and cannot be used, such as a damaged picture", ".TP", ".B 130",
        "interrupted",
        ".SH ENVIRONMENT", ".TP", ".B STUDIO_HOME", "the folder below which everything is kept",
        ".TP", ".B STUDIO_SAMPLES", "the folder of the sample pictures and the embedded model",
        ".TP", ".B STUDIO_IMAGE_PROTOCOL",
        "how pictures are drawn: sixel, blocks, 256, 16 or none; default: chosen by what the "
            + "terminal can do",
        ".TP", ".B NO_COLOR", "when not empty, no colours are written",
        ".SH FILES", "Without \\fB\\-\\-home\\fR and \\fBSTUDIO_HOME\\fR the folders are",
        ".IR $XDG_DATA_HOME/studio ,", ".IR $XDG_CONFIG_HOME/studio ,",
        ".I $XDG_CACHE_HOME/studio", "(may be deleted at any time) and",
        ".IR $XDG_STATE_HOME/studio .",
    ]

    // MARK: - The dump

    private struct Dump: Decodable {
        let command: Command
    }

    private struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let subcommands: [Command]?
        let arguments: [Argument]?
        let shouldDisplay: Bool?

        var visibleSubcommands: [Command] {
            (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
        }
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }

        let kind: String
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let abstract: String?
        let discussion: String?

        var longName: String? { names?.first { $0.kind == "long" }?.name }
    }

    private static let commonNames: Set<String> = [
        "home", "json", "quiet", "no-color", "help", "version",
    ]

    /// The shared options, as the first command that has them declares them.
    private static func common(_ root: Command) -> [Argument] {
        let leaf = root.visibleSubcommands.flatMap { [$0] + $0.visibleSubcommands }
            .first { $0.arguments?.contains { $0.longName == "json" } ?? false }
        return (leaf?.arguments ?? []).filter {
            $0.longName.map { commonNames.contains($0) && $0 != "version" } ?? false
        }
    }

    // MARK: - Text

    private static func commandText(_ command: Command, path: [String]) -> [String] {
        let path = path + [command.commandName]
        let own = (command.arguments ?? []).filter { argument in
            argument.shouldDisplay && !(argument.longName.map(commonNames.contains) ?? false)
        }
        var lines: [String] = []
        if command.visibleSubcommands.isEmpty {
            let synopsis = own.filter { $0.kind == "positional" }.map(positional)
            lines += [".SS \(escaped((path + synopsis).joined(separator: " ")))"]
            lines += paragraphs(command.abstract ?? "")
            if let discussion = command.discussion { lines += [".PP"] + paragraphs(discussion) }
            lines += own.flatMap(argumentText)
        }
        return lines + command.visibleSubcommands.flatMap { commandText($0, path: path) }
    }

    private static func positional(_ argument: Argument) -> String {
        let name = (argument.valueName ?? "value").uppercased()
        let repeated = argument.isRepeating ? "\(name)..." : name
        return argument.isOptional ? "[\(repeated)]" : repeated
    }

    private static func argumentText(_ argument: Argument) -> [String] {
        var head: String
        if argument.kind == "positional" {
            head = "\\fI\(escaped((argument.valueName ?? "value").uppercased()))\\fR"
        } else {
            head = (argument.names ?? []).map { name in
                "\\fB\(escaped((name.kind == "long" ? "--" : "-") + name.name))\\fR"
            }.joined(separator: ", ")
            if argument.kind == "option" {
                head += " \\fI\(escaped((argument.valueName ?? "value")))\\fR"
            }
        }
        var text = [argument.abstract, argument.discussion].compactMap { $0 }.joined(separator: " ")
        if let value = argument.defaultValue, !value.isEmpty { text += " (default: \(value))" }
        return [".TP", head] + paragraphs(text)
    }

    private static func paragraphs(_ text: String) -> [String] {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            // Lines that the help keeps apart stay apart.
            if let last = lines.last, last != ".PP", !line.isEmpty { lines.append(".br") }
            lines.append(line.isEmpty ? ".PP" : escaped(String(line)))
        }
        return lines
    }

    /// Text that roff takes literally.
    private static func escaped(_ text: String) -> String {
        let safe = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&\(safe)" : safe
    }

    private static func withoutDot(_ text: String) -> String {
        text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
