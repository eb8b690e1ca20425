#!/usr/bin/env python3
"""Zero-shot, learning from examples, and reinforcement: what each does to names in captions of concepts never seen.

    headline.py run PROGRAM --folder DIR [--share 1/2] [--core N]   trains and evaluates; resumable
    headline.py collect --folder DIR                                docs/training/headline.json
    headline.py show                                                tables and docs/training/curves.png

Two bases: the embedded model, and the first checkpoint of its recipe (from this repository's history). Training
scenes are composed from 128 drawings that the bases were trained with; evaluation uses drawings that neither the
bases nor the adapters have seen. Several shares may run beside each other, each with a home of its own.
"""
import argparse
import json
import re
import statistics
import subprocess
from pathlib import Path

from studio import ROOT, Studio

EARLY = "90bdf12"
SEEDS = [1, 2, 3]
BASES = ["mini", "early"]
METHODS = ["zero", "sft", "grpo"]
# Earlier measurements: RePIC's mixture, and for GRPO no right answers shown.
OLDER = ["sft-repic", "grpo-repic"]
TITLES = {"zero": "zero-shot", "sft": "examples (SFT)", "grpo": "reinforcement (GRPO)",
          "sft-repic": "SFT, RePIC's mixture", "grpo-repic": "GRPO, RePIC's mixture"}
COMMON = ["--mixture", "captions=0.7,several=0.5,absent=0.7,nobody=0.1,targets=0.03", "--held-out", 0,
          "--checkpoint-every", 20]
TRAINING = {
    "sft": ["--recipe", "sft", "--steps", 40, "--prompts", 8, "--learning-rate", 2e-4],
    "grpo": ["--recipe", "repic", "--right-answers", "--steps", 45, "--learning-rate", 4e-4, "--temperature", 0.8,
             "--retries", 8],
}
CASES = {
    "one": ["--concepts", 1, "--absent", 2, "--boxes", "--limit", 60],
    "two": ["--concepts", 2, "--absent", 2, "--boxes", "--limit", 40],
    "four": ["--concepts", 4, "--limit", 30],
    "nobody": ["--protocol", "nobody", "--concepts", 2, "--limit", 40],
    "wrong": ["--protocol", "wrong-same", "--concepts", 1, "--limit", 40],
}
EVALUATION = ["--heldout", "--library", 200, "--seed", 20261]
FIGURES = ["precision", "recall", "f1", "allNamed", "wronglyNamed", "silent", "invented", "boxHalf", "characters"]
RESULTS = ROOT / "docs/training"


def jobs():
    for base in BASES:
        for seed in SEEDS:
            for method in METHODS:
                if method != "zero" or seed == SEEDS[0]:
                    yield method, base, seed


def name(method, base, seed):
    return f"{method}-{base}" if method == "zero" else f"{method}-{base}-{seed}"


