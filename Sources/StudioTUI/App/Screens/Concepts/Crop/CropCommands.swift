import TerminalUI

/// What can be done while a part of a picture is being chosen, besides moving the box.
enum CropCommands {
    static let scope = CommandScope.part(.concepts, "crop")

    static let all = [
        make(
            "cancel", "Cancel", "Back to the concept; nothing is added.", ["esc"], .cancel,
            "cancel", 8),
        make(
            "save", "Save the crop", "Adds the part as a new picture.", ["enter"], .save, "save", 10
        ),
        make(
            "cover", "Cover or not", "Whether the part becomes the cover.", ["c"], .toggleCover,
            "cover", 12),
        make("wider", "Wider", "Moves the right edge out.", ["L", "shift-right"], .resize(1, 0)),
        make(
            "narrower", "Narrower", "Moves the right edge in.", ["H", "shift-left"], .resize(-1, 0)),
        make("taller", "Taller", "Moves the lower edge down.", ["J", "shift-down"], .resize(0, 1)),
        make("lower", "Less tall", "Moves the lower edge up.", ["K", "shift-up"], .resize(0, -1)),
        make(
            "grow", "Grow", "Makes the box larger all around.", ["+", "="], .scale(1), "grow", 14),
        make(
            "shrink", "Shrink", "Makes the box smaller all around.", ["-"], .scale(-1), "shrink", 16
        ),
        make("square", "Square", "Makes both sides equally long.", ["s"], .square, "square", 18),
        make(
            "reset", "Start again", "Puts the box back to the middle.", ["0"], .reset,
            "start again", 20),
    ]

    private static func make(
        _ name: String, _ title: String, _ help: String, _ keys: [String], _ action: CropAction,
        _ word: String? = nil, _ order: Int = 0
    ) -> Command {
        Command(
            CommandID("crop.\(name)"), title, help: help, scope: scope, keys: keys,
            footer: word.map { FooterHint($0, order) },
            availability: {
                $0.concepts.crop == nil ? .refused("crop a picture first") : .ready
            },
            action: { _ in .concepts(.crop(action)) })
    }
}
