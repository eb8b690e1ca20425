import Foundation
import Testing

@testable import PersonalCaption

struct JSONValueTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue.parse(Data(text.utf8)) }

    @Test func orderAndRepeatedKeysAreKept() throws {
        let value = try parse(#" {"b": [1, -2.5e3, true, null], "a": {}, "b": ""} "#)
        #expect(
            value
                == .object([
                    .init(
                        key: "b",
                        value: .array([.number("1"), .number("-2.5e3"), .bool(true), .null])),
                    .init(key: "a", value: .object([])), .init(key: "b", value: .string("")),
                ]))
    }

    @Test(arguments: [
        (#""\u00e9\ud83d\udc36\n\/""#, "é🐶\n/"), (#""\ud83d""#, "\u{FFFD}"),
        (#""\ud83dx""#, "\u{FFFD}x"), (#""\udc36""#, "\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
        ("\u{FEFF}\"é\"", "é"),
    ])
    func escapes(text: String, expected: String) throws {
        #expect(try parse(text) == .string(expected))
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "{a: 1}", "01", "1.", "+1", "nul", "\"a", "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12", "\"\n\"", "1 2", "[1 2]", "{\"a\" 1}", "-", "]",
    ])
    func damageIsRefused(text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test func invalidTextAndDeepNestingAreRefused() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(Data([0x22, 0xFF, 0x22])) }
        #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "[", count: 100_000)) }
        #expect(throws: Never.self) {
            try parse(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
        }
    }

    @Test func theLineOfTheDamageIsNamed() {
        #expect(throws: JSONSyntaxError(line: 3, reason: "a value was expected")) {
            try parse("[\n1,\n?]")
        }
    }

    @Test func writingAndReadingAgree() throws {
        let value = try parse(#"{"a": [1, {"b": "x\"\\\u0001é\t"}], "c": [], "d": {}, "e": false}"#)
        #expect(try parse(value.text()) == value)
    }
}
