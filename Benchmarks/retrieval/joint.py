#!/usr/bin/env python3
"""What look and answer are worth together: joint.py --folder DIR [--file invented] [--scenes 180] [--write]

Searches scenes in libraries of 200, 50 and 10 as the studio does, and fits the logistic rule of
`Sources/PersonalCaption/Retrieval/LookRule.swift`: how sure it is that somebody known is there, and who. Without DIR/look.pt and
DIR/verifier.pt the published ones are taken; --write puts the rule into the published metric.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from look import Look
from rows import SAMPLES
from verifier import Prompts, Verifier

PUBLISHED = SAMPLES / "mini/retrieval"

FEATURES = ("similarity", "lead", "margin", "rivalry", "odds")


def library_of(shown, category, size, draw):
    """Places of drawings: those shown, and groups of four of one category as in the table's libraries."""
    chosen, kinds = [], {}
    for place in draw.permutation(len(category)).tolist():
        kinds.setdefault(category[place], []).append(place)
    groups = [(category[place], place) for place in shown]
    groups += [(kind, None) for kind in draw.permutation(list(kinds) * (size // 4)).tolist()]
    for kind, place in groups:
        free = [p for p in kinds[kind] if p not in chosen and p not in shown]
        group = ([] if place is None else [place]) + free
        chosen += [p for p in group[:4] if p not in chosen]
        if len(chosen) >= size:
            break
    rest = [p for p in chosen if p not in shown]
    return shown + rest[:max(0, size - len(shown))]


def rivalry(maps, shape):
    """How much more alike each candidate is to its own place than any other: (candidates, parts, cells) -> candidates."""
    high, wide = shape
    found = []
    for number, candidate in enumerate(maps):
        row, column = divmod(int(candidate.sum(0).argmax()), wide)
        window = [y * wide + x for y in range(max(0, row - 1), min(high, row + 2))
                  for x in range(max(0, column - 1), min(wide, column + 2))]
        there = maps[:, :, window].max(-1)[0].mean(-1)
        others = torch.cat([there[:number], there[number + 1:]])
        found.append(float(there[number] - others.max()) if len(others) else 0.)
    return torch.tensor(found)


@torch.no_grad()
def search(prompts, look, verifier, scenes, draw):
    """For every scene the features of its shortlist, and who is there."""
    drawings = prompts.drawings
    pictures = [prompts.renders[d][0] for d in drawings]
    rows = prompts.rows[pictures].float()
    parts = look.reference(rows, torch.ones(rows.shape[:2], dtype=torch.bool))
    cells = look.query(F.pad(rows, (0, 0, 0, 48)), torch.tensor([[4, 4]] * len(rows)))[:, :16]
    # How alike the picture of one concept (row) is to the reference of another (column).
    between = torch.einsum("acd,bkd->acbk", cells, parts).max(1)[0].mean(-1)
    place = {int(d): i for i, d in enumerate(drawings)}
    category = [int(prompts.data["CAT"][d]) for d in drawings]
    features, truth = [], []
    for number, scene in enumerate(scenes):
        shown = [place[int(x)] for x in prompts.data["O"][scene] if x >= 0]
        size = (200, 200, 50, 10)[number % 4]
        library = library_of(shown, category, size, draw)
        query = look.query(prompts.scenes[scene:scene + 1].float(), torch.from_numpy(prompts.data["SH"][scene:scene + 1]))
        found = look.similarity(query, prompts.masks[scene:scene + 1], parts[library])[0]
        impostors = between[library][:, library].fill_diagonal_(-1).max(0)[0]
        ranked = found.argsort(descending=True)
        median, kept = found[ranked[len(library) // 2]], ranked[:24].tolist()
        group = [(int(drawings[library[i]]), pictures[library[i]], i < len(shown)) for i in kept]
        odds = torch.cat([verifier.odds([prompts.item(scene, group[i:i + 4])]) for i in range(0, len(group), 4)])
        odds = odds.clamp(-11.5, 11.5)
        shape = tuple(int(v) for v in prompts.data["SH"][scene])
        maps = torch.einsum("cd,bkd->bkc", query[0, :shape[0] * shape[1]], parts[[library[i] for i in kept]])
        features.append(np.stack([found[kept], found[kept] - median, found[kept] - impostors[kept], rivalry(maps, shape),
                                  odds], 1))
        truth.append(np.array([g[2] for g in group], float))
    return np.concatenate(features), np.concatenate(truth)


def fit(x, y, ridge=1e-3):
    """Logistic regression by Newton's method; weights and bias."""
    mean, deviation = x.mean(0), x.std(0) + 1e-9
    g = np.c_[(x - mean) / deviation, np.ones(len(x))]
    w, penalty = np.zeros(g.shape[1]), ridge * len(y) * np.r_[np.ones(x.shape[1]), 0]
    for _ in range(50):
        p = 1 / (1 + np.exp(-g @ w))
        w -= np.linalg.solve((g * (p * (1 - p) + 1e-9)[:, None]).T @ g + np.diag(penalty), g.T @ (p - y) + penalty * w)
    weights = w[:-1] / deviation
    return weights, w[-1] - (weights * mean).sum()


def weights_of(x, y, used):
    weights, bias = fit(x[:, [FEATURES.index(f) for f in used]], y)
    return {f: 0. for f in FEATURES} | {f: round(float(v), 4) for f, v in zip(used, weights)} | {"bias": round(float(bias), 4)}


def trained(folder):
    """The metric and the verifier of a folder, or else the published ones."""
    look, verifier = Look(), Verifier()
    if (folder / "look.pt").exists():
        look.load_state_dict(torch.load(folder / "look.pt"))
        pairs = torch.load(folder / "verifier.pt")
    else:
        mine = look.tensors().keys()
        found = load_file(PUBLISHED / "look.safetensors")
        assert mine == found.keys()
        names = {"attention.weight": "attention.weight", "attention.bias": "attention.bias", "parts.weight": "mix"}
        state = {names.get(k) or k.replace(".", "_", 1): v for k, v in found.items()}
        look.load_state_dict(state, strict=False)
        found = load_file(PUBLISHED / "verifier/adapter_model.safetensors")
        key = "base_model.model.model.language_model.layers.{}.lora_{}.weight"
        pairs = {name: [found[key.format(name, side)].float() for side in "AB"] for name in verifier.pairs}
    for name, pair in pairs.items():
        for mine, theirs in zip(verifier.pairs[name], pair):
            mine.data.copy_(theirs)
    return look.eval(), verifier


def publish(calibration):
    """Puts a rule into the published metric."""
    file = PUBLISHED / "look.safetensors"
    with safe_open(file, "pt") as opened:
        metadata = opened.metadata() | {"calibration": json.dumps(calibration)}
    save_file(load_file(file), file, metadata=metadata)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--file", default="invented")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--scenes", type=int, default=240)
    a = parser.parse_args()
    look, verifier = trained(a.folder)
    prompts = Prompts(a.folder / f"{a.file}.npz", verifier.tokenizer, seed=1)
    x, y = search(prompts, look, verifier, prompts.usable[:a.scenes], np.random.default_rng(1))
    rule = lambda used: {"asked": weights_of(x, y, used), "alone": weights_of(x, y, [f for f in used if f != "odds"])}
    found = {"presence": rule([f for f in FEATURES if f != "rivalry"]), "identity": rule(FEATURES)}
    (a.folder / "calibration.json").write_text(json.dumps(found))
    print(json.dumps(found, indent=1))
    if a.write:
        publish(found)


if __name__ == "__main__":
    main()
