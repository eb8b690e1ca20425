#!/usr/bin/env python3
"""What look and answer are worth together: joint.py --folder DIR [--file held] [--scenes 180]

Searches scenes in libraries of 200, 50 and 10 as the studio does, and fits the logistic rule of
`Sources/PersonalCaption/Retrieval/LookRule.swift`, which says how likely a concept is there.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from look import Look
from verifier import Prompts, Verifier

FEATURES = ("similarity", "lead", "margin", "odds")


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
    features, truth = [], []
    for number, scene in enumerate(scenes):
        shown = [place[int(x)] for x in prompts.data["O"][scene] if x >= 0]
        size = (200, 200, 50, 10)[number % 4]
        library = shown + [i for i in draw.permutation(len(drawings)).tolist() if i not in shown][:size - len(shown)]
        query = look.query(prompts.scenes[scene:scene + 1].float(), torch.from_numpy(prompts.data["SH"][scene:scene + 1]))
        found = look.similarity(query, prompts.masks[scene:scene + 1], parts[library])[0]
        impostors = between[library][:, library].fill_diagonal_(-1).max(0)[0]
        ranked = found.argsort(descending=True)
        median, kept = found[ranked[len(library) // 2]], ranked[:24].tolist()
        group = [(int(drawings[library[i]]), pictures[library[i]], i < len(shown)) for i in kept]
        odds = torch.cat([verifier.odds([prompts.item(scene, group[i:i + 4])]) for i in range(0, len(group), 4)])
        odds = odds.clamp(-11.5, 11.5)
        features.append(np.stack([found[kept], found[kept] - median, found[kept] - impostors[kept], odds], 1))
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


def rule(x, y, used):
    weights, bias = fit(x[:, [FEATURES.index(f) for f in used]], y)
    return {f: 0. for f in FEATURES} | {f: round(float(v), 4) for f, v in zip(used, weights)} | {"bias": round(float(bias), 4)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--file", default="held")
    parser.add_argument("--scenes", type=int, default=180)
    a = parser.parse_args()
    look, verifier = Look(), Verifier()
    look.load_state_dict(torch.load(a.folder / "look.pt"))
    for name, pair in torch.load(a.folder / "verifier.pt").items():
        for mine, theirs in zip(verifier.pairs[name], pair):
            mine.data.copy_(theirs)
    prompts = Prompts(a.folder / f"{a.file}.npz", verifier.tokenizer, seed=1)
    x, y = search(prompts, look.eval(), verifier, prompts.usable[:a.scenes], np.random.default_rng(1))
    found = {"asked": rule(x, y, FEATURES), "alone": rule(x, y, FEATURES[:3])}
    (a.folder / "calibration.json").write_text(json.dumps(found))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
