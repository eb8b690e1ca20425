"""studio itself, through its own `model bench`."""
import json
import os

import pictures
import task
from peer import Peer
from place import REPOSITORY
from process import run


class Ours(Peer):
    name = "studio"
    variants = [("bf16", 16), ("int8", 8), ("int4", 4)]
    works = {"decode", "prefill", "vision", *task.FIRST_TOKEN, "batch", "memory"}
    stages = {"decode": ("decode", "tokensPerSecond"), "prefill": ("prefill", "tokensPerSecond"),
              "vision": ("vision", "seconds"), "batch": ("batchDecode", "tokensPerSecond")}

    def __init__(self, place, threads):
        super().__init__(place, threads)
        self.program = os.environ.get("STUDIO") or REPOSITORY / ".build/release/studio"
        self.options = None

    def missing(self, variant):
        if not os.path.exists(self.program):
            return f"is not built ({self.program} is missing; make build)"
        if self.options is None:
            self.options = run([self.program, "model", "bench", "--help"], self.env).stdout
        if variant != "bf16" and "--bits" not in self.options:
            return f"has no {variant} weights yet"

    def version(self):
        git = run(["git", "-C", REPOSITORY, "log", "-1", "--format=%h %cs"])
        return git.stdout.strip()

    def measure(self, variant, works):
        bits = dict(self.variants)[variant]
        command = [self.program, "model", "bench", "--home", self.place.home, "--model", self.place.checkpoint, "--prompt-tokens",
                    task.PROMPT_TOKENS, "--generate", task.GENERATED_TOKENS, "--image", f"{task.SIDE}x{task.SIDE}",
                    "--repeats", 1, "--threads", self.threads, "--json"]
        if "--bits" in self.options:
            command += ["--bits", bits]
        outcome = run(command, self.env)
        report = json.loads(outcome.stdout)
        samples = {}
        for work, (stage, key) in self.stages.items():
            if work in works and report.get(stage):
                samples[work] = report[stage][key]
        others, notes = outcome.others, []
        if "cold" in works:
            samples["cold"], memory, other = self.first_token()
            samples["memory"] = memory / 1e9
            others = max(others, other)
        return samples, others, notes

    def first_token(self):
        """One process from nothing: what is loaded before the pictures is not counted, as with the others."""
        paths = [*pictures.references(self.place, task.SIDE), pictures.queries(self.place, task.SIDE)[0]]
        images = [part for path in paths for part in ("--image", path)]
        outcome = run([self.program, "generate", "--home", self.place.home, "--model", self.place.checkpoint, *images,
                       "--prompt", "".join(task.reference_texts()) + task.QUESTION, "--max-tokens", 1, "--json"], self.env)
        timings = json.loads(outcome.stdout)["timings"]
        return timings["firstToken"], outcome.peak_bytes, outcome.others
