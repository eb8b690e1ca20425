#!/usr/bin/env python3
"""Who is in a picture, measured on drawings that neither the model nor its metric has seen.

    table.py run PROGRAM --folder DIR [--pictures 24] [--seed 31] [--only 200]
    table.py show --folder DIR        # writes docs/retrieval/figures.json and prints the tables

`run` may be stopped and started again; finished captions are kept. Only the standard library is needed.
"""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    "skip": ["--protocol", "skip-retrieval"],
    "look": ["--protocol", "retrieval", "--unverified"],
    "asked": ["--protocol", "retrieval"],
    "corrected": ["--protocol", "retrieval", "--check", "correct"],
}
WRONG = {
    "wrong-same": ["--protocol", "wrong-same"],
    "wrong-other": ["--protocol", "wrong-other"],
    "wrong-same, corrected": ["--protocol", "wrong-same", "--check", "correct"],
    "wrong-other, corrected": ["--protocol", "wrong-other", "--check", "correct"],
}


def cases(only):
    for library in (200, 50, 10):
        if only and library not in only:
            continue
        for concepts in (4, 2, 1, 0):
            for part, options in PARTS.items():
                # A picture of nobody has nobody to be told about; by look alone four are always accepted.
                if concepts or part in ("asked", "corrected", "look"):
                    yield library, concepts, part, options
    if not only or 200 in only:
        for part, options in WRONG.items():
            yield 200, 1, part, options
            yield 200, 2, part, options
        yield 200, 2, "nobody", ["--protocol", "nobody"]
        yield 200, 2, "nobody, corrected", ["--protocol", "nobody", "--check", "correct"]


def boxes():
    """Held-out pictures with one, two and four concepts, each asked for its box."""
    for concepts in (1, 2, 4):
        yield 100, concepts, "boxes", ["--protocol", "skip-retrieval", "--boxes"]


def name(library, concepts, part):
    return f"{library}-{concepts}-{part.replace(', ', '-')}"


def run(a):
    environment = dict(os.environ, STUDIO_HOME=str(a.folder / "home"), STUDIO_SAMPLES=str(ROOT / "Samples"))
    for library, concepts, part, options in [*cases(a.only), *boxes()]:
        if a.parts and part not in a.parts or a.concepts is not None and concepts not in a.concepts:
            continue
        out = a.folder / name(library, concepts, part)
        command = ["nice", "-n", str(a.nice), str(a.program.resolve()), "eval", "personal", "--heldout", "--library", str(library),
                   "--concepts", str(concepts), "--limit", str(a.pictures), "--seed", str(a.seed), "--out", str(out),
                   "--json", *options]
        print(name(library, concepts, part), flush=True)
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            print(done.stderr, file=sys.stderr, flush=True)


def show(a):
    target = ROOT / "docs/retrieval/figures.json"
    # Rows that were not measured again stay as they are.
    found = json.loads(target.read_text()) if target.exists() else {}
    for library, concepts, part, _ in [*cases(None), *boxes()]:
        file = a.folder / name(library, concepts, part) / "summary.json"
        if file.exists():
            summary = json.loads(file.read_text())
            found[name(library, concepts, part)] = dict(
                library=library, concepts=concepts, part=part, captions=summary["captions"], figures=summary["figures"])
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")

    def text(case, figure):
        value = found[case]["figures"].get(figure)
        if value is None:
            return "–"
        shown = f"{value['value']:.1f}"
        interval = value.get("interval")
        return shown + (f" ({interval['low']:.0f}–{interval['high']:.0f})" if interval else "")

    print("| library | in view | n | what | found by look, 4 | shortlist | found, 4 | accepted P | accepted R | caption P | R | F1 | s/search |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    keys = ("lookRecall4", "shortlistRecall", "recall4", "acceptedPrecision", "acceptedRecall", "precision", "recall", "f1", "searchSeconds")
    order = [name(*case[:3]) for case in [*cases(None), *boxes()]]
    found = {case: found[case] for case in order if case in found}
    for case, row in found.items():
        if row["concepts"] and row["part"] in PARTS:
            print("|", row["library"], "|", row["concepts"], "|", row["captions"], "|", row["part"], "|",
                  " | ".join(text(case, k) for k in keys), "|")
    print("\n| library | case | n | no name at all | given, not wanted, yet named | corrected |\n|---|---|---|---|---|---|")
    for case, row in found.items():
        if row["part"] != "boxes" and (not row["concepts"] or row["part"] not in PARTS):
            print("|", row["library"], "|", f"{row['part']}, {row['concepts']}", "|", row["captions"], "|",
                  " | ".join(text(case, k) for k in ("silent", "wronglyNamed", "corrected")), "|")
    print("\n| in view | n | boxes with IoU of 0.5 or more | mean IoU |\n|---|---|---|---|")
    for case, row in found.items():
        if row["part"] == "boxes":
            print("|", row["concepts"], "|", row["captions"], "|", text(case, "boxHalf"), "|", text(case, "boxOverlap"), "|")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    one = verbs.add_parser("run")
    one.add_argument("program", type=Path)
    one.add_argument("--pictures", type=int, default=24)
    one.add_argument("--seed", type=int, default=31)
    one.add_argument("--only", type=int, nargs="*")
    one.add_argument("--parts", nargs="*")
    one.add_argument("--concepts", type=int, nargs="*")
    one.add_argument("--nice", type=int, default=5)
    one.set_defaults(work=run)
    two = verbs.add_parser("show")
    two.set_defaults(work=show)
    for verb in (one, two):
        verb.add_argument("--folder", type=Path, required=True)
    a = parser.parse_args()
    a.work(a)
