#!/usr/bin/env python3
"""Rebuilds the published Qwen2 vocabulary from a package on PyPI.

    python3 rebuild_real_vocabulary.py FOLDER

Downloads the package `dashscope` (Alibaba Cloud, Apache-2.0) with pip into FOLDER, takes
qwen.tiktoken out of it (151,643 lines of base64 bytes and rank) and writes

    FOLDER/vocab.json, FOLDER/merges.txt                 the files as Qwen publishes them
    FOLDER/qwen2-merges.bin                              the compact form the tests read

All are checked against the SHA-256 of the published files. Needs Python 3.9 and pip only.

The merges are not in qwen.tiktoken; they follow from the ranks. Every token of two bytes or more
is the result of exactly one merge: run BPE over its bytes with the tokens of lower rank, and two
parts remain. Compact form: the 256 single bytes in the order of their ids, then for every further
id the ids of the two parts, as LEB128 numbers.
"""
import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import zipfile

PACKAGE = "dashscope==2.0.2"
MEMBER = "dashscope/resources/qwen.tiktoken"
SHA256 = {
    "qwen.tiktoken": "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
    "vocab.json": "ca10d7e9fb3ed18575dd1e277a2579c16d108e32f27439684afa0e10b1440910",
    "merges.txt": "8831e4f1a044471340f7c0a83d7bd71306a5b867e95fd870f74d0c5308a904d5",
}


def byte_alphabet():
    """The printable character that stands for each byte in the vocabulary files."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    table = {byte: chr(byte) for byte in plain}
    table.update({byte: chr(256 + place) for place, byte in enumerate(others)})
    return table


def download(folder):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
    subprocess.run([*map(str, command), PACKAGE], check=True)
    wheel = next(pathlib.Path(folder).glob("dashscope-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(MEMBER)


def parse(text):
    """Token bytes in the order of their ranks, which are their ids."""
    ranked = [line.split() for line in text.splitlines() if line]
    assert [int(rank) for _, rank in ranked] == list(range(len(ranked)))
    return [base64.b64decode(token) for token, _ in ranked]


def two_parts(token, ranks):
    """The two tokens of lower rank that merge into this one."""
    limit = ranks[token]
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        pairs = [ranks.get(a + b, limit) for a, b in zip(parts, parts[1:])]
        place = min(range(len(pairs)), key=pairs.__getitem__)
        assert pairs[place] < limit, token
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return parts


def leb128(number):
    output = bytearray()
    while number >= 0x80:
        output.append(number & 0x7F | 0x80)
        number >>= 7
    output.append(number)
    return bytes(output)


def checked(name, data):
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[name]:
        sys.exit(f"{name}: SHA-256 is {found}, expected {SHA256[name]}")
    return data


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tokens = parse(checked("qwen.tiktoken", download(folder)))
    ranks = {token: rank for rank, token in enumerate(tokens)}
    pairs = [two_parts(token, ranks) for token in tokens if len(token) > 1]

    alphabet = byte_alphabet()
    written = lambda token: "".join(alphabet[byte] for byte in token)
    vocabulary = {written(token): rank for rank, token in enumerate(tokens)}
    text = json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":"))
    lines = ["#version: 0.2"] + [f"{written(left)} {written(right)}" for left, right in pairs]
    compact = b"".join(tokens[:256]) + b"".join(
        leb128(ranks[part]) for pair in pairs for part in pair
    )
    (folder / "vocab.json").write_bytes(checked("vocab.json", text.encode()))
    (folder / "merges.txt").write_bytes(checked("merges.txt", ("\n".join(lines) + "\n").encode()))
    (folder / "qwen2-merges.bin").write_bytes(compact)
    print(f"{len(tokens)} tokens, {len(pairs)} merges, compact form {len(compact)} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
