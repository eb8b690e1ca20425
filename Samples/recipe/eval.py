#!/usr/bin/env python3
"""Held-out evaluation through the plain Hugging Face classes:  eval.py CHECKPOINT [--n 40] [--split held] [--out eval.json] [--show DIR]

Greedy, bf16, natural colours, half of the absent references share the category of a visible one.  The same seed gives the same scenes for every checkpoint."""
import argparse, json, os, random, re, sys, time
import numpy as np, torch, cv2
import gen, common as C
from transformers import Qwen2_5_VLForConditionalGeneration, AutoTokenizer
ap = argparse.ArgumentParser(); ap.add_argument('ckpt'); ap.add_argument('--n', type=int, default=40); ap.add_argument('--split', default='held'); ap.add_argument('--out', default=''); ap.add_argument('--show', default=''); ap.add_argument('--threads', type=int, default=2)
ap.add_argument('--pack', default='assets.pack'); ap.add_argument('--bs', type=int, default=16); ap.add_argument('--f32', action='store_true'); ap.add_argument('--noinfo', action='store_true', help='no hints in the info texts: every match must come from the pixels'); ap.add_argument('--seed', type=int, default=777); ap.add_argument('--kinds', default='caption,oct,vlt,list,vqa'); ap.add_argument('--names', default='classic', help='classic (invented syllables, other scripts, digits), wide (as in training), plain (ordinary names never used in training)'); ap.add_argument('--rows', default='1.0,1.1,1.2,2.0,2.1,2.2,4.0,0.2,o1.1,o2.1,o2.2,o4.0,o0.2', help='visible.absent; o: pictures that are not square'); ap.add_argument('--question', default='Describe this image in detail.', help="caption question; 'mix' draws from all"); ap.add_argument('--system', default='default', help='default (the chat template), none, or a text')
a = ap.parse_args(); torch.set_num_threads(a.threads)
dev = 'cuda' if torch.cuda.is_available() else 'cpu'
pack = gen.Pack(a.pack, n_bg=300); gen.NAME_STYLE = a.names
if a.names == 'wide': gen.load_pieces(a.ckpt + '/tokenizer.json')
tok = AutoTokenizer.from_pretrained(a.ckpt); m = Qwen2_5_VLForConditionalGeneration.from_pretrained(a.ckpt, dtype=torch.float32 if a.f32 else torch.bfloat16).to(dev).eval()
dt = next(m.parameters()).dtype


