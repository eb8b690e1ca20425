import Testing

@testable import PersonalCaption

/// One caption and what a reader would say it names.
struct NameVector: Sendable, CustomTestStringConvertible {
    var caption: String
    var supplied: [String]
    var named: [String]
    var absent: [String]

    init(_ caption: String, _ supplied: [String], named: [String], absent: [String] = []) {
        self.caption = caption
        self.supplied = supplied
        self.named = named
        self.absent = absent
    }

    var testDescription: String { "\(caption) ← \(supplied)" }
}

struct NameCheckTests {
    private func check(_ vector: NameVector) {
        let report = NameCheck(supplied: vector.supplied).report(on: vector.caption)
        #expect(report.named == vector.named)
        #expect(report.unnamed == vector.supplied.filter { !vector.named.contains($0) })
        #expect(report.absent == vector.absent)
    }

    @Test(arguments: [
        NameVector("<Max> sits on a chair.", ["Max"], named: ["Max"]),
        NameVector("Max sits on a chair.", ["Max"], named: ["Max"]),
        NameVector("max sits.", ["Max"], named: ["Max"]),
        NameVector("MAX!", ["Max"], named: ["Max"]),
        NameVector("The maximum of Maxine's climax.", ["Max"], named: []),
        NameVector("Max2 is here.", ["Max"], named: []),
        NameVector("**Max** and _Bella_ play.", ["Max", "Bella"], named: ["Max", "Bella"]),
        NameVector(
            "(Max), \"Bella\" & [Bo]", ["Max", "Bella", "Bo"], named: ["Max", "Bella", "Bo"]),
        NameVector("", ["Max"], named: []),
        NameVector("A dog.", [], named: []),
        NameVector("Both <bo> and <Max>.", ["Max", "Bo"], named: ["Max", "Bo"]),
    ])
    func wordsBareOrInBrackets(_ vector: NameVector) { check(vector) }

    @Test(arguments: [
        NameVector("Max's mug", ["Max"], named: ["Max"]),
        NameVector("Max’s mug", ["Max"], named: ["Max"]),
        NameVector("<Max>'s mug", ["Max"], named: ["Max"]),
        NameVector("James' mug", ["James"], named: ["James"]),
        NameVector("James’s mug", ["James"], named: ["James"]),
        NameVector("Max's mug isn't Ann's.", ["S", "T"], named: []),
        NameVector("<Max>'s mug", ["S"], named: [], absent: ["Max"]),
        NameVector("Chloe’s mug is full.", ["Chloe's mug"], named: ["Chloe's mug"]),
        NameVector("Chloe drinks; the mug is full.", ["Chloe's mug"], named: []),
        NameVector("O’Brien waves.", ["O'Brien"], named: ["O'Brien"]),
        NameVector("Max's Junior", ["Max Junior"], named: []),
        NameVector("'t Hooft speaks.", ["'t Hooft"], named: ["'t Hooft"]),
    ])
    func apostrophes(_ vector: NameVector) { check(vector) }

    @Test(arguments: [
        NameVector("Black  Widow\nfights.", ["black widow"], named: ["black widow"]),
        NameVector("backpack dog and a backpack_dog", ["backpack_dog"], named: ["backpack_dog"]),
        NameVector("Mr Sait and Dr. Who", ["Mr. Sait", "Dr Who"], named: ["Mr. Sait", "Dr Who"]),
        NameVector("We met Max. Junior stayed.", ["Max Junior"], named: ["Max Junior"]),
        NameVector("We met Bella. Junior stayed.", ["Bella Junior"], named: []),
        NameVector("There is Max, Junior and Bo", ["Max Junior"], named: []),
        NameVector("Max\n\nJunior", ["Max Junior"], named: []),
        NameVector("Jean–Luc and jean luc", ["Jean-Luc"], named: ["Jean-Luc"]),
        NameVector("Smith, Ann waves.", ["Smith, Ann"], named: ["Smith, Ann"]),
        NameVector("Widow Black", ["Black Widow"], named: []),
        NameVector("BlackWidow", ["Black Widow"], named: []),
    ])
    func namesOfSeveralWords(_ vector: NameVector) { check(vector) }

