#!/usr/bin/env python3
"""Rows of the vision tower for scenes and references of drawings: rows.py train|check|invented|held COUNT SEED --folder DIR

`check` is an eighth of the training drawings; `train` is the rest, with invented ones mixed in as in the recipe;
`invented` has only such, other ones, so that no tower has seen them and they are no held-out drawings either.
"""
import argparse
import random
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

SAMPLES = Path(__file__).resolve().parents[2] / "Samples"
sys.path.insert(0, str(SAMPLES / "recipe"))
import common  # noqa: E402
import gen  # noqa: E402


def is_set_aside(number, drawing):
    return drawing["src"] != "virtual" and not drawing["held"] and (number * 2654435761 >> 7) % 8 == 0


def tower():
    tokenizer = Tokenizer.from_file(str(SAMPLES / "mini/tokenizer.json"))
    vision = common.Visual(common.make_config(tokenizer, "s")["vision"])
    weights = load_file(str(SAMPLES / "mini/model.safetensors"))
    vision.load_state_dict({k[7:]: v.float() for k, v in weights.items() if k.startswith("visual.")})
    return vision.eval()


def restrict(pack, keep):
    pack.train = [i for i in pack.train if keep(i)]
    pack.train_base = [i for i in pack.train_base if keep(i)]
    for groups in (pack.bycat["train"], pack.bycat_base):
        for category in list(groups):
            groups[category] = [i for i in groups[category] if keep(i)]
            if not groups[category]:
                del groups[category]
    pack.near = {i: [j for j in near if keep(j)] for i, near in pack.near.items()}


def padded(rows, count):
    values, mask = np.zeros((count, rows.shape[-1]), np.float16), np.zeros(count, bool)
    values[:len(rows)], mask[:len(rows)] = rows, True
    return values, mask


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["train", "check", "invented", "held"])
    parser.add_argument("count", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("--folder", type=Path, required=True)
    a = parser.parse_args()
    torch.set_num_threads(1)
    pack = gen.Pack(str(SAMPLES / "recipe/assets.pack"), n_bg=300, seed=100 + a.seed if a.what == "invented" else 0,
                    n_virtual=1200 if a.what in ("train", "invented") else 0)
    if a.what == "invented":
        restrict(pack, lambda i: pack.sp[i]["src"] == "virtual")
        pack.train_base, pack.bycat_base = pack.train, pack.bycat["train"]
        pack.near = {i: [j for j in pack.bycat["train"][pack.sp[i]["cat"]] if j != i][:10] for i in pack.train}
    elif a.what != "held":
        aside = {i for i, d in enumerate(pack.sp) if is_set_aside(i, d)}
        restrict(pack, lambda i: (i in aside) == (a.what == "check"))
    split = "held" if a.what == "held" else "train"
    vision, rnd, nrng = tower(), random.Random(a.seed), np.random.default_rng(a.seed)

    @torch.no_grad()
    def rows(images):
        found = vision([torch.from_numpy(np.stack(images))], torch.float32)[0]
        return found.half().numpy().reshape(len(images), -1, found.shape[-1])

    scenes = {k: [] for k in ("S", "M", "O", "SH")}
    while len(scenes["S"]) < a.count:
        shape = rnd.choice(gen.QSHAPES) if rnd.random() < .25 else (8, 8)
        batch = []
        for _ in range(32):
            named = rnd.choices((0, 1, 2, 3, 4), (.04, .2, .2, .2, .36))[0]
            extra = rnd.choices((0, 1), (.67, .33))[0] if 0 < named < 4 else int(named == 0)
            batch.append(gen.scene(pack, rnd, nrng, split, n_vis=named, n_abs=int(named == 0), n_extra=extra, hue=False,
                                   hard=.35, near=.2 if split == "train" else 0, shape=shape))
        for scene, found in zip(batch, rows([s["query"] for s in batch])):
            values, mask = padded(found, 64)
            objects = np.full(4, -1, np.int32)
            for place, thing in enumerate(scene["objs"]):
                if thing["box"]:
                    objects[place] = thing["sid"]
            for key, value in zip(scenes, (values, mask, objects, shape)):
                scenes[key].append(value)
    references = {k: [] for k in ("R", "RM", "RS", "RSH")}
    ids = list(pack.train if split == "train" else pack.held)
    for _ in range(2):
        rnd.shuffle(ids)
        for start in range(0, len(ids), 64):
            shape = (4, 4) if rnd.random() < .7 else rnd.choice(gen.RSHAPES)
            some = ids[start:start + 64]
            images = [gen.render_ref(pack, split, i, 0, rnd, nrng, shape[1] * 28, shape[0] * 28) for i in some]
            for number, found in zip(some, rows(images)):
                for key, value in zip(references, (*padded(found, 16), number, shape)):
                    references[key].append(value)
    categories = sorted({d["cat"] for d in pack.sp})
    a.folder.mkdir(parents=True, exist_ok=True)
    np.savez(a.folder / f"{a.what}.npz", CAT=np.array([categories.index(d["cat"]) for d in pack.sp]),
             **{k: np.stack(v) for k, v in (scenes | references).items()})


if __name__ == "__main__":
    main()
