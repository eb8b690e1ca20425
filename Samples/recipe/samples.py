#!/usr/bin/env python3
"""The demonstration set of objects never seen in training:  samples.py OUT   (writes OUT/concepts, OUT/queries, OUT/truth.json, OUT/LICENSES.md)

Only sprites of the held-out split on procedural backgrounds."""
import json, os, random, sys
import cv2, numpy as np
import gen

LIBRARY = [  # source name of the sprite (held-out), name, info, size in cells of the concept picture (x2 the reference size)
    ('kangaroo', 'Milo', 'an animal', 8, 8), ('elephant', 'Bruna', 'likes to travel', 8, 8),
    ('rooster', 'Pico', 'seen every morning', 6, 10), (40, 'Wanda', 'a bird', 8, 8),
    ('sailboat', 'Luna', 'a boat', 8, 8), (1428, 'Marlo', 'made in 2011', 10, 6),
    (518, 'Honey', 'a dessert', 8, 8), (517, 'Tully', 'for my birthday', 8, 8),
    (777, 'Ruby', 'a device', 8, 8), (779, 'Otto', 'very old', 8, 8), ('camera', 'Felix', 'a gift from Nora', 6, 10),
    ('teapot', 'Polly', 'a drink', 8, 8), (419, 'Momo', 'my favorite', 8, 8),
    ('teddy bear', 'Teddo', 'a family treasure', 8, 8), (1267, 'Zippy', 'a toy', 8, 8),
    ('tractor', 'Hugo', 'a vehicle', 8, 8), (1540, 'Vinnie', 'from the garden', 8, 8), ('locomotive', 'Rollo', 'bought in 2019', 6, 10),
    (67, 'Dotty', 'an insect', 8, 8), (43, 'Bizzy', 'an insect', 8, 8)]
OTHERS = {'tiger': 150, 'blossom': 1901, 'house': 262, 'pineapple': 1926, 'maracas': 2294, 'car': 2107, 'butterfly': 49, 'chick': 1840, 'ferry': 2139, 'cookie': 2016, 'tea': 2030, 'kite': 2211, 'disc': 2310, 'spider': 77}
S = (8, 8)
QUERIES = [  # shape (rows, columns), visible names, other objects, names suggested as absent references
    (S, 'Milo', '', 'Bruna Teddo'), (S, 'Ruby', '', 'Otto Felix'), ((6, 9), 'Hugo', '', 'Vinnie Rollo'), (S, 'Luna', 'ferry', 'Marlo Polly'), ((9, 6), 'Pico', '', 'Wanda Zippy'), (S, 'Dotty', 'blossom', 'Bizzy Honey'), ((6, 10), 'Marlo', '', 'Luna Milo'),
    (S, 'Teddo Honey', '', 'Zippy Tully'), (S, 'Polly Momo', '', 'Otto Felix'), ((6, 10), 'Hugo Vinnie', '', 'Rollo Bruna'), (S, 'Bruna Wanda', '', 'Milo Pico'), ((10, 6), 'Otto Felix', '', 'Ruby Momo'), (S, 'Bizzy Luna', 'butterfly', 'Dotty Marlo'), ((7, 9), 'Tully Zippy', '', 'Honey Teddo'),
    (S, 'Milo Rollo Ruby', '', 'Bruna Otto'), ((6, 9), 'Wanda Dotty Polly', '', 'Pico Momo'),
    (S, 'Bruna Hugo Honey Felix', '', 'Vinnie Tully'), (S, 'Pico Luna Teddo Otto', '', 'Wanda Marlo'), ((6, 10), 'Milo Vinnie Momo Bizzy', '', 'Hugo Dotty'), (S, 'Ruby Rollo Wanda Zippy', '', 'Otto Teddo'),
    (S, '', 'tiger', 'Milo Bruna'), ((9, 7), '', 'car', 'Hugo Rollo'), (S, '', 'chick ferry', 'Pico Luna'), ((6, 9), '', '', 'Dotty Ruby')]
