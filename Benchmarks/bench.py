#!/usr/bin/env python3
"""Compares studio with llama.cpp, Transformers and OpenVINO GenAI on one machine.

    bench.py            install the peers, make the checkpoint, convert it, measure, print the table
    bench.py install    only fetch and build the peers          --peers llama.cpp,openvino,transformers
    bench.py convert    only make the checkpoint and the peers' files
    bench.py run        only measure; goes on where an interrupted run stopped
    bench.py report     print the table of a results file again

Everything lies in one folder (--folder, else $XDG_CACHE_HOME/studio-bench), about 30 GB; deleting it
removes every trace. A peer that is missing is named and the rest goes on. Python 3.11, standard library.
"""
import argparse
import datetime
import json
import pathlib
import sys
import time

import convert
import install
import table
import task
from llama import Llama
from ours import Ours, OursGGUF
from place import Place
from process import Failure
from python_peers import OpenVINO, Transformers

PEERS = {"ours": Ours, "ours-gguf": OursGGUF, "llama.cpp": Llama, "transformers": Transformers, "openvino": OpenVINO}


def chosen(text, known, what):
    names = [name.strip() for name in text.split(",") if name.strip()] if text else list(known)
    for name in names:
        if name not in known:
            sys.exit(f"There is no {what} called {name!r}; known are {', '.join(known)}.")
    return names


def prepare(steps, place, names, python=sys.executable):
    """Runs the steps of these peers; what fails is told and left out."""
    for name in names:
        if name in steps:
            try:
                steps[name](place) if steps is install.STEPS else steps[name](place, python)
            except (Failure, OSError) as failure:
                print(f"! {name}: {failure}", flush=True)


def opened(path, options):
    """The results so far when they are of the same kind, else empty ones."""
    if path.exists() and not options.fresh:
        document = json.loads(path.read_text())
        if document["threads"] == options.threads:
            return document
    return {"date": datetime.date.today().isoformat(), "threads": options.threads, "machine": table.machine(),
            "versions": {}, "notes": [], "samples": []}


def save(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(document, indent=1, ensure_ascii=False))
    part.rename(path)


def measure(place, options, path):
    works = set(chosen(options.only, task.WORKS, "work"))
    if works & set(task.FIRST_TOKEN) or "memory" in works:
        works |= {*task.FIRST_TOKEN, "memory"}  # one session gives all of them
    variants = set(options.variants.split(",")) if options.variants else None
    peers = [PEERS[name](place, options.threads) for name in chosen(options.peers, PEERS, "peer")]
    document = opened(path, options)
    notes = document["notes"]

    def note(text):
        if text not in notes:
            notes.append(text)
            print("!", text, flush=True)

    able = []
    for peer in peers:
        for variant, bits in peer.variants:
            if variants and variant not in variants:
                continue
            missing = peer.missing(variant)
            if missing:
                note(f"{peer.name} {missing}.")
            else:
                able.append((peer, variant, bits))
    for peer in {peer for peer, _, _ in able}:
        document["versions"][peer.name] = peer.version()
    failed, start = set(), time.monotonic()
    for number in range(1, options.rounds + 1):
        for peer, variant, bits in able:
            done = {work for sample in document["samples"] for work in sample["samples"]
                    if (sample["peer"], sample["variant"], sample["round"]) == (peer.name, variant, number)}
            wanted = (works & peer.works) - done
            if not wanted or (peer.name, variant) in failed:
                continue
            if options.minutes and time.monotonic() - start > 60 * options.minutes:
                print(f"! stopped after {options.minutes} minutes; the same command goes on", flush=True)
                return document
            try:
                figures, others, seen = peer.measure(variant, wanted)
            except (Failure, OSError, ValueError, KeyError, IndexError) as failure:
                failed.add((peer.name, variant))
                note(f"{peer.name} {variant}: {failure}")
                continue
            for line in seen:
                note(f"{peer.name} {variant}: {line}")
            document["samples"].append({"peer": peer.name, "variant": variant, "bits": bits, "round": number,
                                        "others": round(others, 3), "samples": figures})
            save(path, document)
            shown = ", ".join(f"{work} {value:.2f}" for work, value in figures.items())
            print(f"round {number}, {peer.name} {variant}: {shown} (others took {100 * others:.0f} %)", flush=True)
    save(path, document)
    return document


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", nargs="?", default="all", choices=["all", "install", "convert", "run", "report"])
    parser.add_argument("--folder", help="where everything is kept")
    parser.add_argument("--peers", help="of " + ",".join(PEERS))
    parser.add_argument("--variants", help="only these weights, such as bf16,Q4_0,int4")
    parser.add_argument("--only", help="of " + ",".join(task.WORKS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=task.THREADS)
    parser.add_argument("--minutes", type=float, help="begin nothing more after this time")
    parser.add_argument("--results", help="file of results, default results/bench.json in the folder")
    parser.add_argument("--fresh", action="store_true", help="forget earlier rounds")
    options = parser.parse_args()
    place = Place(options.folder)
    place.root.mkdir(parents=True, exist_ok=True)
    names = chosen(options.peers, PEERS, "peer")
    path = pathlib.Path(options.results) if options.results else place.results / "bench.json"
    try:
        if options.step in ("all", "install"):
            prepare(install.STEPS, place, names)
        if options.step in ("all", "convert"):
            convert.checkpoint(place, sys.executable)
            prepare(convert.STEPS, place, names)
        if options.step in ("all", "run"):
            document = measure(place, options, path)
        elif options.step == "report":
            document = json.loads(path.read_text())
        else:
            return
    except (Failure, OSError) as failure:
        sys.exit(f"bench: {failure}")
    print("\n" + table.text(document))


if __name__ == "__main__":
    main()