def patches(img):
    x = torch.from_numpy(np.ascontiguousarray(img)).float(); H, W, _ = x.shape
    x = ((x / 255 - torch.tensor(C.MEAN)) / torch.tensor(C.STD)).permute(2, 0, 1)
    return x[:, None].repeat(1, 2, 1, 1).view(3, 2, H // 28, 2, 14, W // 28, 2, 14).permute(2, 5, 3, 6, 0, 1, 4, 7).reshape(-1, 1176), (1, H // 14, W // 14)


def prompt(sc, q):
    if a.noinfo: sc['infos'] = ['none'] * len(sc['names'])
    c = []
    for k, (n, i) in enumerate(zip(sc['names'], sc['infos'])): c += [{'type': 'image'}, {'type': 'text', 'text': f'{k + 1}. Name: <{n}>, Info: {i}\n'}]
    c += [{'type': 'image'}, {'type': 'text', 'text': f'This is the query image. {q}'}]
    t = tok.apply_chat_template(([{'role': 'system', 'content': a.system}] if a.system not in ('default', 'none') else []) + [{'role': 'user', 'content': c}], tokenize=False, add_generation_prompt=True)
    if a.system == 'none': t = t.split('<|im_end|>\n', 1)[1]
    parts = t.split('<|image_pad|>'); cells = lambda im: im.shape[0] * im.shape[1] // 784; ns = [cells(im) for im in sc['refs'] + [sc['query']]]
    return parts[0] + ''.join('<|image_pad|>' * n + p for n, p in zip(ns, parts[1:]))


def run(jobs, maxnew=150):
    """jobs: (scene, question) -> answers (greedy, HF generate, left padded)."""
    out = [None] * len(jobs)
    enc = [tok(prompt(*j), add_special_tokens=False)['input_ids'] for j in jobs]
    order = sorted(range(len(jobs)), key=lambda i: len(enc[i])); pad = tok.convert_tokens_to_ids('<|endoftext|>'); ip = tok.convert_tokens_to_ids('<|image_pad|>')
    for s in range(0, len(order), a.bs):
        ix = order[s:s + a.bs]; n = max(len(enc[i]) for i in ix)
        ids = torch.tensor([[pad] * (n - len(enc[i])) + enc[i] for i in ix]); att = torch.tensor([[0] * (n - len(enc[i])) + [1] * len(enc[i]) for i in ix])
        pv, g = zip(*[patches(im) for i in ix for im in jobs[i][0]['refs'] + [jobs[i][0]['query']]])
        with torch.no_grad():
            y = m.generate(input_ids=ids.to(dev), attention_mask=att.to(dev), pixel_values=torch.cat(pv).to(dev, dt), image_grid_thw=torch.tensor(g).to(dev), mm_token_type_ids=(ids == ip).int().to(dev), max_new_tokens=maxnew, do_sample=False)
        for i, r in zip(ix, y): out[i] = tok.decode(r[n:], skip_special_tokens=True).strip()
    return out


def names_in(t): return set(re.findall(r'<([^<>]+)>', t))
def iou(p, q):
    w, h = min(p[2], q[2]) - max(p[0], q[0]), min(p[3], q[3]) - max(p[1], q[1])
    i = max(w, 0) * max(h, 0); return i / ((p[2] - p[0]) * (p[3] - p[1]) + (q[2] - q[0]) * (q[3] - q[1]) - i + 1e-9)


def main():
    rnd, nrng = random.Random(a.seed), np.random.default_rng(a.seed); res = {}; ex = []; kinds = a.kinds.split(',')
    def prf(c): tp, fp, fn = c; p, r = tp / max(tp + fp, 1), tp / max(tp + fn, 1); return dict(P=round(p, 3), R=round(r, 3), F1=round(2 * p * r / max(p + r, 1e-9), 3))
    t0 = time.time()
    for row in a.rows.split(','):
        ob = row[0] == 'o'; nv, na = (int(x) for x in row.lstrip('o').split('.')); ms = a.seed * 100 + nv * 10 + na + 50 * ob; rnd, nrng = random.Random(ms), np.random.default_rng(ms)
        sh = lambda: dict(shape=rnd.choice(gen.QSHAPES), rshape=rnd.choice(gen.RSHAPES)) if ob else {}
        tag = f"{nv} visible {na} absent{' oblong' if ob else ''}"
        scs = [gen.scene(pack, rnd, nrng, a.split, n_vis=nv, n_abs=na, n_extra=rnd.choice((0, 0, 1)) if 0 < nv < 4 else 0 if nv else 1, hue=False, hard=.5, **sh()) for _ in range(a.n)]
        if 'caption' in kinds:
            ans = run([(s, rnd.choice(gen.QCAP) if a.question == 'mix' else a.question) for s in scs], 160); tp = fp = fn = ok = 0; L = []; inv = 0
            for s, t in zip(scs, ans):
                true = {n for n, v in zip(s['names'], s['vis']) if v}; got = names_in(t); L.append(len(t)); tp += len(true & got); fp += len(got - true); fn += len(true - got); ok += got == true; inv += len(got - set(s['names']))
            res[f'caption {tag}'] = dict(prf((tp, fp, fn)), exact=round(ok / len(scs), 3), mean_len=round(float(np.mean(L)), 1), ge100=round(float(np.mean([l >= 100 for l in L])), 3), invented=inv)
            ex += [(s, q) for s, q in zip(scs[:2], ans[:2])]
        if 'list' in kinds:
            ans = run([(s, gen.QLIST[0]) for s in scs], 48); tp = fp = fn = 0
            for s, t in zip(scs, ans):
                true = {n for n, v in zip(s['names'], s['vis']) if v}; got = names_in(t); tp += len(true & got); fp += len(got - true); fn += len(true - got)
            res[f'list {tag}'] = prf((tp, fp, fn))
        print(json.dumps({k: v for k, v in list(res.items())[-2:]}), f'{time.time() - t0:.0f}s', flush=True)
    N = a.n * 3
    rnd, nrng = random.Random(a.seed), np.random.default_rng(a.seed)
    scs = [gen.scene(pack, rnd, nrng, a.split, n_vis=rnd.choice((1, 2, 3)), n_abs=1, hue=False, hard=.5) for _ in range(N)]
    if 'oct' in kinds:
        jobs, y = [], []
        for s in scs:
            k = rnd.choice([k for k, v in enumerate(s['vis']) if bool(v) == (len(jobs) % 2 == 0)] or [0]); jobs.append((s, f"Is <{s['names'][k]}> visible in this image? Answer yes or no.")); y.append(bool(s['vis'][k]))
        ans = run(jobs, 4); g = [t.lower().startswith('yes') for t in ans]
        res['oct'] = dict(acc=round(float(np.mean([p == q for p, q in zip(g, y)])), 3), pos_acc=round(float(np.mean([p for p, q in zip(g, y) if q])), 3), neg_acc=round(float(np.mean([not p for p, q in zip(g, y) if not q])), 3), n=len(y))
    if 'oct' in kinds:      # only look-alikes: the absent reference has the category of something visible; and pictures that are not square
        r2, n2 = random.Random(a.seed + 1), np.random.default_rng(a.seed + 1)
        for key, kw in (('oct look-alikes', lambda: dict(hard=1., n_extra=0)), ('oct oblong', lambda: dict(hard=.5, shape=r2.choice(gen.QSHAPES), rshape=r2.choice(gen.RSHAPES)))):
            s2 = [gen.scene(pack, r2, n2, a.split, n_vis=r2.choice((1, 2)), n_abs=1, hue=False, **kw()) for _ in range(a.n * 2)]; jobs, y = [], []
            for s in s2:
                k = r2.choice([k for k, v in enumerate(s['vis']) if bool(v) == (len(jobs) % 2 == 0)] or [0]); jobs.append((s, f"Is <{s['names'][k]}> visible in this picture?" if len(jobs) % 4 < 2 else f"Is <{s['names'][k]}> visible in this image? Answer yes or no.")); y.append(bool(s['vis'][k]))
            g = [t.lower().startswith('yes') for t in run(jobs, 4)]
            res[key] = dict(acc=round(float(np.mean([p == q for p, q in zip(g, y)])), 3), pos_acc=round(float(np.mean([p for p, q in zip(g, y) if q])), 3), neg_acc=round(float(np.mean([not p for p, q in zip(g, y) if not q])), 3), n=len(y))
    for key, obl in (('vlt', 0), ('vlt oblong', 1)) if 'vlt' in kinds else ():
        if obl: r3, n3 = random.Random(a.seed + 2), np.random.default_rng(a.seed + 2); scs3 = [gen.scene(pack, r3, n3, a.split, n_vis=r3.choice((1, 2, 3)), n_abs=1, hue=False, hard=.5, shape=r3.choice(gen.QSHAPES), rshape=r3.choice(gen.RSHAPES)) for _ in range(a.n)]
        jobs, y = [], []
        for s in (scs3 if obl else scs):
            k = rnd.choice([k for k, v in enumerate(s['vis']) if v]); jobs.append((s, f"Give the bounding box of <{s['names'][k]}> in JSON.")); y.append((s['names'][k], s['objs'][s['vis'][k] - 1]['box']))
        ans = run(jobs, 60); I = []; lab = 0; valid = 0
        for t, (n, bx) in zip(ans, y):
            try: d = json.loads(t); I.append(iou(d['bbox_2d'], bx)); lab += d['label'] == f'<{n}>'; valid += 1
            except Exception: I.append(0.)
        res[key] = dict(iou50=round(float(np.mean([i >= .5 for i in I])), 3), mean_iou=round(float(np.mean(I)), 3), valid_json=round(valid / len(I), 3), label_ok=round(lab / len(I), 3), n=len(I))
    if 'vqa' in kinds:
        by = {}
        jobs, y = [], []
        for s in scs:
            for _ in range(2): q, t = gen.turn_vqa(s, rnd); jobs.append((s, q)); y.append(t)
        ans = run(jobs, 48)
        for (s, q), t, g in zip(jobs, y, ans):
            k = 'choice' if 'Answer with' in q else 'where' if q.startswith('Where') else 'color' if 'color' in q else 'kind' if q.startswith(('What is <', 'What kind')) and 'next' not in q else 'count' if 'ount' in q or 'How many' in q else 'other'
            o = by.setdefault(k, [0, 0]); o[1] += 1
            o[0] += gen_match(k, t, g)
        res['vqa'] = {k: f'{v[0]}/{v[1]}' for k, v in by.items()}
    res['command'] = ' '.join(sys.argv); res['seconds'] = round(time.time() - t0)
    print(json.dumps(res, indent=1))
    if a.out: json.dump(res, open(a.out, 'w'), indent=1)
    if a.show:
        os.makedirs(a.show, exist_ok=True)
        with open(a.show + '/samples.txt', 'w') as f:
            for i, (s, t) in enumerate(ex):
                q = s['query']; row = np.full((312, 312 + 4 * 144, 3), 255, np.uint8); row[:q.shape[0], :q.shape[1]] = q
                for k, r in enumerate(s['refs']): row[:r.shape[0], 312 + 144 * k:312 + 144 * k + r.shape[1]] = r
                for k, (n, v) in enumerate(zip(s['names'], s['vis'])): cv2.putText(row, f'{k + 1} {n.encode("ascii", "replace").decode()} {"visible" if v else "absent"}', (318, 180 + 16 * k), 0, .4, (0, 0, 0), 1)
                cv2.imwrite(f'{a.show}/{i:02d}.png', row[..., ::-1]); f.write(f'{i:02d} refs={list(zip(s["names"], s["infos"]))} visible={[n for n, v in zip(s["names"], s["vis"]) if v]}\n   {t}\n')


def gen_match(k, t, g):
    if k == 'where':   # same place words
        w = lambda x: [p for p in ('top', 'bottom', 'left', 'right', 'center', 'middle', 'not visible') if p in x.split('>')[-1].replace('middle', 'center')]
        return w(t) == w(g)
    return t == g


if __name__ == '__main__': main()
