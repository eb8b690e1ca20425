#!/usr/bin/env python3
"""Loads a running `studio serve` and checks that nothing is lost and nothing differs.

    studio serve --json --port 0 --batch 16 --queue 32 > ready.json &
    python3 Tests/Scripts/serve_load.py --url http://127.0.0.1:PORT --seconds 120 \
        --pictures Samples/queries

So many clients (64) ask for as long as asked, each again and again: with and without pictures,
streamed or not, sampled with their own seeds or greedy. Some leave in the middle, some send
rubbish, some a body that is too large. First each question is asked alone; every full answer
under load must be the same text. Refusals with 429 are tried again after `Retry-After`. At the end
the server must be idle: nothing runs, nothing waits, and its memory has stopped growing.

Standard library only.
"""

import argparse
import base64
import collections
import http.client
import json
import pathlib
import random
import sys
import threading
import time
import urllib.parse


class Left(Exception):
    """The client went away on purpose."""


def connect(address, timeout=600):
    return http.client.HTTPConnection(address.hostname, address.port, timeout=timeout)


def headers(options):
    result = {"Content-Type": "application/json"}
    if options.key:
        result["Authorization"] = "Bearer " + options.key
    return result


def post(options, body, leave_after=None):
    """Returns status, text of the answer (or None), Retry-After, and seconds to the first text."""
    connection = connect(options.address)
    start = time.monotonic()
    try:
        connection.request(
            "POST", "/v1/chat/completions", body=body if isinstance(body, bytes) else
            json.dumps(body).encode(), headers=headers(options))
        response = connection.getresponse()
        retry = response.getheader("Retry-After")
        if response.status != 200:
            document = json.loads(response.read())
            assert "message" in document["error"], document
            return response.status, None, retry, None
        if response.getheader("Content-Type", "").startswith("text/event-stream"):
            text, pieces, first, done, reason = "", 0, None, False, None
            for line in response:
                if not line.startswith(b"data: "):
                    continue
                data = line[6:].strip()
                if data == b"[DONE]":
                    done = True
                    break
                event = json.loads(data)
                assert "error" not in event, event
                choice = event["choices"][0]
                piece = choice["delta"].get("content", "")
                if piece and first is None:
                    first = time.monotonic() - start
                text += piece
                pieces += 1
                reason = choice["finish_reason"] or reason
                if leave_after is not None and pieces > leave_after:
                    raise Left
            assert done and reason in ("stop", "length"), "a stream ended early"
            return 200, text, None, first
        if leave_after is not None:
            raise Left
        choice = json.loads(response.read())["choices"][0]
        assert choice["finish_reason"] in ("stop", "length")
        return 200, choice["message"]["content"], None, time.monotonic() - start
    finally:
        connection.close()


def questions(options):
    """Different requests, with few beginnings: several ask about one picture."""
    pictures = sorted(pathlib.Path(options.pictures).glob("*.png"))[:options.number]
    urls = ["data:image;base64," + base64.b64encode(p.read_bytes()).decode() for p in pictures]
    texts = ["Describe this image in detail.", "What is in this image?", "Describe this image."]
    made = []
    for number in range(options.questions):
        content = [{"type": "text", "text": texts[number % len(texts)]}]
        if number % 8 != 7:
            url = urls[number % len(urls)]
            content.insert(0, {"type": "image_url", "image_url": {"url": url}})
        body = {
            "messages": [{"role": "user", "content": content}],
            "max_tokens": 8 + number * 7 % 40, "repetition_penalty": 1.0 + (number % 3) * 0.05,
        }
        if number % 2:
            body.update(temperature=0.9, top_p=0.95, top_k=50, seed=number)
        made.append(body)
    return made


def metrics(options):
    connection = connect(options.address, 30)
    connection.request("GET", "/metrics", headers=headers(options))
    text = connection.getresponse().read().decode()
    connection.close()
    values = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            values[name] = float(value)
    return values


class Tally:
    def __init__(self):
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.problems = []
        self.first = []

    def add(self, what, first=None):
        with self.lock:
            self.counts[what] += 1
            if first is not None:
                self.first.append(first)

    def problem(self, text):
        with self.lock:
            self.problems.append(text)


RUBBISH = [
    (b"", 400), (b"{", 400), (b"[1]", 400), (b"\xff\xfe{}", 400),
    (b'{"messages": []}', 400), (b'{"messages": [{"role": "user", "content": 5}]}', 400),
    (b'{"model": "../../etc", "messages": [{"role": "user", "content": "x"}]}', 404),
    (b'{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": '
     b'{"url": "data:image/png;base64,iVBORw0KGgo="}}]}]}', 400),
    (b'{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": '
     b'{"url": "http://127.0.0.1:1/x.png"}}]}]}', 400),
    (b"[" * 100_000, 400),
]