LIC = {'openclipart': 'public domain', 'noto-emoji': 'OFL-1.1 (Noto emoji)'}


def main(out):
    pack = gen.Pack(gen.HERE + '/assets.pack', n_bg=300, seed=3); rnd, nrng = random.Random(12), np.random.default_rng(12)
    byname = {pack.sp[i]['name']: i for i in pack.held}
    for d in ('concepts', 'queries'): os.makedirs(f'{out}/{d}', exist_ok=True)
    concepts, sid, lines = [], {}, []
    def line(f, i): m = pack.sp[i]; return f"| {f} | {m['name']} | {m['src']} | {LIC[m['src']]} |"
    for k, (key, name, info, gh, gw) in enumerate(LIBRARY):
        i = byname[key] if isinstance(key, str) else key; m = pack.sp[i]; assert m['held'], m
        sid[name] = i; f = f'concepts/{name.lower()}.png'
        cv2.imwrite(f'{out}/{f}', gen.render_ref(pack, 'held', i, 0, rnd, nrng, gw * 28, gh * 28)[..., ::-1])
        concepts.append(dict(id=k, file=f, size=[gw * 28, gh * 28], name=name, info=info, category=m['cat'], color=pack.color(i, 0), source=m['src'], source_name=m['name'], licence=LIC[m['src']])); lines.append(line(f, i))
    num = {c['name']: c['id'] for c in concepts}; queries = []
    for q, (shape, vis, other, absent) in enumerate(QUERIES):
        vis, other, absent = vis.split(), other.split(), absent.split(); ob = [(v, sid[v]) for v in vis] + [(None, OTHERS[o]) for o in other]; rnd.shuffle(ob)
        for o in other: assert pack.sp[OTHERS[o]]['held']
        for _ in range(20):      # all objects well inside the picture
            img, boxes, cover, bg = gen.render_query(pack, 'held', [(i, 0) for _, i in ob], rnd, nrng, occlude=False, shape=shape)
            if all(b and min(b[2] - b[0], b[3] - b[1]) >= 30 for b in boxes): break
        f = f'queries/query_{q:02d}.png'; cv2.imwrite(f'{out}/{f}', img[..., ::-1]); cat = lambda n: concepts[num[n]]['category']
        shown = {pack.sp[i]['cat'] for _, i in ob}
        queries.append(dict(file=f, size=[shape[1] * 28, shape[0] * 28], background=bg, objects=[dict(concept=num[n], name=n, box=b) for (n, _), b in zip(ob, boxes) if n],
                            others=[dict(category=pack.sp[i]['cat'], box=b) for (n, i), b in zip(ob, boxes) if not n], suggested_absent=[num[a] for a in absent], lookalikes_absent=[num[a] for a in absent if cat(a) in shown]))
        lines += [line(f, i) for _, i in ob]
    json.dump(dict(image_size=[224, 224], note='boxes in pixels of the query picture: x1, y1, x2, y2; image_size is the square default, each picture has its own size', concepts=concepts, queries=queries), open(f'{out}/truth.json', 'w'), indent=1)
    open(f'{out}/LICENSES.md', 'w').write('''# Licences of the sample pictures

Every picture was composed by `recipe/samples.py` from one or more cut-out drawings on a procedural background (drawn by our own code, Apache-2.0).
None of these objects was used in training the `mini` model.

* openclipart: Open Clip Art Library 0.18 (Debian package `openclipart-png`), dedicated to the public domain by its contributors.
* noto-emoji: Noto Color Emoji 2.042 (Debian package `fonts-noto-color-emoji`), SIL Open Font License 1.1, copyright Google Inc. The drawings were
  rendered from the font. See https://openfontlicense.org and the copy of the licence in the package.

| file | drawing | source | licence |
| --- | --- | --- | --- |
''' + '\n'.join(lines) + '\n')
    return concepts, queries


if __name__ == '__main__': main(sys.argv[1])
