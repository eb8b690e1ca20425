"""Transformers and OpenVINO GenAI: each measured by a worker script inside its own environment."""
import json

import convert
import pictures
import task
from peer import Peer
from place import REPOSITORY
from process import run


class Worker(Peer):
    def job(self, folder, works):
        return json.dumps({
            "folder": str(folder), "works": sorted(works), "threads": self.threads,
            "references": [str(path) for path in pictures.references(self.place, task.SIDE)],
            "queries": [str(path) for path in pictures.queries(self.place, task.SIDE)],
            "warm": str(pictures.picture(self.place.pictures / f"warm-{task.SIDE}.png", task.SIDE, 20))})

    def worker(self, python, script, folder, works):
        """Figures of a worker script; memory counts only when the pictures of `cold` were in it."""
        outcome = run([python, REPOSITORY / "Benchmarks" / script, self.job(folder, works)], self.env)
        report = json.loads(outcome.stdout.strip().splitlines()[-1])
        if "cold" in report["samples"]:
            report["samples"]["memory"] = outcome.peak_bytes / 1e9
        return report["samples"], outcome.others, report["notes"]


class Transformers(Worker):
    name = "Transformers"
    variants = [("bf16", 16)]
    works = {"decode", "prefill", "vision", "cold", "batch", "memory"}

    def missing(self, variant):
        if not self.place.python().exists():
            return "is not installed (bench.py install)"

    def version(self):
        script = "import torch, transformers; print(transformers.__version__, 'torch', torch.__version__)"
        return run([self.place.python(), "-c", script], self.env).stdout.strip()

    def measure(self, variant, works):
        return self.worker(self.place.python(), "worker_transformers.py", self.place.checkpoint, works)


class OpenVINO(Worker):
    name = "OpenVINO GenAI"
    variants = [(name, bits) for name, (bits, _) in convert.OPENVINO.items()]
    works = {"decode", "prefill", "vision", *task.FIRST_TOKEN, "batch", "memory"}

    def missing(self, variant):
        if not self.place.python(self.place.openvino_venv).exists():
            return "is not installed (bench.py install)"
        if not (self.place.openvino / variant).exists():
            return f"has no {variant} model (bench.py convert)"

    def version(self):
        script = "import openvino_genai; print(openvino_genai.__version__)"
        return run([self.place.python(self.place.openvino_venv), "-c", script], self.env).stdout.strip()

    def measure(self, variant, works):
        python = self.place.python(self.place.openvino_venv)
        return self.worker(python, "worker_openvino.py", self.place.openvino / variant, works)
