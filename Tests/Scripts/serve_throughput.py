#!/usr/bin/env python3
"""Compares the throughput of servers that speak OpenAI's API, in turn, in one run.

    studio serve --port 8001 &
    llama-server -m mini-bf16.gguf --mmproj mini-mmproj.gguf --port 8002 -np 16 -c 32768 -t 2 &
    python3 Tests/Scripts/serve_throughput.py studio=http://127.0.0.1:8001 \
        llama=http://127.0.0.1:8002

Every round gives the same requests to one server after the other: so many clients (16), each asking
one question after another for answers of exactly so many tokens. Pictures differ between rounds, so
that nobody has seen them; the first round warms up and does not count. Prints tokens a second, the
median over rounds with the lowest and highest, and ratios to the first server.

Standard library only.
"""

import argparse
import base64
import http.client
import json
import pathlib
import statistics
import struct
import threading
import time
import urllib.parse
import zlib


def picture(seed, side=224):
    """A PNG nobody has seen: bands of colour by number."""
    rows = b""
    for y in range(side):
        row = bytes(((x * (seed % 7 + 1) + y * (seed % 5 + 1) + seed * 37 + c * 85) & 255)
                    for x in range(side) for c in range(3))
        rows += b"\0" + row

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def ask(address, body):
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=600)
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps(body).encode(),
                           {"Content-Type": "application/json"})
        response = connection.getresponse()
        data = response.read()
        assert response.status == 200, data[:300]
        return json.loads(data)["usage"]["completion_tokens"]
    finally:
        connection.close()


def round_of(address, bodies, clients):
    """Returns tokens a second, and the number of tokens."""
    lock, rest, tokens, problems = threading.Lock(), list(bodies), [], []

    def client():
        while True:
            with lock:
                if not rest:
                    return
                body = rest.pop()
            try:
                tokens.append(ask(address, body))
            except Exception as error:  # Told below; a failed round is no figure.
                problems.append(error)
                return

    start = time.monotonic()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return sum(tokens) / (time.monotonic() - start), sum(tokens)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("servers", nargs="+", help="name=URL")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--requests", type=int, default=48)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    servers = [(n, urllib.parse.urlparse(u)) for n, u in (s.split("=", 1) for s in options.servers)]
    results = {}
    for kind in ["text", "picture"]:
        for number in range(options.rounds + 1):
            bodies = []
            for index in range(options.requests):
                content = [{"type": "text", "text": f"Describe number {number * 1000 + index}."}]
                if kind == "picture":
                    data = base64.b64encode(picture(number * 1000 + index)).decode()
                    url = "data:image/png;base64," + data
                    content.insert(0, {"type": "image_url", "image_url": {"url": url}})
                # The answers have exactly so many tokens: ours by min_tokens, theirs by ignore_eos.
                bodies.append({
                    "messages": [{"role": "user", "content": content}], "temperature": 0,
                    "max_tokens": options.tokens, "min_tokens": options.tokens,
                    "ignore_eos": True, "repetition_penalty": 1.0, "seed": index})
            # Whoever is second has no advantage of a quiet machine for long.
            order = servers if number % 2 else servers[::-1]
            for name, address in order:
                speed, tokens = round_of(address, bodies, options.clients)
                assert tokens == options.tokens * options.requests, (name, tokens)
                if number:
                    results.setdefault((kind, name), []).append(speed)
    for kind in ["text", "picture"]:
        first = statistics.median(results[kind, servers[0][0]])
        for name, _ in servers:
            speeds = results[kind, name]
            middle = statistics.median(speeds)
            print(f"{kind:8} {name:10} {middle:8.1f} tokens/s ({min(speeds):.1f} to "
                  f"{max(speeds):.1f}), {middle / first:.2f} of {servers[0][0]}")
    if options.json:
        print(json.dumps({f"{k} {n}": v for (k, n), v in results.items()}))


if __name__ == "__main__":
    main()