    @Test(arguments: [
        NameVector("Max Junior runs.", ["Max", "Max Junior"], named: ["Max Junior"]),
        NameVector(
            "Max Junior and Max run.", ["Max", "Max Junior"], named: ["Max", "Max Junior"]),
        NameVector("<Max Junior> runs.", ["Max", "Max Junior"], named: ["Max Junior"]),
        NameVector("<Max Junior> runs.", ["Max"], named: [], absent: ["Max Junior"]),
        NameVector("<Max and Bo> run.", ["Max", "Bo"], named: ["Max", "Bo"]),
        NameVector("<Max and Zoe> run.", ["Max", "Bo"], named: [], absent: ["Max and Zoe"]),
        NameVector("C++ and C", ["C", "C++"], named: ["C", "C++"]),
        NameVector("Only C++", ["C", "C++"], named: ["C++"]),
    ])
    func theLongestNameWins(_ vector: NameVector) { check(vector) }

    @Test(arguments: [
        NameVector("<Rex> and <Max>", ["Max"], named: ["Max"], absent: ["Rex"]),
        NameVector("<Rex>, <rex>, <REX!>", ["Max"], named: [], absent: ["Rex"]),
        NameVector("3 < 5 and 7 > 2", ["Max"], named: []),
        NameVector("a < Max > b", ["Max"], named: ["Max"]),
        NameVector("an open <Max and no end", ["Max"], named: ["Max"]),
        NameVector("<<Max>>", ["Max"], named: ["Max"]),
        NameVector("<>", ["Max"], named: []),
        NameVector("Max</Max>", ["Max"], named: ["Max"]),
        NameVector("the dog</Max> sleeps", ["Max"], named: []),
        NameVector("<", ["Max"], named: []),
        NameVector("<M", ["M"], named: ["M"]),
        NameVector("</>", ["M"], named: []),
        NameVector("＜Ｍａｘ＞ rests", ["Max"], named: ["Max"]),
    ])
    func brackets(_ vector: NameVector) { check(vector) }

    @Test(arguments: [
        NameVector("小明在公园里。", ["小明"], named: ["小明"]),
        NameVector("公园里的小 明和Max在玩", ["小明", "Max"], named: ["小明", "Max"]),
        NameVector("さくらが走る", ["さくら"], named: ["さくら"]),
        NameVector("マックスさんが走る", ["マックス"], named: ["マックス"]),
        NameVector("クライマックスだ", ["マックス"], named: []),
        NameVector("ﾏｯｸｽは", ["マックス"], named: ["マックス"]),
        NameVector("민수는 웃는다", ["민수"], named: ["민수"]),
        NameVector("민수에게는 개가 있다", ["민수"], named: ["민수"]),
        NameVector("김민수가 웃는다", ["민수"], named: []),
        NameVector("민수라기", ["민수"], named: []),
        NameVector("นี่คือแมวมะลิตัวอ้วน", ["มะลิ"], named: ["มะลิ"]),
        NameVector("ליאור יושב", ["ליאור"], named: ["ליאור"]),
        NameVector("هذه ليلى.", ["ليلى"], named: ["ليلى"]),
        NameVector("यह मोती है", ["मोती"], named: ["मोती"]),
        NameVector("यह मोतीलाल है", ["मोती"], named: []),
        NameVector("Это Мурка-кошка", ["мурка"], named: ["мурка"]),
    ])
    func boundariesFollowTheScript(_ vector: NameVector) { check(vector) }

