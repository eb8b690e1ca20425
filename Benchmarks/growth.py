#!/usr/bin/env python3
"""How first-token time and memory of studio grow, against the arithmetic; writes a picture and a table.

    growth.py --folder FOLDER [--bits 4] [--out docs/growth.png]

Measures 1-4 references with sides of 224-896 pixels, three lengths of the prompt, and one and two
threads; goes on where an interrupted run stopped (--fresh forgets). Needs matplotlib to draw
(bench.py install puts it in the environment of the benchmark, which this program then uses itself).
"""
import argparse
import json
import os
import pathlib
import sys

import arithmetic
import task
from ours import Ours
from place import REPOSITORY, Place
from process import Failure, run

SIDES = (224, 448, 672, 896)
REFERENCES = (1, 2, 3, 4)
WORDS = (64, 512, 1024, 2048)
SHORT = 64


def points():
    """(references, side, words, threads), each once."""
    wanted = [(references, side, SHORT, 2) for references in REFERENCES for side in SIDES]
    wanted += [(2, 448, words, 2) for words in WORDS]
    wanted += [(references, 448, SHORT, 1) for references in REFERENCES]
    wanted += [(2, side, SHORT, 1) for side in SIDES[:3]]
    return list(dict.fromkeys(wanted))


def measure(peer, point, bits, repeats):
    references, side, words, threads = point
    command = [peer.program, "model", "bench", "--home", peer.place.home, "--model", peer.place.checkpoint, "--stages",
               "first-token", "--references", references, "--image", f"{side}x{side}", "--question-words", words,
               "--threads", threads, "--repeats", repeats, "--bits", bits, "--json"]
    outcome = run(command, peer.env)
    report = json.loads(outcome.stdout)["firstToken"]
    return {"references": references, "side": side, "words": words, "threads": threads, "others": outcome.others,
            "memory": outcome.peak_bytes, **{kind: report[kind] for kind in task.FIRST_TOKEN},
            "operations": arithmetic.first_token(references, side, words)}


def slope(rows, key="cold"):
    """Least squares of seconds against operations: (operations per second, seconds at none)."""
    xs, ys = [row["operations"] for row in rows], [row[key] for row in rows]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    rise = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
    return 1 / rise, my - rise * mx


def table(rows):
    lines = ["| references | side | words | threads | cold, s | known, s | again, s | memory, GB | TFLOP | TFLOP/s |",
             "|---|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        lines.append("| {references} | {side} | {words} | {threads} | {cold:.2f} | {known:.2f} | {again:.2f} | {gb:.2f} | "
                     "{tera:.1f} | {rate:.2f} |".format(**row, gb=row["memory"] / 1e9, tera=row["operations"] / 1e12,
                                                        rate=row["operations"] / row["cold"] / 1e12))
    for threads in (1, 2):
        of = [row for row in rows if row["threads"] == threads]
        if len(of) > 2:
            rate, rest = slope(of)
            lines.append(f"\n{threads} thread{'s' * (threads > 1)}: {rate / 1e12:.2f} TFLOP/s over the arithmetic, {rest:.2f} s besides.")
    pairs = [(one["cold"], two["cold"]) for one in rows for two in rows if one["threads"] == 1 and two["threads"] == 2
             and all(one[key] == two[key] for key in ("references", "side", "words"))]
    if pairs:
        gains = sorted(one / two for one, two in pairs)
        lines.append(f"\nTwo threads are {gains[len(gains) // 2]:.2f} times as fast as one (median of {len(gains)} points).")
    return "\n".join(lines)


def draw(rows, target, title):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(11, 8.2), layout="constrained")
    figure.suptitle(title, fontsize=11)
    two = [row for row in rows if row["threads"] == 2]
    colours = {count: pyplot.cm.viridis((count - 1) / 3.4) for count in REFERENCES}

    time, memory, words, threads = axes.flat
    for count in REFERENCES:
        of = sorted((row for row in two if row["references"] == count and row["words"] == SHORT), key=lambda row: row["side"])
        sides = [row["side"] for row in of]
        time.plot(sides, [row["cold"] for row in of], "o-", color=colours[count], label=f"{count} + query, cold")
        time.plot(sides, [row["known"] for row in of], "s:", color=colours[count], mfc="none")
        memory.plot(sides, [row["memory"] / 1e9 for row in of], "o-", color=colours[count], label=f"{count} + query")
    time.plot([], [], "ks:", mfc="none", label="references known")
    for axis, label in ((time, "seconds to the first token"), (memory, "peak memory, GB")):
        axis.set(xlabel="side of each picture, pixels", ylabel=label, xticks=SIDES, ylim=(0, None))
        axis.legend(frameon=False, fontsize=8)
    of = sorted((row for row in two if row["references"] == 2 and row["side"] == 448), key=lambda row: row["words"])
    for kind, mark in (("cold", "o-"), ("known", "s:"), ("again", "^--")):
        words.plot([row["words"] for row in of], [row[kind] for row in of], mark, label=kind)
    words.set(xlabel="words of the prompt, tokens (2 references + query, 448²)", ylabel="seconds to the first token",
              ylim=(0, None))
    words.legend(frameon=False, fontsize=8)
    for count, colour in ((1, "tab:orange"), (2, "tab:blue")):
        of = [row for row in rows if row["threads"] == count]
        xs = [row["operations"] / 1e12 for row in of]
        rate, rest = slope(of)
        threads.plot(xs, [row["cold"] for row in of], "o", color=colour, mfc="none")
        threads.plot([0, max(xs)], [rest, rest + max(xs) * 1e12 / rate], color=colour,
                     label=f"{count} thread{'s' * (count > 1)}: {rate / 1e12:.2f} TFLOP/s + {rest:.2f} s")
    threads.set(xlabel="arithmetic of the prompt, TFLOP", ylabel="seconds to the first token, cold", xlim=(0, None), ylim=(0, None))
    threads.legend(frameon=False, fontsize=8)
    for axis in axes.flat:
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    pathlib.Path(target).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="the folder of the benchmark")
    parser.add_argument("--bits", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--out", default=str(REPOSITORY / "docs/growth.png"))
    parser.add_argument("--fresh", action="store_true", help="forget earlier points")
    options = parser.parse_args()
    place = Place(options.folder)
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        python = place.python()
        if not python.exists() or os.environ.get("STUDIO_BENCH_AGAIN"):
            sys.exit("growth: matplotlib is missing; run bench.py install first.")
        os.environ["STUDIO_BENCH_AGAIN"] = "1"
        os.execv(python, [str(python), *sys.argv])
    peer = Ours(place, 2)
    path = place.results / f"growth-{options.bits}.json"
    rows = json.loads(path.read_text()) if path.exists() and not options.fresh else []
    try:
        for point in points():
            if any((row["references"], row["side"], row["words"], row["threads"]) == point for row in rows):
                continue
            rows.append(measure(peer, point, options.bits, options.repeats))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(rows, indent=1))
            print(f"{point}: {rows[-1]['cold']:.2f} s, {rows[-1]['memory'] / 1e9:.2f} GB", flush=True)
    except (Failure, OSError, KeyError) as failure:
        sys.exit(f"growth: {failure}")
    rows.sort(key=lambda row: (-row["threads"], row["references"], row["side"], row["words"]))
    print(table(rows))
    draw(rows, options.out, f"Qwen2.5-VL-3B shape, {options.bits}-bit weights, random values")
    print(f"\n{options.out}")


if __name__ == "__main__":
    main()
