import Testing

@testable import PersonalCaption

struct PlacementTests {
    @Test(arguments: [
        (
            "rex@10,20,30",
            Placement(name: "rex", x: .pixels(10), y: .pixels(20), width: .pixels(30))
        ),
        (
            "rex@10%,2.5%,30%",
            Placement(name: "rex", x: .fraction(0.1), y: .fraction(0.025), width: .fraction(0.3))
        ),
        (
            " rex @ -4 , 20 , 30 ",
            Placement(name: "rex", x: .pixels(-4), y: .pixels(20), width: .pixels(30))
        ),
        ("a@b.c@1,2,3", Placement(name: "a@b.c", x: .pixels(1), y: .pixels(2), width: .pixels(3))),
        (
            "Smith, Ann@1,2,3",
            Placement(name: "Smith, Ann", x: .pixels(1), y: .pixels(2), width: .pixels(3))
        ),
        (
            "x@1,2,3@4,5,6",
            Placement(name: "x@1,2,3", x: .pixels(4), y: .pixels(5), width: .pixels(6))
        ),
        ("小明@1,2,3", Placement(name: "小明", x: .pixels(1), y: .pixels(2), width: .pixels(3))),
        (
            "rex@1,2,3,r-15.5,flip",
            Placement(
                name: "rex", x: .pixels(1), y: .pixels(2), width: .pixels(3), rotation: -15.5,
                isFlipped: true)
        ),
        (
            "rex@1,2,3,FLIP,R90",
            Placement(
                name: "rex", x: .pixels(1), y: .pixels(2), width: .pixels(3), rotation: 90,
                isFlipped: true)
        ),
    ])
    func placementsAreReadFromTheRight(text: String, expected: Placement) throws {
        #expect(try Placement(parsing: text) == expected)
    }

    @Test(arguments: ["rex", "rex@", "rex@1,2", "@1,2,3", "  @1,2,3", ""])
    func anotherFormIsRefused(text: String) {
        #expect(throws: PlacementError.form(text)) { try Placement(parsing: text) }
    }

    @Test(arguments: [
        "rex@a,2,3", "rex@1,,3", "rex@1,2,3px", "rex@1e3,2,3", "rex@nan,2,3", "rex@1,2,inf",
        "rex@1,2,999999", "rex@1,2,%", "rex@--1,2,3",
    ])
    func whatIsNoMeasureIsRefused(text: String) {
        let error = #expect(throws: PlacementError.self) { try Placement(parsing: text) }
        guard case .measure(text, _) = error else {
            Issue.record("unexpected error: \(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        "rex@1,2,3,4", "rex@1,2,3,r", "rex@1,2,3,r10%", "rex@1,2,3,", "rex@1,2,3,turn",
    ])
    func anUnknownOptionIsRefused(text: String) {
        let error = #expect(throws: PlacementError.self) { try Placement(parsing: text) }
        guard case .option(text, _) = error else {
            Issue.record("unexpected error: \(String(describing: error))")
            return
        }
    }
}
