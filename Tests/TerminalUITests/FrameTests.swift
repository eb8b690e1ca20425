import Testing

@testable import TerminalUI

@Suite struct FrameTests {
    @Test func textIsCutAtTheEdge() {
        var frame = Frame(size: Size(columns: 5, rows: 1))
        #expect(frame.write("abcdefg", x: 3, y: 0) == 2)
        #expect(frame.text(row: 0) == "   ab")
    }

    @Test func halfOfAWideCharacterDisappearsWithItsOtherHalf() {
        var frame = Frame(size: Size(columns: 4, rows: 1))
        frame.write("你好", x: 0, y: 0)
        frame.write("x", x: 1, y: 0)
        #expect(frame.text(row: 0) == " x好")
        frame.write("y", x: 2, y: 0)
        #expect(frame.text(row: 0) == " xy ")
    }

    @Test func joinedEmojiTakeTheWidthOfTheFirst() {
        var frame = Frame(size: Size(columns: 8, rows: 1))
        #expect(frame.write("👩‍👩‍👧|", x: 0, y: 0) == 3)
    }

    @Test func picturesStayOffTheLastRow() {
        var frame = Frame(size: Size(columns: 4, rows: 4))
        frame.place(
            FramePicture(key: "a", rect: Rect(x: 0, y: 2, columns: 2, rows: 2), lines: []))
        #expect(frame.pictures.isEmpty)
        frame.place(
            FramePicture(key: "a", rect: Rect(x: 0, y: 1, columns: 2, rows: 2), lines: []))
        #expect(frame.pictures.count == 1)
        #expect(frame[0, 1].picture == 0)
        frame.write("x", x: 0, y: 1)
        #expect(frame[0, 1].picture == -1)
    }
}