def client(number, options, made, expected, tally, end):
    draw = random.Random(options.seed * 1000 + number)
    while time.monotonic() < end:
        index = draw.randrange(len(made))
        body = dict(made[index], stream=draw.random() < 0.5)
        kind = draw.random()
        try:
            if kind < 0.08:
                rubbish, wanted = draw.choice(RUBBISH)
                status, *_ = post(options, rubbish)
                tally.add(f"bad body {status}")
                if status not in (wanted, 429):
                    tally.problem(f"{rubbish[:60]!r}: {status} instead of {wanted}")
                continue
            leave = draw.randrange(4) if kind < 0.2 else None
            if leave is not None:
                body["stream"] = True
            asked = time.monotonic()
            while True:
                status, text, retry, first = post(options, body, leave)
                if status != 429:
                    break
                tally.add("429, asked again")
                if not retry or int(retry) < 1:
                    tally.problem("429 without Retry-After")
                time.sleep(min(float(retry or 1), 5) * draw.uniform(0.5, 1))
                if time.monotonic() - asked > 300:
                    tally.problem("refused for five minutes")
                    return
            if status != 200:
                tally.problem(f"question {index}: status {status}")
            elif text != expected[index]:
                tally.problem(f"question {index}: {text!r} instead of {expected[index]!r}")
            else:
                tally.add("same as alone", first)
        except Left:
            tally.add("left on purpose")
        except Exception as error:  # Whatever happens to a client is a finding.
            tally.problem(f"question {index}: {type(error).__name__}: {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--key")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--questions", type=int, default=48)
    parser.add_argument("--pictures", default="Samples/queries")
    parser.add_argument("--number", type=int, default=6, help="different pictures")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.address = urllib.parse.urlparse(options.url)
    made = questions(options)
    start = time.monotonic()
    before = metrics(options)
    expected = []
    for body in made:
        status, text, *_ = post(options, body)
        assert status == 200, status
        expected.append(text)
    alone = metrics(options)
    tokens = alone["studio_generated_tokens_total"] - before["studio_generated_tokens_total"]
    alone_speed = tokens / (time.monotonic() - start)
    print(f"{len(made)} questions alone: {alone_speed:.1f} tokens/s")

    tally = Tally()
    start = time.monotonic()
    end = start + options.seconds
    threads = [
        threading.Thread(target=client, args=(n, options, made, expected, tally, end))
        for n in range(options.clients)]
    for thread in threads:
        thread.start()
    memory = []
    while any(t.is_alive() for t in threads):
        memory.append(metrics(options)["process_resident_memory_bytes"] / 2**20)
        time.sleep(1)
    seconds = time.monotonic() - start
    for _ in range(200):
        after = metrics(options)
        if not after["studio_requests_running"] and not after["studio_requests_waiting"]:
            break
        time.sleep(0.05)
    else:
        tally.problem("the server is not idle after all clients have gone")
    tokens = after["studio_generated_tokens_total"] - alone["studio_generated_tokens_total"]
    steps = after["studio_steps_total"] - alone["studio_steps_total"]
    answers = after["studio_step_answers_total"] - alone["studio_step_answers_total"]
    half = memory[len(memory) // 2:] or memory
    first = sorted(tally.first) or [0]
    print(f"{options.clients} clients for {seconds:.0f} s: {dict(tally.counts)}")
    print(
        f"{tokens / seconds:.1f} tokens/s, {tokens / seconds / alone_speed:.2f} times alone; "
        f"{answers / max(steps, 1):.1f} answers a step; to the first text "
        f"{first[len(first) // 2]:.2f} s median, {first[int(len(first) * 0.95)]:.2f} s at 95 %")
    print(
        f"memory: {memory[0]:.0f} MiB at first, {max(memory):.0f} at most; second half grew "
        f"{half[-1] - half[0]:.0f} MiB")
    if half[-1] - half[0] > max(64, 0.2 * half[0]):
        tally.problem(f"memory still grows: {half[0]:.0f} to {half[-1]:.0f} MiB")
    for problem in tally.problems[:20]:
        print("PROBLEM", problem)
    print("passed" if not tally.problems else f"{len(tally.problems)} problems")
    sys.exit(1 if tally.problems else 0)


if __name__ == "__main__":
    main()
