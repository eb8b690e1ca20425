"""Runs the program, and reads what it leaves behind."""
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Studio:
    def __init__(self, program, home, core=None):
        self.home = Path(home)
        before = ["nice", "-n", "10"] + (["taskset", "-c", str(core)] if core is not None else [])
        self.command = before + [str(Path(program).resolve())]
        self.environment = dict(os.environ, STUDIO_HOME=str(home), STUDIO_SAMPLES=str(ROOT / "Samples"))

    def run(self, *arguments):
        done = subprocess.run([*self.command, *map(str, arguments)], env=self.environment, capture_output=True,
                              text=True)
        if done.returncode:
            sys.exit(f"studio {' '.join(map(str, arguments))}\n{done.stderr}")
        return done.stdout

    def add(self, pack, rows, folder):
        """Makes a library of drawings; those it has already are left alone."""
        folder.mkdir(parents=True, exist_ok=True)
        known = {c["name"] for c in json.loads(self.run("concept", "list", "--json"))["concepts"]}
        for row in rows:
            if row["name"] in known:
                continue
            file = folder / f"{row['name']}.png"
            pack.image(row["sprite"]).save(file)
            self.run("concept", "add", row["name"], file, "--info", row["info"], "--category", row["category"], "-q")

    def train(self, name, *arguments):
        """A run from beginning to end; one that was interrupted goes on."""
        if (self.home / "data/adapters" / name).exists():
            return
        if (self.home / "data/runs" / name / "run.json").exists():
            self.run("train", "--resume", name, "-q")
        else:
            self.run("train", "--name", name, *arguments, "-q")

    def events(self, name):
        file = self.home / "data/runs" / name / "events.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()]

    def evaluate(self, out, *arguments):
        """The summary of an evaluation; one that was interrupted goes on."""
        self.run("eval", "personal", *arguments, "--out", out, "-q")
        return json.loads((Path(out) / "summary.json").read_text())
