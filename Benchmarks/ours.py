"""studio itself, through its own `model bench`."""
import json
import os

import convert
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

    def missing(self, variant):
        if not os.path.exists(self.program):
            return f"is not built ({self.program} is missing; make build)"

    def version(self):
        git = run(["git", "-C", REPOSITORY, "log", "-1", "--format=%h %cs"])
        return git.stdout.strip()

    def model(self, variant):
        """Options that name the weights."""
        return ["--model", self.place.checkpoint, "--bits", dict(self.variants)[variant]]

    def measure(self, variant, works):
        bench = [self.program, "model", "bench", "--home", self.place.home, *self.model(variant),
                 "--image", f"{task.SIDE}x{task.SIDE}", "--repeats", 1, "--threads", self.threads, "--json"]
        samples, others = {}, []
        stages = {work: stage for work, stage in self.stages.items() if work in works}
        if stages:
            outcome = run([*bench, "--prompt-tokens", task.PROMPT_TOKENS, "--generate", task.GENERATED_TOKENS, "--batch", task.BATCH,
                           "--stages", *stages], self.env)
            report = json.loads(outcome.stdout)
            samples.update({work: report[stage][key] for work, (stage, key) in stages.items()})
            others.append(outcome.others)
        if "cold" in works:
            # A process of its own: the memory is that of the captions.
            outcome = run([*bench, "--references", len(task.NAMES), "--stages", "first-token"], self.env)
            first = json.loads(outcome.stdout)["firstToken"]
            samples.update({work: first[work] for work in task.FIRST_TOKEN}, memory=outcome.peak_bytes / 1e9)
            others.append(outcome.others)
        return samples, max(others), []


class OursGGUF(Ours):
    """studio with the files that llama.cpp reads."""
    name = "studio (GGUF)"
    variants = [(kind, bits) for kind, bits in convert.GGUF.items() if kind != "bf16"]

    def missing(self, variant):
        if not self.place.gguf_file(variant).exists() or not self.place.vision_file.exists():
            return f"has no {variant} model (bench.py convert)"
        return super().missing(variant)

    def model(self, variant):
        return ["--model", self.place.gguf_file(variant)]
