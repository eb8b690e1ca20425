#!/usr/bin/env python3
"""Fits a metric of looks on the rows of training drawings: look.py --folder DIR [--steps 1250]

Contrastive: each thing in a scene must find its reference among hundreds, more than half of them of categories in view.
The network is the one `Sources/VLMRuntime/Retrieval/LookMetric.swift` describes.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Look(nn.Module):
    def __init__(self, width=64, parts=4, hidden=256, features=256):
        super().__init__()
        self.parts = parts
        self.query_norm, self.reference_norm = nn.LayerNorm(2 * features), nn.LayerNorm(features)
        self.query_hidden, self.reference_hidden = nn.Linear(2 * features, hidden), nn.Linear(features, hidden)
        self.query_out, self.reference_out = (nn.Linear(hidden, width, bias=False) for _ in range(2))
        self.query_skip = nn.Linear(2 * features, width, bias=False)
        self.reference_skip = nn.Linear(features, width, bias=False)
        self.attention = nn.Linear(features, parts)
        self.mix = nn.Parameter(torch.randn(parts, width, width) * .02 + torch.eye(width))
        # Used in fitting only.
        self.log_scale, self.log_slope = nn.Parameter(torch.tensor(2.3)), nn.Parameter(torch.tensor(1.5))
        self.shift = nn.Parameter(torch.tensor(-3.))

    def query(self, rows, shapes):
        """(B, cells, features) and the grids -> rows of length one."""
        around = torch.zeros_like(rows)
        for shape in {tuple(s) for s in shapes.tolist()}:
            some = ((shapes[:, 0] == shape[0]) & (shapes[:, 1] == shape[1])).nonzero()[:, 0]
            count = shape[0] * shape[1]
            grid = rows[some, :count].view(len(some), *shape, -1).permute(0, 3, 1, 2)
            mean = F.avg_pool2d(grid, 3, 1, 1, count_include_pad=False)
            around[some, :count] = mean.permute(0, 2, 3, 1).reshape(len(some), count, -1)
        x = self.query_norm(torch.cat([rows, around], -1))
        return F.normalize(self.query_skip(x) + self.query_out(F.gelu(self.query_hidden(x))), dim=-1)

    def reference(self, rows, mask):
        x = self.reference_norm(rows)
        share = self.attention(x).masked_fill(~mask[..., None], -1e4).softmax(1)
        values = self.reference_skip(x) + self.reference_out(F.gelu(self.reference_hidden(x)))
        parts = torch.einsum("rkd,kde->rke", torch.einsum("rck,rcd->rkd", share, values), self.mix)
        return F.normalize(parts, dim=-1)

    def similarity(self, query, mask, reference):
        """Mean over the parts of the best cell, (pictures, references)."""
        pictures, cells, width = query.shape
        products = query.reshape(-1, width) @ reference.reshape(-1, width).T
        products = products.view(pictures, cells, -1).masked_fill(~mask[..., None], -1)
        return products.max(1)[0].view(pictures, -1, self.parts).mean(-1)

    def tensors(self):
        """As the file has them."""
        found = {"attention.weight": self.attention.weight, "attention.bias": self.attention.bias, "parts.weight": self.mix}
        for side in ("query", "reference"):
            part = lambda name: getattr(self, f"{side}_{name}")
            found |= {f"{side}.norm.weight": part("norm").weight, f"{side}.norm.bias": part("norm").bias,
                      f"{side}.hidden.weight": part("hidden").weight, f"{side}.hidden.bias": part("hidden").bias,
                      f"{side}.out.weight": part("out").weight, f"{side}.skip.weight": part("skip").weight}
        return {k: v.detach().float().contiguous() for k, v in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1250)
    parser.add_argument("--rate", type=float, default=2e-3)
    a = parser.parse_args()
    data = dict(np.load(a.folder / "train.npz"))
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    model = Look()
    optimizer = torch.optim.AdamW(model.parameters(), lr=a.rate, weight_decay=.05)
    scenes, masks, shapes, rows, row_masks = (torch.from_numpy(data[k]) for k in ("S", "M", "SH", "R", "RM"))
    renders = {}
    for place, number in enumerate(data["RS"]):
        renders.setdefault(int(number), []).append(place)
    everyone = np.array(sorted(renders))
    category = data["CAT"]
    alike = {}
    for number in everyone:
        alike.setdefault(category[number], []).append(number)
    for step in range(a.steps):
        for group in optimizer.param_groups:
            group["lr"] = a.rate * min(1, (step + 1) / 50) * (.5 * (1 + np.cos(np.pi * step / a.steps)) + .01)
        some = random.integers(0, len(scenes), 48)
        shown = data["O"][some]
        candidates = list(np.unique(shown[shown >= 0]))
        seen = set(candidates)
        kinds = [k for k in category[candidates] if k in alike]
        while len(candidates) < 384:
            pool = alike[kinds[random.integers(len(kinds))]] if random.random() < .6 else everyone
            number = int(pool[random.integers(len(pool))])
            if number not in seen:
                seen.add(number)
                candidates.append(number)
        places = [renders[int(n)][random.integers(len(renders[int(n)]))] for n in candidates]
        found = model.similarity(model.query(scenes[some].float(), shapes[some]), masks[some],
                                 model.reference(rows[places].float(), row_masks[places]))
        truth = torch.from_numpy((shown[:, :, None] == np.array(candidates)[None, None]).any(1))
        scaled = found * model.log_scale.exp()
        others = scaled.masked_fill(truth, -1e4).logsumexp(1)
        picture, candidate = truth.nonzero(as_tuple=True)
        loss = F.softplus(others[picture] - scaled[picture, candidate]).mean()
        # A little of the absolute question too: is it there at all?
        odds = (found * 6 + model.shift) * model.log_slope.exp()
        weights = torch.where(truth, 1., .02)
        presence = F.binary_cross_entropy_with_logits(odds, truth.float(), weight=weights)
        loss = loss + .1 * presence * truth.numel() / truth.sum()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optimizer.step()
        if step % 50 == 49:
            print(step + 1, round(loss.item(), 3), flush=True)
            torch.save(model.state_dict(), a.folder / "look.pt")
    torch.save(model.state_dict(), a.folder / "look.pt")


if __name__ == "__main__":
    main()