def base_folder(base, folder):
    """The embedded model, or its first version out of the history, with today's habits."""
    if base == "mini":
        return ROOT / "Samples/mini"
    target = folder / "early"
    if not (target / "model.safetensors").exists():
        target.mkdir(parents=True, exist_ok=True)
        listed = subprocess.run(["git", "ls-tree", "--name-only", EARLY, "Samples/mini/"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout.split()
        for path in sorted(listed, key=lambda p: p.endswith(".safetensors")):
            data = subprocess.run(["git", "show", f"{EARLY}:{path}"], cwd=ROOT, check=True, capture_output=True).stdout
            (target / Path(path).name).write_bytes(data)
        (target / "studio-profile.json").write_bytes((ROOT / "Samples/mini/studio-profile.json").read_bytes())
    return target


def run(options):
    import random

    from drawings import Pack, concepts, invented_names
    draw = random.Random(20261121)
    pack = Pack()
    rows = concepts(pack, pack.groups(False, draw)[:32], invented_names(128, 5), draw)
    share, shares = map(int, options.share.split("/"))
    studio = Studio(options.program, options.folder / f"home{share}", options.core)
    studio.add(pack, rows, options.folder / "drawings")
    targets = ",".join(row["name"] for row in rows[:16:4])
    for number, (method, base, seed) in enumerate(jobs()):
        if number % shares != share - 1:
            continue
        this = name(method, base, seed)
        model = ["--model", base_folder(base, options.folder)]
        adapter = []
        if method != "zero":
            studio.train(this, "--concepts", targets, "--seed", seed, *model, *COMMON, *TRAINING[method])
            adapter = ["--adapter", this]
        for case, arguments in CASES.items():
            studio.evaluate(options.folder / "ev" / this / case, *EVALUATION, *arguments, *model, *adapter)
        print("done", this, flush=True)


def is_broken(caption):
    """A word without end, or the same one to four words three times in a row."""
    words = re.findall(r"\w+", caption.lower())
    if any(len(word) > 40 for word in words):
        return True
    return any(words[i:i + n] == words[i + n:i + 2 * n] == words[i + 2 * n:i + 3 * n]
               for n in range(1, 5) for i in range(len(words) - 3 * n + 1))


def collect(options):
    file = RESULTS / "headline.json"
    found = json.loads(file.read_text()) if file.exists() else {}
    found = {name: run for name, run in found.items() if run["method"] in OLDER}
    for method, base, seed in jobs():
        this = name(method, base, seed)
        entry = {"method": method, "base": base, "seed": seed, "cases": {}}
        for case in CASES:
            folder = options.folder / "ev" / this / case
            if not (folder / "summary.json").exists():
                continue
            summary = json.loads((folder / "summary.json").read_text())
            captions = [json.loads(line).get("caption", "") for line in (folder / "items.jsonl").read_text().splitlines()]
            figures = {key: round(summary["figures"][key]["value"], 2) for key in FIGURES if key in summary["figures"]}
            figures["broken"] = round(100 * sum(map(is_broken, captions)) / max(1, len(captions)), 2)
            entry["cases"][case] = {"captions": summary["captions"], **figures,
                                    **{"compat_" + key: round(value, 2) for key, value in summary["compat"].items()}}
        events = next(iter(options.folder.glob(f"home*/data/runs/{this}/events.jsonl")), None)
        if events:
            reports = [json.loads(line).get("report") for line in events.read_text().splitlines()]
            reports = [report for report in reports if report]
            entry["curve"] = {key: [round(report[key], 4) for report in reports]
                              for key in ("reward", "divergence", "length", "flatGroups", "seconds")}
            entry["curve"]["rewards"] = [{k: round(v, 3) for k, v in report["rewards"].items()} for report in reports]
            groups = [group for report in reports for group in report["groups"]]
            entry["scenes"] = len(groups) or len(reports) * 8
        if entry["cases"]:
            found[this] = entry
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "headline.json").write_text(json.dumps(found, separators=(",", ":")).replace('},"', '},\n"') + "\n")
    print(f"{sum(run['method'] in METHODS for run in found.values())} runs of {len(list(jobs()))}")


def spread(values, digits=1):
    if not values:
        return "–"
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{statistics.mean(values):.{digits}f} ± {statistics.stdev(values):.{digits}f}"


def show(_):
    found = json.loads((RESULTS / "headline.json").read_text())

    def values(method, base, case, key):
        return [run["cases"][case][key] for run in found.values()
                if run["method"] == method and run["base"] == base and key in run["cases"].get(case, {})]

    titles = {"one": "1 in view, 2 absent", "two": "2 in view, 2 absent", "four": "4 in view"}
    print("| base | method | case | precision | recall | F1 | F1, published rule | all names | wrong of the absent | "
          "boxes | characters | broken |")
    print("|---" * 12 + "|")
    for base in BASES:
        for case, title in titles.items():
            for method in METHODS + OLDER:
                cells = [spread(values(method, base, case, key)) for key in (
                    "precision", "recall", "f1", "compat_f1", "allNamed", "wronglyNamed", "boxHalf")]
                print(f"| {base} | {TITLES[method]} | {title} | " + " | ".join(cells)
                      + f" | {spread(values(method, base, case, 'characters'), 0)}"
                      + f" | {spread(values(method, base, case, 'broken'))} |")
    print("\n| base | method | nobody there: silent | a look-alike there: silent | its wrong name used |")
    print("|---" * 5 + "|")
    for base in BASES:
        for method in METHODS + OLDER:
            print(f"| {base} | {TITLES[method]} | {spread(values(method, base, 'nobody', 'silent'))} | "
                  f"{spread(values(method, base, 'wrong', 'silent'))} | "
                  f"{spread(values(method, base, 'wrong', 'wronglyNamed'))} |")
    draw_curves(found)


def draw_curves(found):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(2, 4, figsize=(14, 6), layout="constrained")
    for row, base in enumerate(BASES):
        panels = [("box", "boxes: reward"), ("names", "names: reward"), ("sameObject", "same object: reward"),
                  ("divergence", "divergence from the base")]
        for column, (key, title) in enumerate(panels):
            axis = axes[row][column]
            for seed in SEEDS:
                run = found.get(name("grpo", base, seed))
                if not run:
                    continue
                if key == "divergence":
                    points = list(enumerate(run["curve"][key], 1))
                else:
                    points = [(i, r[key]) for i, r in enumerate(run["curve"]["rewards"], 1) if key in r]
                # The mean of five neighbours: single updates see a handful of scenes.
                smooth = [(points[i][0], statistics.mean(v for _, v in points[max(0, i - 2):i + 3]))
                          for i in range(len(points))]
                axis.plot(*zip(*smooth), label=f"seed {seed}")
            axis.set_title(f"{base}: {title}", fontsize=10)
            axis.set_xlabel("update")
            if key != "divergence":
                axis.set_ylim(0, 1.02)
            axis.grid(alpha=0.3)
        axes[row][0].legend(fontsize=8)
    figure.savefig(RESULTS / "curves.png", dpi=80)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("program")
    running.add_argument("--share", default="1/1")
    running.add_argument("--core", type=int)
    for command in (running, commands.add_parser("collect")):
        command.add_argument("--folder", type=Path, required=True)
    commands.add_parser("show")
    options = parser.parse_args()
    {"run": run, "collect": collect, "show": show}[options.command](options)


if __name__ == "__main__":
    main()
