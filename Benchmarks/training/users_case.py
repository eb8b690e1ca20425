#!/usr/bin/env python3
"""Four concepts the embedded model names badly, one `studio train`, fresh scenes before and after, and forgetting.

    users_case.py PROGRAM --folder DIR [--core N] [--only before,sft,repic,repic-2,repic-3]   resumable
    users_case.py PROGRAM --folder DIR --table                                the table, docs/training/users-case.json

Forty-eight drawings that the model has never seen, in twelve groups of look-alikes, each shown four times with two
look-alikes given besides: the group with the lowest F1 becomes the four concepts. They are measured on fresh scenes,
before and after training; the other forty-four tell what was forgotten.
"""
import argparse
import collections
import json
import random
from pathlib import Path

from drawings import Pack, concepts, invented_names, write_set
from studio import ROOT, Studio

RUNS = {
    "sft": ["--recipe", "sft", "--steps", 60, "--prompts", 8, "--learning-rate", 2e-4, "--held-out", 0],
    # What a user gets without any option; the last adapter is taken, not the best.
    "repic": ["--held-out", 0],
    "repic-2": ["--held-out", 0, "--seed", 2],
    "repic-3": ["--held-out", 0, "--seed", 3],
    # Ten minutes' worth on two cores.
    "long": ["--steps", 220, "--held-out", 0],
    "own-words": ["--recipe", "sft", "--right-answers", "--steps", 150, "--prompts", 8, "--learning-rate", 3e-4,
                  "--mixture", "captions=0.9,several=0.4,absent=0.8,nobody=0.15,own=0.5", "--held-out", 0],
}
CASES = {
    "one": ["--concepts", 1, "--absent", 2, "--boxes"],
    "two": ["--concepts", 2, "--absent", 2],
    "four": ["--concepts", 4],
    "nobody": ["--protocol", "nobody", "--concepts", 2],
    "others": ["--concepts", 1, "--absent", 2],
}
FIGURES = ["precision", "recall", "f1", "exact", "wronglyNamed", "silent", "boxHalf", "characters"]


def library(pack):
    draw = random.Random(11)
    groups = pack.groups(True, draw, most=2)[:12]
    return concepts(pack, groups, invented_names(48, 3), draw), draw


def like(rows, place):
    return [p for p, row in enumerate(rows) if row["group"] == rows[place]["group"] and p != place]


def pick(studio, pack, rows, draw, folder):
    """The number of the group that is named worst."""
    plan = [([place], draw.sample(like(rows, place), 2), []) for place in range(len(rows)) for _ in range(4)]
    if not (folder / "pick/truth.json").exists():
        write_set(folder / "pick", pack, rows, plan, seed=100)
    studio.evaluate(folder / "ev/pick", "--data", folder / "pick", *CASES["others"])
    group = {row["name"]: row["group"] for row in rows}
    counts = collections.defaultdict(lambda: [0, 0])
    for line in (folder / "ev/pick/items.jsonl").read_text().splitlines():
        record = json.loads(line)
        count = counts[group[record["wanted"][0]]]
        count[0] += 2 * len(record["right"])
        count[1] += len(record["right"]) + len(record["wrong"]) + len(record["invented"]) + 1
    return min(counts, key=lambda number: counts[number][0] / counts[number][1])


def fresh_scenes(pack, rows, group, folder):
    """Scenes that neither training nor the choice has seen; the same for every run."""
    draw = random.Random(77)
    four = [p for p, row in enumerate(rows) if row["group"] == group]
    rest = [p for p in range(len(rows)) if p not in four]

    def pair():
        two = draw.sample(four, 2)
        return two, [p for p in four if p not in two], []

    plans = {
        "one": [([p], draw.sample(like(rows, p), 2), []) for p in four for _ in range(12)],
        "two": [pair() for _ in range(24)],
        "four": [(draw.sample(four, 4), [], []) for _ in range(12)],
        "others": [([p], draw.sample(like(rows, p), 2), []) for p in rest for _ in range(2)],
        "nobody": [([], draw.sample(four, 2), [rows[draw.choice(rest)]["sprite"]]) for _ in range(24)],
    }
    for seed, (case, plan) in enumerate(plans.items(), 201):
        if not (folder / case / "truth.json").exists():
            write_set(folder / case, pack, rows, plan, seed)
    return [rows[p]["name"] for p in four]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--core", type=int)
    parser.add_argument("--only", default=",".join(["before", *RUNS]))
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    pack = Pack()
    rows, draw = library(pack)
    if not options.table:
        studio = Studio(options.program, options.folder / "home", options.core)
        studio.add(pack, rows, options.folder / "drawings")
        names = fresh_scenes(pack, rows, pick(studio, pack, rows, draw, options.folder), options.folder)
        print("the four:", ", ".join(names), flush=True)
        for run in options.only.split(","):
            adapter = []
            if run != "before":
                studio.train(run, "--concepts", ",".join(names), *RUNS[run])
                adapter = ["--adapter", run]
            for case, arguments in CASES.items():
                studio.evaluate(options.folder / "ev" / run / case, "--data", options.folder / case, *arguments,
                                *adapter)
            print("done", run, flush=True)
    table(options.folder)


def table(folder):
    found = {}
    print("| run | case | captions | precision | recall | F1 | exact | wrong of the absent | silent | boxes | characters |")
    print("|---" * 11 + "|")
    for case in CASES:
        for run in ["before", *RUNS]:
            file = folder / "ev" / run / case / "summary.json"
            if not file.exists():
                continue
            summary = json.loads(file.read_text())
            values = {key: round(summary["figures"][key]["value"], 1) for key in FIGURES if key in summary["figures"]}
            found.setdefault(run, {})[case] = {"captions": summary["captions"], **values}
            cells = " | ".join(f"{values[key]:.1f}" if key in values else "–" for key in FIGURES)
            print(f"| {run} | {case} | {summary['captions']} | {cells} |")
    for run in RUNS:
        events = folder / "home/data/runs" / run / "events.jsonl"
        if run in found and events.exists():
            reports = [json.loads(line).get("report") for line in events.read_text().splitlines()]
            found[run]["curve"] = [{"reward": round(r["reward"], 3),
                                    "rewards": {k: round(v, 3) for k, v in r["rewards"].items()},
                                    "divergence": round(r["divergence"], 4)} for r in reports if r]
    target = ROOT / "docs/training/users-case.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, separators=(",", ":")).replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