    @Test(arguments: [
        NameVector("STRASSE und Straße", ["straße"], named: ["straße"]),
        NameVector("ΟΔΥΣΣΕΥΣ", ["Οδυσσεύς".replacing("ύ", with: "υ")], named: ["Οδυσσευς"]),
        NameVector("Cafe\u{301} Olé", ["Café", "ole\u{301}"], named: ["Café", "ole\u{301}"]),
        NameVector("the ﬁg", ["Fig"], named: ["Fig"]),
        NameVector("V-ñèć too", ["V-ñèć"], named: ["V-ñèć"]),
        NameVector("Ma\u{200B}x", ["Max"], named: ["Max"]),
        NameVector("\u{200F}ליאור\u{200E}", ["ליאור"], named: ["ליאור"]),
        NameVector("Zoe is here", ["Zoë"], named: []),
    ])
    func spellingsThatReadAlike(_ vector: NameVector) { check(vector) }

    @Test(arguments: [
        NameVector("A 🐶 here", ["🐶"], named: ["🐶"]),
        NameVector("A 🐶🐶 here", ["🐶"], named: ["🐶"]),
        NameVector("Here is 🐶Max.", ["🐶 Max"], named: ["🐶 Max"]),
        NameVector("A family 👨‍👩‍👧", ["👩"], named: []),
        NameVector("I ❤ it", ["❤️"], named: ["❤️"]),
        NameVector("👍🏽", ["👍"], named: []),
        NameVector("R2-D2 beeps", ["R2-D2"], named: ["R2-D2"]),
        NameVector("R2 beeps", ["R2-D2"], named: []),
        NameVector("Agent 47.", ["47"], named: ["47"]),
        NameVector("Agent 470.", ["47"], named: []),
        NameVector("Wow!!!", ["!!!"], named: []),
        NameVector("The band <!!!> plays", ["!!!"], named: ["!!!"]),
        NameVector("P!nk sings", ["P!nk"], named: ["P!nk"]),
        NameVector("AT&T and a&b", ["AT&T"], named: ["AT&T"]),
    ])
    func signsDigitsAndEmoji(_ vector: NameVector) { check(vector) }

    @Test(arguments: [
        NameVector("<A‹B›C> is here", ["A<B>C"], named: ["A<B>C"]),
        NameVector("<my cat> is here", ["<my cat>"], named: ["<my cat>"]),
    ])
    func namesThatHoldBrackets(_ vector: NameVector) { check(vector) }

    @Test func rangesCoverTheNamesAsTheCaptionWritesThem() {
        let caption = "👩‍🌾 sees <Max>’s bowl, 민수가, Zed and <Rex>."
        let report = NameCheck(supplied: ["max", "민수"], library: ["Zed"]).report(on: caption)
        #expect(report.mentions.map { String(caption[$0.range]) } == ["Max", "민수", "Zed", "Rex"])
        #expect(report.mentions.map(\.kind) == [.supplied, .supplied, .library, .invented])
        #expect(report.mentions.map(\.isBracketed) == [true, false, false, true])
        #expect(report.mentions.map(\.name) == ["max", "민수", "Zed", "Rex"])
    }

    @Test func aLibraryNameIsNoticedBareAndInBrackets() {
        let check = NameCheck(supplied: ["Max"], library: ["Max", "Bella", "Bo", "Max Junior"])
        let report = check.report(on: "<Bella> and Bo, not Max Junior.")
        #expect(report.named.isEmpty)
        #expect(report.absent == ["Bella"])
        #expect(report.unsupplied == ["Bella", "Bo", "Max Junior"])
        #expect(report.wrong == ["Bella", "Bo", "Max Junior"])
    }

    @Test func closingTagsAreReportedAndNameNobody() {
        let report = NameCheck(supplied: ["Max"]).report(on: "A dog </Max> rests </ Max>.")
        #expect(report.named.isEmpty)
        #expect(report.absent.isEmpty)
        #expect(report.closingTags == ["Max", " Max"])
    }

    @Test func aLongTextIsCheckedAgainstALargeLibrary() {
        let library = (0..<5_000).map { "Concept \($0)" }
        let caption = String(repeating: "<Concept 17> next to Concept 4999, ", count: 200)
        let report = NameCheck(supplied: ["Concept 17"], library: library).report(on: caption)
        #expect(report.mentions.count == 400)
        #expect(report.unsupplied == ["Concept 4999"])
    }
}
