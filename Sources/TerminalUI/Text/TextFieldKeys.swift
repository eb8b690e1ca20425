extension TextField {
    /// Does what a key means in a text field.
    ///
    /// - Parameter columns: how wide the field is drawn, so that up and down follow the rows on the
    ///   screen.
    public mutating func handle(_ key: Key, columns: Int = .max) -> Outcome {
        switch key.code {
        case .character(let character): handle(character, key.modifiers)
        case .enter: isMultiline && key.modifiers.isEmpty ? type("\n") : .ignored
        case .up where isMultiline: moveRow(-1, columns: columns)
        case .down where isMultiline: moveRow(1, columns: columns)
        default: handleNamed(key)
        }
    }

    private mutating func handle(_ character: Character, _ modifiers: KeyModifiers) -> Outcome {
        switch modifiers.subtracting(.shift) {
        case []: return type(character)
        case .control: return handleControl(character)
        case .alt: return handleAlt(character)
        default: return .ignored
        }
    }

    private mutating func handleNamed(_ key: Key) -> Outcome {
        let byWords = !key.modifiers.isDisjoint(with: [.control, .alt])
        switch key.code {
        case .left: return move(to: byWords ? wordStart() : cursor - 1)
        case .right: return move(to: byWords ? wordEnd() : cursor + 1)
        case .home: return move(to: byWords ? 0 : lineStart())
        case .end: return move(to: byWords ? characters.count : lineEnd())
        case .backspace: return byWords ? cut(from: wordStart()) : delete(cursor - 1)
        case .delete: return byWords ? cut(to: wordEnd()) : delete(cursor)
        default: return .ignored
        }
    }

    private mutating func handleControl(_ character: Character) -> Outcome {
        switch character {
        case "a": return move(to: lineStart())
        case "e": return move(to: lineEnd())
        case "b": return move(to: cursor - 1)
        case "f": return move(to: cursor + 1)
        case "h": return delete(cursor - 1)
        case "d": return delete(cursor)
        case "w": return cut(from: blankStart())
        case "u": return cut(from: lineStart())
        case "k":
            // At the end of a line the line break itself goes.
            return cut(to: lineEnd() == cursor ? cursor + 1 : lineEnd())
        case "y": return yank()
        case "t": return transpose()
        // Terminals send the same byte for control with `_`, `/` and `-`.
        case "z", "_", "/", "-": return undo()
        default: return .ignored
        }
    }

    private mutating func handleAlt(_ character: Character) -> Outcome {
        switch character {
        case "b": return move(to: wordStart())
        case "f": return move(to: wordEnd())
        case "d": return cut(to: wordEnd())
        case "<": return move(to: 0)
        case ">": return move(to: characters.count)
        case "_": return redo()
        default: return .ignored
        }
    }

    // MARK: - Moving

    private mutating func move(to position: Int) -> Outcome {
        moveCursor(to: position)
        return .moved
    }

    private mutating func moveRow(_ step: Int, columns: Int) -> Outcome {
        let rows = rowRanges(columns: columns)
        let row = Self.row(of: cursor, in: rows)
        guard rows.indices.contains(row + step) else { return .ignored }
        let column = wantedColumn ?? self.column(of: cursor, in: rows[row])
        cursor = position(column: column, in: rows, row: row + step)
        habit = .none
        wantedColumn = column
        return .moved
    }

    /// Where the line of the cursor starts.
    private func lineStart() -> Int {
        (characters[..<cursor].lastIndex(where: \.isNewline) ?? -1) + 1
    }

    private func lineEnd() -> Int {
        characters[cursor...].firstIndex(where: \.isNewline) ?? characters.count
    }

    /// Before the word of letters and digits at or before the cursor.
    private func wordStart() -> Int {
        var position = cursor
        while position > 0, !Self.isWord(characters[position - 1]) { position -= 1 }
        while position > 0, Self.isWord(characters[position - 1]) { position -= 1 }
        return position
    }

    private func wordEnd() -> Int {
        var position = cursor
        while position < characters.count, !Self.isWord(characters[position]) { position += 1 }
        while position < characters.count, Self.isWord(characters[position]) { position += 1 }
        return position
    }

    /// Before everything back to the last white space, as ctrl-w of a shell.
    private func blankStart() -> Int {
        var position = cursor
        while position > 0, characters[position - 1].isWhitespace { position -= 1 }
        while position > 0, !characters[position - 1].isWhitespace { position -= 1 }
        return position
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
    }

    // MARK: - Changing

    private mutating func delete(_ position: Int) -> Outcome {
        guard characters.indices.contains(position) else {
            endHabit()
            return .moved
        }
        remember()
        remove(position..<position + 1)
        endHabit()
        return .changed
    }

    private mutating func cut(from start: Int) -> Outcome { cut(start..<cursor, inFront: true) }

    private mutating func cut(to end: Int) -> Outcome {
        cut(cursor..<min(end, characters.count), inFront: false)
    }

    /// Cuts text for ctrl-y; cuts that follow each other are yanked as one.
    private mutating func cut(_ range: Range<Int>, inFront: Bool) -> Outcome {
        guard !range.isEmpty else { return .moved }
        remember()
        let piece = Array(characters[range])
        let kept = habit == .cutting ? killed : []
        killed = inFront ? piece + kept : kept + piece
        remove(range)
        endHabit()
        habit = .cutting
        return .changed
    }

    private mutating func yank() -> Outcome {
        killed.isEmpty ? .moved : insert(String(killed))
    }

    private mutating func transpose() -> Outcome {
        let second = min(cursor, characters.count - 1)
        guard second > 0, cursor > 0 else { return .moved }
        remember()
        var swapped = characters
        swapped.swapAt(second - 1, second)
        let before = characters
        replaceCharacters(swapped, cursor: second + 1)
        endHabit()
        return characters == before ? forgetMoment() : .changed
    }

    /// Removes characters; what comes together may join into fewer.
    private mutating func remove(_ range: Range<Int>) {
        var rest = characters
        rest.removeSubrange(range)
        replaceCharacters(rest, cursor: range.lowerBound)
    }

    private mutating func replaceCharacters(_ pieces: [Character], cursor wanted: Int) {
        let scalars = pieces[..<wanted].reduce(0) { $0 + $1.unicodeScalars.count }
        characters = Array(String(pieces))
        cursor = Self.clusters(of: characters, coveringScalars: scalars)
    }
}
