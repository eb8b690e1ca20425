"""llama.cpp: its own benchmark programs, and its server for the time to the first token."""
import base64
import http.client
import json
import os
import re
import socket
import subprocess
import time

import convert
import pictures
import task
from install import LLAMA
from peer import Peer
from process import Failure, Watch, run


class LlamaServer:
    """llama-server with the model in memory; pictures are sent as a chat program would."""

    def __init__(self, peer, model):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = open(peer.place.root / "llama-server.log", "w+")
        self.child = subprocess.Popen(
            [str(part) for part in (
                peer.place.llama_program("llama-server"), "-m", model, "--mmproj", peer.place.vision_file, "-t", peer.threads,
                "-tb", peer.threads, "-c", 8192, "-np", 1, "--host", "127.0.0.1", "--port", self.port)],
            stdout=self.log, stderr=subprocess.STDOUT, env=peer.env)
        for _ in range(600):
            if self.child.poll() is not None:
                raise Failure("llama-server ended while loading; see llama-server.log")
            try:
                if self.ask("GET", "/health").get("status") == "ok":
                    return
            except OSError:
                pass
            time.sleep(0.5)
        self.stop()
        raise Failure("llama-server was not ready after five minutes")

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def first_token(self, paths, texts, question):
        """Seconds until an answer of one token is back; sending and decoding pictures is part of it."""
        image = lambda path: {"type": "image_url", "image_url": {
            "url": "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()}}
        content = []
        for path, text in zip(paths, texts):
            content += [image(path), {"type": "text", "text": text}]
        content += [image(paths[-1]), {"type": "text", "text": question}]
        start = time.perf_counter()
        answer = self.ask("POST", "/v1/chat/completions", {
            "messages": [{"role": "user", "content": content}], "max_tokens": 1, "temperature": 0, "cache_prompt": True})
        if "choices" not in answer:
            raise Failure(f"llama-server answered: {answer.get('error', answer)}")
        return time.perf_counter() - start

    def stop(self):
        self.child.terminate()
        _, _, usage = os.wait4(self.child.pid, 0)
        self.child.returncode = 0
        return usage


class Llama(Peer):
    name = "llama.cpp"
    variants = list(convert.GGUF.items())
    works = {"decode", "prefill", "vision", *task.FIRST_TOKEN, "batch", "memory"}

    def missing(self, variant):
        if not self.place.llama_program("llama-bench").exists():
            return "is not installed (bench.py install)"
        if not self.place.gguf_file(variant).exists() or not self.place.vision_file.exists():
            return f"has no {variant} model (bench.py convert)"

    def version(self):
        text = run([self.place.llama_program("llama-server"), "--version"], self.env)
        found = re.search(r"version: (\S+)", text.stdout + text.stderr)
        return f"{LLAMA}, build {found.group(1) if found else '?'}"

    def measure(self, variant, works):
        model, samples, others = self.place.gguf_file(variant), {}, []

        def timed(program, *options):
            outcome = run([self.place.llama_program(program), "-m", model, "-t", self.threads, *options], self.env)
            others.append(outcome.others)
            return outcome

        if "prefill" in works:
            out = timed("llama-bench", "-p", task.PROMPT_TOKENS, "-n", 0, "-r", 1, "-o", "json").stdout
            samples["prefill"] = json.loads(out)[0]["avg_ts"]
        if "decode" in works:
            out = timed("llama-bench", "-p", 0, "-n", task.GENERATED_TOKENS, "-d", task.PROMPT_TOKENS, "-r", 1, "-o", "json")
            samples["decode"] = json.loads(out.stdout)[0]["avg_ts"]
        if "batch" in works:
            out = timed("llama-batched-bench", "-tb", self.threads, "-c", 4096, "-kvu", "-npp", task.PROMPT_TOKENS,
                        "-ntg", task.GENERATED_TOKENS, "-npl", task.BATCH, "-pps", "--output-format", "jsonl").stdout
            lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
            if not lines:
                raise Failure("llama-batched-bench printed no figures")
            samples["batch"] = lines[-1]["speed_tg"]
        if "vision" in works:
            path = pictures.queries(self.place, task.SIDE)[0]
            text = timed("llama-mtmd-cli", "--mmproj", self.place.vision_file, "--image", path, "-p", "Look.", "-n", 1)
            found = re.search(r"(?:encoded|encoding done) in (\d+) ms", text.stderr + text.stdout)
            if not found:
                raise Failure("llama-mtmd-cli printed no time of the vision tower")
            samples["vision"] = int(found.group(1)) / 1000
        if "cold" in works:
            first, other = self.session(model)
            samples.update(first)
            others.append(other)
        return samples, max(others, default=0), []

    def session(self, model):
        """Cold, known and again in one server, as one user's session would go."""
        references = pictures.references(self.place, task.SIDE)
        queries = pictures.queries(self.place, task.SIDE)
        texts = task.reference_texts()
        server = LlamaServer(self, model)
        try:
            warm = pictures.picture(self.place.pictures / f"warm-{task.SIDE}.png", task.SIDE, 20)
            server.first_token([warm], [], "Warm up.")
            watch = Watch()
            samples = {
                "cold": server.first_token([*references, queries[0]], texts, task.QUESTION),
                "known": server.first_token([*references, queries[1]], texts, task.QUESTION),
                "again": server.first_token([*references, queries[1]], texts, task.SECOND_QUESTION)}
            busy = sum(samples.values()) * self.threads
            others = watch.others(busy)
        finally:
            usage = server.stop()
        samples["memory"] = usage.ru_maxrss * 1024 / 1e9
        return samples, others
