#!/usr/bin/env python3
"""Trains the adapter that answers "is <name> visible": verifier.py --folder DIR [--steps 700]

Four references that look most like something in a scene of training drawings, in the order a search asks about them, and one
yes/no question for each; the vision tower is frozen, so its rows are read from DIR. `Prompts` is used by joint.py too.
"""
import argparse
import random
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

from rows import SAMPLES, common, gen

QUESTION = ("Is <{}> visible in this picture? The final answer must be either 'yes' or 'no' with no additional output.")
MODULES = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj",
           "mlp.down_proj"]
RANK, SCALE = 16, 2.


def linear(self, x):
    y = F.linear(x, self.weight.to(x.dtype), None if self.bias is None else self.bias.to(x.dtype))
    if getattr(self, "pair", None) is not None:
        a, b = self.pair
        y = y + F.linear(F.linear(x, a.to(x.dtype)), b.to(x.dtype)) * SCALE
    return y


class Verifier:
    """The language model with pairs of low rank in every linear."""

    def __init__(self, seed=1):
        common.Lin.forward = linear
        torch.manual_seed(seed)
        self.tokenizer = Tokenizer.from_file(str(SAMPLES / "mini/tokenizer.json"))
        self.model = common.Text(common.make_config(self.tokenizer, "s")["text"])
        weights = load_file(str(SAMPLES / "mini/model.safetensors"))
        self.model.load_state_dict({k[6:]: v.float() for k, v in weights.items() if k.startswith("model.")}, strict=False)
        self.model.requires_grad_(False)
        self.pairs = {}
        for number, layer in enumerate(self.model.layers):
            for name in MODULES:
                module = layer.get_submodule(name)
                outputs, inputs = module.weight.shape
                a = nn.Parameter((torch.rand(RANK, inputs) * 2 - 1) / inputs ** .5)
                module.pair = (a, nn.Parameter(torch.zeros(outputs, RANK)))
                self.pairs[f"{number}.{name}"] = module.pair
        ids = [self.tokenizer.encode(w, add_special_tokens=False).ids[0] for w in ("yes", "Yes", "no", "No")]
        self.answers = self.model.embed_tokens.weight[ids]

    def parameters(self):
        return [p for pair in self.pairs.values() for p in pair]

    def odds(self, items):
        """Log-odds of yes for every question of every item of `Prompts`."""
        kind = torch.bfloat16
        length = max(len(i[0]) for i in items) + 31 >> 5 << 5
        ids, branch = torch.zeros(len(items), length, dtype=torch.long), torch.full((len(items), length), 99)
        place = torch.zeros(3, len(items), length, dtype=torch.long)
        for b, item in enumerate(items):
            count = len(item[0])
            ids[b, :count], branch[b, :count] = torch.tensor(item[0]), torch.tensor(item[2])
            place[:, b, :count] = torch.from_numpy(np.ascontiguousarray(item[1]))
        x = self.model.embed_tokens(ids).to(kind).clone()
        for b, item in enumerate(items):
            x[b, torch.from_numpy(item[3])] = item[4].to(kind)
        cosine, sine = self.model.rope(place, kind)
        order = torch.arange(length)
        seen = (order[None] <= order[:, None])[None] & ((branch[:, None] == 0) | (branch[:, None] == branch[:, :, None]))
        mask = torch.zeros(seen.shape, dtype=kind).masked_fill_(~seen, -1e4)[:, None]
        for layer in self.model.layers:
            x = layer(x, cosine, sine, mask)
        last = torch.cat([self.model.norm(x)[b, item[5]] for b, item in enumerate(items)]).float()
        logits = last @ self.answers.T
        return torch.logsumexp(logits[:, :2], 1) - torch.logsumexp(logits[:, 2:], 1)


