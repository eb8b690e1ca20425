#!/usr/bin/env python3
"""Kills `studio concept add` with SIGKILL at random moments and checks that nothing was lost.

    kill_during_add.py path/to/studio [--rounds 100] [--seed N]

Each round adds concepts one after the other, with one or two pictures each, until a process is
killed. Then every name whose command had reported success must still be listed with its
pictures, and `concept verify` must find nothing wrong. Exit 0 if so, 1 if not.
"""

import argparse
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
import zlib


def png(seed, side=96):
    """A picture of noise, a different one for each seed."""
    noise = random.Random(seed)
    rows = b"".join(b"\0" + noise.randbytes(side * 3) for _ in range(side))

    def chunk(kind, body):
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Run:
    def __init__(self, studio, folder):
        self.studio, self.folder = os.path.abspath(studio), folder
        self.saved = {}  # name: number of pictures, of every add that reported success
        self.count = 0

    def command(self, *words):
        return [self.studio, "concept", *words, "--home", os.path.join(self.folder, "home"), "--json"]

    def add(self, kill_after=None):
        """Adds the next concept; returns whether the command ended by itself."""
        self.count += 1
        name = f"concept {self.count}"
        pictures = []
        # Every third picture is one that other concepts have too.
        for index in range(1 + self.count % 2):
            seed = self.count // 3 if index else self.count * 7919
            path = os.path.join(self.folder, f"{index}.png")
            with open(path, "wb") as file:
                file.write(png(seed))
            pictures.append(path)
        process = subprocess.Popen(self.command("add", name, *pictures),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            _, errors = process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            if process.returncode != 0:
                return False
            errors = b""
        if process.returncode != 0:
            sys.exit(f"adding {name!r} failed: {errors.decode(errors='replace')}")
        self.saved[name] = len(pictures)
        return True

    def check(self):
        """Returns what is wrong, or an empty string."""
        listed = subprocess.run(self.command("list"), capture_output=True)
        if listed.returncode != 0:
            return f"list failed: {listed.stderr.decode(errors='replace')}"
        found = {c["name"]: len(c["images"]) for c in json.loads(listed.stdout)["concepts"]}
        lost = [n for n, count in self.saved.items() if found.get(n) != count]
        if lost:
            return f"lost or without a picture: {lost}"
        verified = subprocess.run(self.command("verify"), capture_output=True)
        report = json.loads(verified.stdout or b"{}")
        if verified.returncode != 0 or not report.get("ok") or report.get("problems"):
            return f"verify: {verified.stdout.decode()}{verified.stderr.decode(errors='replace')}"
        return ""


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("studio")
    arguments.add_argument("--rounds", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    options = arguments.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="studio-kill-") as folder:
        run = Run(options.studio, folder)
        begin = time.monotonic()
        for _ in range(5):
            run.add()
        usual = (time.monotonic() - begin) / 5
        kills = 0
        while kills < options.rounds:
            # Most deaths fall inside the life of a process, some just after its end.
            while run.add(kill_after=chance.uniform(0, usual * 1.3)):
                pass
            kills += 1
            if trouble := run.check():
                sys.exit(f"seed {options.seed}, after {kills} kills: {trouble}")
        print(f"{kills} kills, {len(run.saved)} of {run.count} adds reported success, none lost")


main()
