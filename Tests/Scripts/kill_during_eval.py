#!/usr/bin/env python3
"""Kills `studio eval personal` with SIGKILL at random moments and checks that nothing was lost.

    kill_during_eval.py path/to/studio [--pictures 6] [--seed N]

The run is started again after each kill until it is complete. Every finished line must still be
there, unchanged, after the next start, and the results must equal those of a run that was never
killed. Exit 0 if so, 1 if not.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time


def command(studio, folder, name, pictures):
    return [os.path.abspath(studio), "eval", "personal", "--heldout", "--library", "12",
            "--limit", str(pictures), "--max-tokens", "24", "--home", os.path.join(folder, "home"),
            "--out", os.path.join(folder, name), "--quiet"]


def lines(folder, name):
    try:
        with open(os.path.join(folder, name, "items.jsonl"), "rb") as file:
            return [line for line in file.read().split(b"\n")[:-1]]
    except FileNotFoundError:
        return []


def results(folder, name):
    with open(os.path.join(folder, name, "results.json"), encoding="utf-8") as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("studio")
    parser.add_argument("--pictures", type=int, default=6)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        start = time.time()
        subprocess.run(command(options.studio, folder, "whole", options.pictures), check=True,
                       stdout=subprocess.DEVNULL)
        usual = time.time() - start
        kills = 0
        while True:
            before = lines(folder, "killed")
            process = subprocess.Popen(
                command(options.studio, folder, "killed", options.pictures),
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                _, error = process.communicate(timeout=chance.uniform(0.1, 0.5) * usual)
                if process.returncode != 0:
                    print(f"a start after a kill failed: {error.decode()}")
                    return 1
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
            after = lines(folder, "killed")
            if after[:len(before)] != before:
                print("finished lines were lost or changed")
                return 1
            if process.returncode == 0:
                break
            if kills > 200:
                print("no start ever got to the end")
                return 1
        if results(folder, "killed") != results(folder, "whole"):
            print("the results differ from those of a run that was never killed")
            return 1
    print(f"{kills} kills, {options.pictures} pictures, nothing lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