class Prompts:
    """Scenes and references of a file of rows.py as prompts."""

    def __init__(self, file, tokenizer, seed):
        self.data = data = dict(np.load(file))
        self.scenes, self.masks, self.rows = (torch.from_numpy(data[k]) for k in ("S", "M", "R"))
        self.pack = gen.Pack(str(SAMPLES / "recipe/assets.pack"), n_bg=4)
        gen.NAME_STYLE = "wide"
        gen.load_pieces(str(SAMPLES / "mini/tokenizer.json"))
        self.coder, self.random = common.Coder(tokenizer), random.Random(seed)
        self.renders = {}
        for place, number in enumerate(data["RS"]):
            if tuple(data["RSH"][place]) == (4, 4):
                self.renders.setdefault(int(number), []).append(place)
        self.drawings = np.array(sorted(self.renders))
        self.center = self.rows[[p[0] for p in self.renders.values()]].float().reshape(-1, 256).mean(0)
        self.usable = [n for n in range(len(self.scenes)) if all(int(x) in self.renders for x in data["O"][n] if x >= 0)]

    def shortlist(self, scene, draw, size=200, kept=24):
        """The most alike of a library by the rows as they are: (drawing, its picture, whether it is in view)."""
        shown = [int(x) for x in self.data["O"][scene] if x >= 0]
        rest = [int(x) for x in draw.permutation(self.drawings) if x not in shown][:size - len(shown)]
        absent = set(shown[:1]) if shown and draw.random() < .15 else set()
        ids = [x for x in shown if x not in absent] + rest
        pictures = [self.renders[x][draw.integers(len(self.renders[x]))] for x in ids]
        unit = lambda x: F.normalize(x.float() - self.center, dim=-1)
        products = unit(self.scenes[scene])[self.masks[scene]] @ unit(self.rows[pictures]).reshape(-1, 256).T
        best = products.max(0)[0].view(len(ids), 16).sort(-1, descending=True)[0]
        order = (best[:, 0] + best[:, :4].mean(-1)).argsort(descending=True)[:kept].tolist()
        return [(ids[k], pictures[k], ids[k] in shown) for k in order]

    def item(self, scene, group):
        """References, the scene, and a question about each of them."""
        names, infos, seen = [], [], set()
        while len(names) < len(group):
            name = gen.make_name(self.random)
            if name.lower() not in seen:
                seen.add(name.lower())
                names.append(name)
        for drawing, *_ in group:
            fields = self.pack.sp[drawing] if drawing < len(self.pack.sp) else None
            facts = dict(cat="thing", fine="thing", color="colorful") if fields is None else dict(
                cat=fields["cat"], fine=fields["fine"], color=self.pack.color(drawing, 0))
            infos.append(gen.make_info(self.random, facts) or "none")
        shape = tuple(int(v) for v in self.data["SH"][scene])
        ids, place, spans, after = self.coder.prefix(names, infos, shape=shape)
        rows = torch.cat([self.rows[g[1]][:16].float() for g in group] + [self.scenes[scene][:shape[0] * shape[1]].float()])
        cells = np.concatenate([np.arange(start, start + high * wide) for start, high, wide in spans])
        branch, places, last = [0] * len(ids), [place], []
        for number, name in enumerate(names):
            words = self.coder.branch(QUESTION.format(name), "")[0]
            ids, branch = ids + words, branch + [number + 1] * len(words)
            places.append(np.broadcast_to(after + np.arange(len(words)), (3, len(words))))
            last.append(len(ids) - 1)
        return ids, np.concatenate(places, 1), branch, cells, rows, last, [g[2] for g in group]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--rate", type=float, default=1e-3)
    a = parser.parse_args()
    verifier = Verifier()
    prompts = Prompts(a.folder / "train.npz", verifier.tokenizer, seed=1)
    optimizer = torch.optim.AdamW(verifier.parameters(), lr=a.rate, weight_decay=0., betas=(.9, .99))
    draw = np.random.default_rng(1)
    for step in range(a.steps):
        for group in optimizer.param_groups:
            group["lr"] = a.rate * min(1, (step + 1) / 30) * (.5 * (1 + np.cos(np.pi * step / a.steps)) + .02)
        items = []
        for _ in range(8):
            scene = prompts.usable[draw.integers(len(prompts.usable))]
            found = prompts.shortlist(scene, draw)
            first = draw.choice(6, p=[.38, .24, .15, .1, .08, .05]) * 4
            chosen = found[first:first + 4]
            if draw.random() < .3:
                # Now and then who is there stands among others than a search would put beside it.
                likely = np.array([3.] * 8 + [1.] * 16) / 40
                chosen = [found[i] for i in draw.choice(24, 4, replace=False, p=likely)]
            items.append(prompts.item(scene, chosen))
        odds = verifier.odds(items)
        truth = torch.tensor([v for item in items for v in item[6]]).float()
        loss = F.binary_cross_entropy_with_logits(odds, truth)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(verifier.parameters(), 1.)
        optimizer.step()
        if step % 50 == 49:
            print(step + 1, round(loss.item(), 3), flush=True)
            torch.save(verifier.pairs, a.folder / "verifier.pt")


if __name__ == "__main__":
    sys.exit(main())
