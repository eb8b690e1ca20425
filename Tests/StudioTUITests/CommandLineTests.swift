import ArgumentParser
import Foundation
import Testing

@testable import StudioTUI

@Suite struct CommandLineTests {
    /// One complete line per command: each must parse to the command it names.
    @Test(arguments: [
        ("concept add Mochi a.png b.png --info x --category dog --tag t --tag u", "ConceptAdd"),
        (
            "concept list --tag t --category dog --sort updated --reverse --limit 3 --trash",
            "ConceptList"
        ),
        ("concept show Mochi --show --json", "ConceptShow"),
        ("concept edit Mochi --info x --add-tag t --remove-image 3 --cover 4", "ConceptEditing"),
        ("concept rename Mochi Momo", "ConceptRename"), ("concept remove a b", "ConceptRemove"),
        ("concept restore a --as b", "ConceptRestore"), ("concept purge --all", "ConceptPurge"),
        ("concept search two words --limit 5", "ConceptSearch"),
        ("concept import f.json --format rap --on-conflict rename", "ConceptImport"),
        ("concept export f.tar Mochi --format studio", "ConceptExport"),
        ("concept verify --repair", "ConceptVerify"),
        ("compose o.png --background sky --place Mochi@1,2,30% --size 64x64", "ComposeCommand"),
        (
            "caption q.png --concept a -c b --question x --max-tokens 9 --temperature 0.5 --top-p 0.9 "
                + "--top-k 5 --repetition-penalty 1.1 --seed 7 --model m --show", "CaptionCommand"
        ),
        (
            "generate --image q.png --prompt hi --system s --min-tokens 2 --max-tokens 5 --adapter a "
                + "--logits --json", "GenerateCommand"
        ),
        ("model list", "ModelList"), ("model add dir --name m --use", "ModelAdd"),
        ("model use m", "ModelUse"), ("model inspect dir", "ModelInspect"),
        ("model tokenize dir --text hi --control", "ModelTokenize"),
        (
            "model bench --prompt-tokens 8 --generate 4 --image 56x56 --repeats 1 --threads 2",
            "ModelBench"
        ),
        ("model remove m", "ModelRemove"),
        ("history list --text x --concept Mochi --limit 2", "HistoryList"),
        ("history show 3", "HistoryShow"), ("history export f.md", "HistoryExport"),
        (
            "history export d --format xmp --captions 3,5-7 --keep-metadata --brackets --force",
            "HistoryExport"
        ),
        (
            "report o.html --last 3 --concepts none --pair 1,2 --run r --eval d --boxes b --force",
            "ReportCommand"
        ),
        ("train --concepts a,b --steps 3", "TrainCommand"),
        ("train start --resume r", "TrainCommand"),
        ("train export d --for vlm-r1 --count 3 --base m", "TrainExport"),
        ("eval names f.json --rule compat --case-sensitive --details", "EvalNames"),
        (
            "eval personal --heldout --protocol wrong-same --concepts 2 --absent 1 --info wrong "
                + "--limit 3 --presence --boxes --out d", "EvalPersonal"
        ),
        ("eval prism --questions q.tsv --captions 1 --reader r --out d", "EvalPrism"),
        ("eval compare a b --html r.html --judge m --limit 4", "EvalCompare"),
        ("history remove 1 2", "HistoryRemove"), ("doctor --json", "DoctorCommand"),
        ("demo --limit 2 --model m", "DemoCommand"), ("completions zsh", "CompletionsCommand"),
        ("manual", "ManualCommand"), ("app --plain --home x --no-color", "AppCommand"),
        ("--plain --home x --no-color", "AppCommand"),
    ])
    func everyCommandParses(_ line: String, _ type: String) throws {
        let command = try Studio.parseAsRoot(line.split(separator: " ").map(String.init))
        #expect("\(Swift.type(of: command))" == type)
    }

    @Test(arguments: [
        "", "concept", "model", "history", "concpet list", "concept lst", "caption",
        "caption q.png --tempreature 1", "caption q.png --auto --shortlist 0",
        "caption q.png --top-p 2",
        "compose o.png --background sky --place Mochi", "model bench --image 5x5",
        "concept list --limit -1", "concept purge", "concept edit Mochi", "completions tcsh",
        "history show x", "demo --limit 0", "eval", "eval names f.json", "eval personal",
    ])
    func usageErrorsExitWithTwo(_ line: String) throws {
        let outcome = try TestStudio().run(line.split(separator: " ").map(String.init))
        #expect(outcome.exit == .usage)
        #expect(outcome.output.isEmpty)
        #expect(!outcome.error.isEmpty)
    }

    @Test func helpAndVersionAreData() throws {
        for line in [["--help"], ["help"], ["concept", "--help"], ["help", "concept", "add"]] {
            let outcome = try TestStudio().run(line)
            #expect(outcome.exit == .done)
            #expect(outcome.output.contains("USAGE: studio"), "\(line)")
        }
        #expect(try TestStudio().run("--version").output == "\(Studio.version)\n")
    }

    @Test(arguments: [
        (["concpet", "list"], "concept"), (["concept", "lsit"], "list"),
        (["modle"], "model"), (["history", "exprot", "f"], "export"),
    ])
    func aMistypedCommandGetsASuggestion(_ line: [String], _ wanted: String) throws {
        let outcome = try TestStudio().run(line)
        #expect(outcome.error.contains("Did you mean '\(wanted)'?"))
    }

    @Test func aMistypedOptionGetsASuggestion() throws {
        let outcome = try TestStudio().run("concept", "add", "a", "b.png", "--catgory", "dog")
        #expect(outcome.error.contains("Did you mean '--category'?"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsKnowTheCommands(_ shell: String) throws {
        let outcome = try TestStudio().run("completions", shell)
        #expect(outcome.exit == .done)
        for word in ["concept", "caption", "doctor", "repetition-penalty"] {
            #expect(outcome.output.contains(word))
        }
    }

    /// `make manual` writes the page anew.
    @Test func theManualPageIsInStep() throws {
        let file = TestStudio.repository.appendingPathComponent("Documentation/studio.1")
        #expect(try String(contentsOf: file, encoding: .utf8) == ManualPage.text())
    }

    @Test func everyCommandHasHelp() {
        func check(_ command: any ParsableCommand.Type) {
            #expect(!command.configuration.abstract.isEmpty, "\(command)")
            command.configuration.subcommands.forEach(check)
        }
        check(Studio.self)
    }
}
