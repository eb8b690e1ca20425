#!/usr/bin/env python3
"""Train the mini model.  Two stages, each counted in scenes, each resumable:

  train.py --stage vision --samples 42000 --out run         # supervised instance matching on sprites -> run/vision.pt
  train.py --stage lm     --samples 60000 --out run         # the whole model, starts from run/vision.pt -> run/lm.pt
  train.py --export mini --out run                          # Hugging Face folder (bf16)

OUT/STAGE.total, a file with one number, changes the length of a running stage; the schedule follows.
Runs on CPU or CUDA (bf16 compute, fp32 master weights). Needs gen.py, common.py, assets.pack and (made when absent) tokenizer.json.
"""
import argparse, json, math, os, random, sys, time
import numpy as np, torch, torch.nn.functional as F
import multiprocessing as mp
import gen, common as C
from tokenizers import Tokenizer

ap = argparse.ArgumentParser()
ap.add_argument('--stage', default='lm'); ap.add_argument('--samples', type=int, default=40000, help='length of the stage in scenes; the number in OUT/STAGE.total, when that file exists, overrides it at any time'); ap.add_argument('--out', default='run'); ap.add_argument('--size', default='s')
ap.add_argument('--batch', type=int, default=32); ap.add_argument('--lr', type=float, default=2e-3); ap.add_argument('--alr', type=float, default=1e-3); ap.add_argument('--wd', type=float, default=.03)
ap.add_argument('--workers', type=int, default=-1); ap.add_argument('--turns', type=int, default=3); ap.add_argument('--threads', type=int, default=2); ap.add_argument('--freeze', type=float, default=1., help='lm stage: part of the time with the vision tower frozen')
ap.add_argument('--pack', default='assets.pack'); ap.add_argument('--init', default=''); ap.add_argument('--resume', action='store_true'); ap.add_argument('--export', default=''); ap.add_argument('--weights', default='', help='also write the bf16 weights (names of the published Qwen2.5-VL files) to FILE.safetensors pieces of <= 15 MiB; needs no transformers'); ap.add_argument('--vlr', type=float, default=.3); ap.add_argument('--max-steps', type=int, default=10**9)
ap.add_argument('--oblong', type=int, default=1, help='batches of non-square pictures per three square ones'); ap.add_argument('--curr', default='0.12,0.3', help='curriculum: part of the time with 1-2 refs / up to 3 refs'); ap.add_argument('--simhead', type=int, default=0, help='lm stage: start layer 1, head 0 as the similarity learnt in the vision stage'); ap.add_argument('--flat', type=float, default=.15, help='part of the stage at full learning rate, then cosine'); ap.add_argument('--compile', action='store_true'); ap.add_argument('--nbg', type=int, default=300); ap.add_argument('--virtual', type=int, default=0, help='invented training identities added to the pack'); ap.add_argument('--evn', type=int, default=64); ap.add_argument('--evevery', type=int, default=300)
a = ap.parse_args()
dev = 'cuda' if torch.cuda.is_available() else 'cpu'
dt = torch.bfloat16
torch.set_num_threads(a.threads)
os.makedirs(a.out, exist_ok=True)
pack = gen.Pack(a.pack, n_bg=a.nbg, n_virtual=a.virtual); NBASE = sum(m['src'] != 'virtual' for m in pack.sp)
if not os.path.exists('tokenizer.json'): C.train_tokenizer(pack, 'tokenizer.json')
gen.NAME_STYLE = 'wide'; gen.load_pieces('tokenizer.json')
tok = Tokenizer.from_file('tokenizer.json'); coder = C.Coder(tok)
cfg = C.make_config(tok, a.size)
CI = {c: i for i, c in enumerate(pack.cats)}; FI = {c: i for i, c in enumerate(pack.words)}
cfg['ncat'], cfg['nfine'], cfg['nsid'] = len(CI) + 1, len(FI), NBASE; WNULL = .2
SCAT = torch.tensor([CI[m['cat']] for m in pack.sp]); SFINE = torch.tensor([FI[m['fine']] for m in pack.sp])
progress = mp.Value('d', 0.)


# ---------------------------------------------------------------- data
NEAR = .3
def shapes(rnd, square):
    if square: return dict(shape=(8, 8), rshape=(4, 4) if rnd.random() < .9 else rnd.choice(gen.RSHAPES))
    return dict(shape=rnd.choice(gen.QSHAPES), rshape=rnd.choice(gen.RSHAPES))


def sample(rnd, nrng, split='train', stage=a.stage, pr=1.0, sh={}):
    if stage == 'vision':
        nv = rnd.choices((1, 2, 3, 4), (.25, .3, .25, .2))[0]
        return gen.scene(pack, rnd, nrng, split, near=NEAR if split == 'train' else 0, **sh, n_vis=nv, n_abs=rnd.choices((0, 1, 2), (.4, .4, .2))[0], n_extra=rnd.choices((0, 1), (.7, .3))[0] if nv < 4 else 0, max_refs=5, hard=.5)
    c1, c2 = [float(x) for x in a.curr.split(',')]
    if split != 'train': return gen.scene(pack, rnd, nrng, split, hard=.5, hue=False, **sh)
    if pr < c1: return gen.scene(pack, rnd, nrng, split, **sh, n_vis=rnd.choices((0, 1, 2), (.1, .6, .3))[0], n_abs=rnd.choices((0, 1), (.5, .5))[0], n_extra=rnd.choices((0, 1), (.8, .2))[0], max_refs=2, hard=.2)
    if pr < c2: return gen.scene(pack, rnd, nrng, split, max_refs=3, hard=.4, near=.15, **sh)
    return gen.scene(pack, rnd, nrng, split, hard=.6, near=NEAR, **sh)


def extras(b, items):
    """Per query cell: object class targets and box; per object list for the proxies."""
    B = len(items); gh, gw = items[0]['sc']['shape']; nq = gh * gw
    sid = np.full((B, nq), -100, np.int64); box = np.zeros((B, nq, 4), np.float32); gref = np.full((B, nq), -100, np.int64)
    obj, on = np.full((B, nq), -1, np.int64), 0
    start = np.cumsum([0] + [len(i['sc']['refs']) for i in items])
    co = b['co'].numpy(); ctr = (np.stack(np.meshgrid(np.arange(gh), np.arange(gw), indexing='ij'), -1).reshape(nq, 2) + .5) / 8
    for n, it in enumerate(items):
        gref[n, co[n] == -1] = -1                        # background
        for j, o in enumerate(it['sc']['objs']):
            s = co[n] == j
            if not o['box'] or not s.any(): continue
            sid[n, s] = o['sid']; obj[n, s] = on; on += 1
            bx = np.array(o['box']) / 224
            box[n, s] = np.stack([bx[0] - ctr[s, 1], bx[1] - ctr[s, 0], bx[2] - ctr[s, 1], bx[3] - ctr[s, 0]], -1)
            gref[n, s] = start[n] + o['ref'] if o['ref'] is not None else -1
    b.update(sid=torch.from_numpy(sid), box=torch.from_numpy(box), gref=torch.from_numpy(gref), obj=torch.from_numpy(obj), nobj=torch.tensor(on))
    return b


def items(rnd, nrng, n, split='train', pr=1.0, square=True):
    out = []; sh = shapes(rnd, square)
    for _ in range(n):
        sc = sample(rnd, nrng, split, pr=pr, sh=sh)
        ts = [] if a.stage == 'vision' else gen.turns(sc, rnd, a.turns, MIX_EARLY if pr < .15 else gen.MIX if pr < .5 else MIX_LATE)
        out.append(C.encode(coder, sc, ts, rnd) if a.stage == 'lm' else dict(ids=[0], pos=np.zeros((3, 1), np.int64), br=[0], tgt=[-100], wt=[0.], kind=[-1], spans=[(0, 0, 0)], sc=sc))
    return out
MIX_EARLY = {'caption': .25, 'oct': .22, 'list': .26, 'vlt': .16, 'vqa': .08, 'plain': .03}
MIX_LATE = {'caption': .34, 'oct': .19, 'vlt': .27, 'list': .07, 'vqa': .10, 'plain': .03}


def batch_of(its):
    if a.stage == 'vision':
        b = dict(refs=torch.from_numpy(np.stack([r for i in its for r in i['sc']['refs']])), query=torch.from_numpy(np.stack([i['sc']['query'] for i in its])),
                 rsid=torch.tensor([x[0] for i in its for x in i['sc']['ref_inst']]), rsample=torch.tensor([n for n, i in enumerate(its) for _ in i['sc']['refs']]))
        cc = [C.cells(i['sc']) for i in its]; b['ct'] = torch.from_numpy(np.stack([c[0] for c in cc])); b['co'] = torch.from_numpy(np.stack([c[1] for c in cc]))
        return extras(b, its)
    return extras(C.collate(its, coder.s['<|endoftext|>'], 32 if dev == 'cpu' else 64), its)


class Stream(torch.utils.data.IterableDataset):
    def __init__(self, seed): self.seed = seed
    def __iter__(self):
        wi = torch.utils.data.get_worker_info(); w = wi.id if wi else 0
        torch.set_num_threads(1)
        rnd, nrng = random.Random(self.seed * 1000 + w), np.random.default_rng(self.seed * 1000 + w)
        while True:
            pool = items(rnd, nrng, a.batch * 3, pr=progress.value)      # three square batches of similar length, then others of one shape each
            pool.sort(key=lambda i: len(i['ids']) + rnd.random() * 20)
            bs = [pool[k:k + a.batch] for k in range(0, len(pool), a.batch)]
            for _ in range(a.oblong): bs.append(items(rnd, nrng, a.batch, pr=progress.value, square=False))
            rnd.shuffle(bs)
            for x in bs: yield batch_of(x)


# ---------------------------------------------------------------- losses
def vision_losses(m, r, q, b):
    D = r.shape[-1]
    zr = F.normalize(m.aux_p(r.reshape(-1, D)).float(), dim=-1); zq = F.normalize(m.aux_p(q.reshape(-1, D)).float(), dim=-1)
    g = b['gref'].view(-1); ok = g != -100
    bg = ok & (b['sid'].view(-1) < 0); ok = ok & (~bg | (torch.rand(len(g), device=g.device) < 1024 / bg.sum().clamp(min=1)))      # most cells are background: a sample of them
    zq, g = zq[ok], g[ok]
    NR = len(b['refs'])
    S = (zq @ zr.T).float() * m.aux_tau.exp()
    L = torch.logsumexp(S.view(len(g), NR, -1), -1)
    sid = b['sid'].view(-1)[ok]
    cs = (torch.arange(len(ok), device=ok.device) // b['gref'].shape[1])[ok]
    same = (b['rsid'][None, :] == sid[:, None]) & (b['rsample'][None] != cs[:, None])      # the same sprite in another sample is no negative; a recoloured one in this sample is
    L = L.masked_fill(same & (g[:, None] >= 0), -1e4)
    # objects with a reference: InfoNCE over the references of the batch; cells that show none: push the best in-sample match below a learnt threshold
    pos = g >= 0
    la = F.cross_entropy(L[pos][:, :NR], g[pos])
    ins = L[:, :NR].masked_fill(b['rsample'][None] != cs[:, None], -1e4)
    top = torch.where(pos, ins.gather(1, g.clamp(min=0)[:, None])[:, 0], ins.max(1)[0])
    lt = F.binary_cross_entropy_with_logits(top - m.aux_null * 4 - 8, pos.float())
    la = la + WNULL * lt
    t = torch.where(g < 0, torch.full_like(g, NR), g)
    on = b['sid'].view(-1) >= 0
    f = q.reshape(-1, D)[on]; s = b['sid'].view(-1)[on]
    fb = q.reshape(-1, D)[ok & (b['sid'].view(-1) < 0)]
    lc = F.cross_entropy(m.aux_cat(torch.cat([f, fb])).float(), torch.cat([SCAT[s], torch.full((len(fb),), len(CI), device=f.device)])) + F.cross_entropy(m.aux_fine(f).float(), SFINE[s])
    lb = F.smooth_l1_loss(m.aux_box(f).float(), b['box'].view(-1, 4)[on], beta=.1)
    o = b['obj'].view(-1)[on]; n = int(b['nobj'])
    pool = torch.zeros(n, 128, device=f.device).index_add_(0, o, m.aux_id(f).float()); sids = torch.zeros(n, dtype=torch.long, device=f.device).index_copy_(0, o, s)
    keep = (torch.bincount(o, minlength=n) > 0) & (sids < NBASE)
    li = F.cross_entropy(20 * F.normalize(pool[keep], dim=-1) @ F.normalize(m.aux_proxy, dim=-1).T, sids[keep])
    with torch.no_grad():
        isobj = (g >= 0); acc = (L[:, :NR].argmax(1)[isobj] == t[isobj]).float().mean()
        # whole objects: mean log probability over the cells, argmax over this batch's references
        lp = torch.log_softmax(L[:, :NR], 1); oo = b['obj'].view(-1)[ok]
        P = torch.zeros(n, NR, device=g.device).index_add_(0, oo[isobj], lp[isobj]); T = torch.full((n,), -1, device=g.device, dtype=torch.long).index_copy_(0, oo[isobj], g[isobj])
        h = T >= 0; r1 = (P[h].argmax(1) == T[h]).float().mean()
        iacc = 0.
    return la, lc, lb, li, acc, r1


def embed(m, b):
    r, q = (fvis or m.visual)([b['refs'], b['query']], dt)
    return r, q


def lm_losses(m, b, r, q):
    D = r.shape[-1]
    bank = torch.cat([r.reshape(-1, D), q.reshape(-1, D)])
    x, mid, mid2 = (flm or m.lm)(b, bank, dt, MID)
    x = x.reshape(-1, D)
    sel = (b['tgt'].view(-1) != -100).nonzero()[:, 0]
    lg = F.linear(x[sel], m.language_model.embed_tokens.weight.to(dt)).float()
    t, w, k = b['tgt'].view(-1)[sel], b['wt'].view(-1)[sel], b['kind'].view(-1)[sel]
    ce = F.cross_entropy(lg, t, reduction='none')
    loss = (ce * w).sum() / w.sum()
    ct = b['ct'].view(-1); mm = mid.reshape(-1, D)[b['qcell'].view(-1)]
    al = F.cross_entropy(m.aux_mid(mm).float(), ct, ignore_index=-100, reduction='none', weight=AW)
    nz = ct > 0
    al = al.sum() / AW[ct[ct >= 0]].sum()
    rc = m.aux_rc(mm).float(); nq = b['ct'].shape[1]; gw = int(b['gw']); i = torch.arange(nq, device=ct.device).repeat(len(ct) // nq)
    on = b['sid'].view(-1) >= 0
    ctr = torch.stack([i % gw, i // gw, i % gw, i // gw], -1)[on].float().add(.5).div(8)
    lrc = F.cross_entropy(rc[:, :12], i // gw) + F.cross_entropy(rc[:, 12:], i % gw)
    lab = F.smooth_l1_loss(m.aux_abox(mm[on]).float(), b['box'].view(-1, 4)[on] + ctr, beta=.1)
    al_all = al + .1 * lrc + 3 * lab
    so = (b['ordt'].view(-1) > 0).nonzero()[:, 0]; oa = 0.
    if len(so):      # an answer token that opens a name: which reference will it be
        ol = m.aux_mid(mid2.reshape(-1, D)[so]).float(); ot = b['ordt'].view(-1)[so]; al_all = al_all + .5 * F.cross_entropy(ol, ot); oa = (ol.argmax(-1) == ot).float().mean().item()
    sb = (b['bnd'].view(-1) > 0).nonzero()[:, 0]; bl = m.aux_mid(mid.reshape(-1, D)[sb]).float(); bt = b['bnd'].view(-1)[sb]; al_all = al_all + .4 * F.cross_entropy(bl, bt)      # name tokens: which reference
    # the tokens between the query image and the question: which references are visible (a summary for counting and for staying silent)
    bs, ts = b['smy'].nonzero(as_tuple=True); h = b['hasr'][bs]; vt = b['vis'][bs]; vl = m.aux_vis(mid2[bs, ts]).float(); lvis = F.binary_cross_entropy_with_logits(vl[h], vt[h]); al_all = al_all + .4 * lvis
    # tokens that speak about one visible reference: its box
    bs, ts = (b['vb'] > 0).nonzero(as_tuple=True); k = b['vb'][bs, ts]; h = b['hasb'][bs, k]; lvb = torch.zeros((), device=x.device)
    if h.any(): lvb = F.smooth_l1_loss(m.aux_vbox(mid2[bs[h], ts[h]]).float() + .5, b['rbox'][bs[h], k[h]], beta=.05); al_all = al_all + 5 * lvb
    k = b['kind'].view(-1)[sel]
    with torch.no_grad():
        st = dict(vis=((vl > 0) == (vt > .5))[b['hasr'][b['smy'].nonzero(as_tuple=True)[0]]].float().mean().item(), vbox=lvb.item(), bnd=(bl.argmax(-1) == bt).float().mean().item(), ord=oa, rc=lrc.item(), abox=lab.item(), auxm=al.item())
        pa = m.aux_mid(mm).argmax(-1); st['cell'] = (pa[nz] == ct[nz]).float().mean().item() if nz.any() else 0.
        good = lg.argmax(-1) == t
        for n, i in (('cap', 0), ('oct', 1), ('vlt', 2), ('list', 3), ('vqa', 4)):
            s = k == i
            if n == 'oct':       # the first answer token only
                s = s & (w == 3.0) & (t != coder.s['<|im_end|>']) & ((t == YES) | (t == NO))
            st[n] = (good[s].float().mean().item(), int(s.sum()))
        # first token of each name: previous token opens the bracket
        prev = b['ids'].view(-1)[sel]; s = OPEN[prev] & ((k == 0) | (k == 3))
        st['name1'] = (good[s].float().mean().item(), int(s.sum()))
        st['ce_cap'] = (ce[k == 0].mean().item() if (k == 0).any() else 0., int((k == 0).any()))
    return loss, al_all, st


YES, NO = coder.e('Yes')[0], coder.e('No')[0]
OPEN = torch.tensor([(t is not None and t.endswith('<') and not t.startswith('<|')) for t in (tok.id_to_token(i) for i in range(cfg['V']))])
AW = torch.tensor([.35, 1, 1, 1, 1.])
MID = cfg['P']['L'] // 2 - 1


# ---------------------------------------------------------------- optimiser: Muon for matrices, AdamW for the rest
def ns(G, steps=5):
    x = G.to(torch.bfloat16); tr = x.shape[-2] > x.shape[-1]
    if tr: x = x.transpose(-1, -2)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        A = x @ x.transpose(-1, -2); x = 3.4445 * x + (-4.7750 * A + 2.0315 * A @ A) @ x
    return (x.transpose(-1, -2) if tr else x).float()


class Opt:
    def __init__(self, m):
        self.mu, rest, nodecay = {}, [], []
        for n, p in m.named_parameters():
            if 'patch_embed' in n or p.ndim == 2 and ('blocks' in n or 'layers' in n or 'merger' in n): self.mu.setdefault(((p.shape[0], p[0].numel()), 'visual' in n), []).append((n, p))
            else: (nodecay if p.ndim < 2 else rest).append((n, p))
        self.vis = [p for n, p in m.named_parameters() if n.startswith('visual')]
        g = []
        for v in (0, 1):
            for ps, wd in ((rest, a.wd), (nodecay, 0.)):
                x = [p for n, p in ps if n.startswith('visual') == bool(v)]
                if x: g.append(dict(params=x, weight_decay=wd, vis=v))
        self.ad = torch.optim.AdamW(g, lr=a.alr, betas=(.9, .97), eps=1e-8)
        self.buf = {}
    @torch.no_grad()
    def step(self, k, kv):
        for gr in self.ad.param_groups: gr['lr'] = a.alr * (kv if gr['vis'] else k)
        self.ad.step()
        for (shape, v), ps in self.mu.items():
            s = kv if v else k
            ps = [x for x in ps if x[1].grad is not None]
            if not ps or s == 0: continue
            G = torch.stack([p.grad.float().reshape(shape) for _, p in ps])
            key = (shape, v)
            if key not in self.buf: self.buf[key] = torch.zeros_like(G)
            M = self.buf[key].mul_(.95).add_(G, alpha=.05)
            U = G.mul(.05).add(M, alpha=.95)
            parts = 3 if shape[0] == 3 * shape[1] and 'qkv' in ps[0][0] else 1
            U = torch.cat([ns(u) for u in U.chunk(parts, 1)], 1)
            sc = .2 * math.sqrt(max(shape[0] // parts, shape[1])) * a.lr * s
            for (n, p), u in zip(ps, U): p.mul_(1 - a.lr * s * a.wd).add_(u.view_as(p), alpha=-sc)
    def zero(self):
        for gr in self.ad.param_groups:
            for p in gr['params']: p.grad = None
        for ps in self.mu.values():
            for _, p in ps: p.grad = None
    def state(self): return dict(ad=self.ad.state_dict(), buf=self.buf)
    def load(self, s): self.ad.load_state_dict(s['ad']); self.buf = s['buf']


def to(b): return {k: v.to(dev, non_blocking=True) for k, v in b.items()} if dev != 'cpu' else b


def evaluate(m, batches):
    acc = {}
    def add(k, v, n=1): x = acc.setdefault(k, [0., 0]); x[0] += v * n; x[1] += n
    with torch.no_grad():
        for b in batches:
            b = to(b); r, q = embed(m, b)
            la, lc, lb, li, ac, r1 = vision_losses(m, r, q, b)
            add('v_match', la.item()); add('v_cell', ac.item()); add('v_r1', r1.item()); add('v_cat', lc.item()); add('v_box', lb.item())
            if a.stage == 'lm':
                l, al, st = lm_losses(m, b, r, q)
                add('loss', l.item()); add('aux', al.item())
                for k, v in st.items():
                    v, n = v if isinstance(v, tuple) else (v, 1)
                    if n: add(k, v, n)
    return {k: round(v[0] / max(v[1], 1), 4) for k, v in acc.items()}


def export(m, path):
    from transformers import AutoTokenizer, PreTrainedTokenizerFast
    os.makedirs(path, exist_ok=True)
    hf = C.hf_model(cfg); st = {k: v.float() for k, v in m.hf_state().items()}; st['lm_head.weight'] = st['model.language_model.embed_tokens.weight']
    hf.load_state_dict(st); hf.tie_weights(); hf = hf.to(torch.bfloat16)
    s = cfg['ids']
    hf.generation_config.update(bos_token_id=s['<|endoftext|>'], eos_token_id=[s['<|im_end|>'], s['<|endoftext|>']], pad_token_id=s['<|endoftext|>'], do_sample=False, max_new_tokens=160)
    hf.save_pretrained(path)
    import shutil; shutil.copy('tokenizer.json', path + '/tokenizer.json')
    json.dump(dict(add_bos_token=False, add_prefix_space=False, added_tokens_decoder={str(v): dict(content=k, lstrip=False, normalized=False, rstrip=False, single_word=False, special=True) for k, v in s.items()}, additional_special_tokens=C.SPECIAL[1:], bos_token=None, chat_template=C.CHAT,
                   clean_up_tokenization_spaces=False, eos_token='<|im_end|>', errors='replace', model_max_length=2048, pad_token='<|endoftext|>', split_special_tokens=False, tokenizer_class='Qwen2Tokenizer', unk_token=None), open(path + '/tokenizer_config.json', 'w'), indent=1, ensure_ascii=False)
    json.dump(dict(min_pixels=12544, max_pixels=50176, patch_size=14, temporal_patch_size=2, merge_size=2, image_mean=C.MEAN, image_std=C.STD, image_processor_type='Qwen2VLImageProcessor', processor_class='Qwen2_5_VLProcessor', do_resize=True, do_rescale=True, do_normalize=True, do_convert_rgb=True, rescale_factor=1 / 255, resample=3,
                   size={'shortest_edge': 12544, 'longest_edge': 50176}), open(path + '/preprocessor_config.json', 'w'), indent=1)
    json.dump({'chat_template': C.CHAT}, open(path + '/chat_template.json', 'w'), indent=1)
    print('exported', path, sum(os.path.getsize(os.path.join(path, f)) for f in os.listdir(path)) // 1024, 'KiB')


def sim_head(m, r, q):
    """Initialise one attention head (layer 1) so that tokens attend to tokens that show the same instance: its W_q = W_k = the leading
    directions of the matching projection of the vision stage, put on the rotary dimensions that hardly turn."""
    L = m.language_model.layers[1].self_attn; hd = L.hd
    P = m.aux_p.weight.float(); D = P.shape[1]
    x = torch.cat([r.reshape(-1, D), q.reshape(-1, D)]).float(); x = x / x.pow(2).mean(-1, keepdim=True).sqrt()
    w, V = torch.linalg.eigh((P.T @ P).cpu()); w, V = w.to(P.device), V.to(P.device)
    i = torch.arange(18, 32) * hd // 64; dims = torch.cat([i, i + hd // 2]).to(P.device)
    k = len(dims); Rw = (V[:, -k:] * w[-k:].clamp(min=0).sqrt()).T
    n2 = (x @ P.T).pow(2).sum(-1).mean(); tau = float(m.aux_tau.exp().clamp(max=12))
    Rw = Rw * (math.sqrt(hd) * tau / n2).sqrt()
    for W in (L.q_proj.weight, L.k_proj.weight): W[:hd] *= .3; W[dims] = Rw
    print('sim head: kept', float(w[-k:].sum() / w.sum()), 'tau', tau, flush=True)


def write_weights(m, path):
    from safetensors.torch import save_file
    st = {}
    for k, v in m.hf_state().items():
        k = k.replace('model.visual.', 'visual.').replace('model.language_model.', 'model.'); st[k] = v.to(torch.bfloat16).contiguous().cpu()
    part, size, n = {}, 0, 0
    for k, v in list(st.items()) + [(None, None)]:
        if k is None or size + v.numel() * 2 > 15 * 2 ** 20:
            save_file(part, f'{path}.{n}.safetensors'); part, size, n = {}, 0, n + 1
        if k: part[k] = v; size += v.numel() * 2


def main():
    global SCAT, SFINE, OPEN, AW, fvis, flm
    fvis = flm = None
    torch.manual_seed(1)
    m = C.Mini(cfg)
    SCAT, SFINE, OPEN, AW = (x.to(dev) for x in (SCAT, SFINE, OPEN, AW))
    ck = f'{a.out}/{a.stage}.pt'
    if a.weights and not a.export and a.max_steps == 0:
        m.load_state_dict(torch.load(f'{a.out}/lm.pt', map_location='cpu')['model']); return write_weights(m, a.weights)
    if a.export:
        m.load_state_dict(torch.load(f'{a.out}/lm.pt', map_location='cpu')['model']); return export(m, a.export)
    init = a.init or (f'{a.out}/vision.pt' if a.stage == 'lm' and os.path.exists(f'{a.out}/vision.pt') else '')
    if init and not (a.resume and os.path.exists(ck)):
        sd = torch.load(init, map_location='cpu')['model']; sd = {k: v for k, v in sd.items() if k in m.state_dict() and v.shape == m.state_dict()[k].shape}
        print('init', init, m.load_state_dict(sd, strict=False).missing_keys[:3], flush=True)
    m.to(dev)
    opt = Opt(m); step = 0; seen = 0; cpu = 0.
    if a.resume and os.path.exists(ck):
        s = torch.load(ck, map_location=dev); m.load_state_dict(s['model']); opt.load(s['opt']); step, seen, cpu = s['step'], s['seen'], s['cpu']; print('resumed', step, seen, flush=True)
    if init and a.stage == 'lm' and step == 0:      # bring the image features to the scale of the residual stream
        with torch.no_grad():
            r, q = embed(m, to(batch_of(items(random.Random(3), np.random.default_rng(3), 32)))); c = .4 / q.float().pow(2).mean().sqrt(); print('feature rms', .4 / c.item(), flush=True)
            m.visual.merger.mlp[2].weight.mul_(c); m.visual.merger.mlp[2].bias.mul_(c)
            for h in (m.aux_cat, m.aux_fine, m.aux_box, m.aux_id, m.aux_p): h.weight.div_(c)
            if a.simhead: sim_head(m, r, q)
    if a.compile: fvis = torch.compile(m.visual, dynamic=True); flm = torch.compile(m.lm, dynamic=True)
    nw = a.workers if a.workers >= 0 else (1 if dev == 'cpu' else max(1, (os.cpu_count() or 2) - 1))
    rnd, nrng = random.Random(99), np.random.default_rng(99)
    ev = items(rnd, nrng, a.evn, 'held'); ev.sort(key=lambda i: len(i['ids'])); ev = [batch_of(ev[k:k + 32]) for k in range(0, len(ev), 32)] + [batch_of(items(rnd, nrng, 32, 'held', square=False))]
    def total():
        try: return int(open(f'{a.out}/{a.stage}.total').read())
        except Exception: return a.samples
    TOT = total(); progress.value = seen / TOT
    dl = iter(torch.utils.data.DataLoader(Stream(int(time.time()) % 10000 + step), batch_size=None, num_workers=nw, prefetch_factor=4 if nw else None, pin_memory=dev == 'cuda'))
    print(json.dumps(dict(dev=dev, params=round(sum(p.numel() for n, p in m.named_parameters() if not n.startswith('aux')) / 1e6, 2), vision=round(sum(p.numel() for p in m.visual.parameters()) / 1e6, 2), args=vars(a))), flush=True)
    t0 = time.time(); tl = t0; te = t0; run = {}; seen0 = seen; lseen = seen; wait = 0.; cpu0 = time.process_time(); lcpu = cpu0
    def save(final=False):
        torch.save(dict(model=m.state_dict(), opt=opt.state(), step=step, seen=seen, cpu=cpu + time.process_time() - cpu0, size=a.size), ck + '.tmp'); os.replace(ck + '.tmp', ck)
    tsave = time.time()
    while True:
        if step % 10 == 0: TOT = total()
        pr = seen / TOT
        if pr >= 1 or step >= a.max_steps: break
        progress.value = pr
        tw = time.time(); b = to(next(dl)); wait += time.time() - tw
        lr = min(1., (step + 1) / 80) * (1. if pr < a.flat else .03 + .97 * .5 * (1 + math.cos(math.pi * (pr - a.flat) / (1 - a.flat))))
        frozen = a.stage == 'lm' and pr < a.freeze
        if frozen:
            with torch.no_grad(): r, q = embed(m, b)
        else: r, q = embed(m, b)
        st = {}
        if a.stage == 'vision':
            la, lc, lb, li, ac, r1 = vision_losses(m, r, q, b)
            loss = la + .3 * lc + 2 * lb + .3 * li; st = dict(match=la.item(), cat=lc.item(), box=lb.item(), id=li.item(), cell=ac.item(), r1=r1.item())
        else:
            l, al, s = lm_losses(m, b, r, q); loss = l + .5 * al
            if not frozen:
                la, lc, lb, li, ac, r1 = vision_losses(m, r, q, b); loss = loss + .3 * (la + .3 * lc + 2 * lb + .15 * li); st['match'] = la.item()
            st.update(loss=l.item(), aux=al.item(), **{k: (v[0] if isinstance(v, tuple) else v) for k, v in s.items() if not (isinstance(v, tuple) and v[1] == 0)})
        loss.backward()
        gn = torch.nn.utils.clip_grad_norm_([p for p in m.parameters() if p.grad is not None], 5.0)
        opt.step(lr, 0. if frozen else lr * (a.vlr if a.stage == 'lm' else 1.)); opt.zero()
        step += 1; seen += len(b['query'])
        for k, v in st.items(): run[k] = v if k not in run else .95 * run[k] + .05 * v
        if time.time() - tl > 30:
            now = time.time(); print(f"{time.strftime('%H:%M:%S')} step {step} seen {seen}/{TOT} {(seen - lseen) / (now - tl):.1f} smp/s cpu {(time.process_time() - lcpu) / (now - tl):.2f} wait {wait / (now - t0):.2f} lr {lr:.3f} gn {float(gn):.2f} | " + ' '.join(f'{k} {v:.3f}' for k, v in run.items()), flush=True); tl = now; lseen = seen; lcpu = time.process_time()
        if time.time() - te > a.evevery:
            print(f'   EVAL held-out @ {step} {seen}:', json.dumps(evaluate(m, ev)), flush=True); te = time.time()
        if time.time() - tsave > 240: save(); tsave = time.time()
    save()
    if a.weights: write_weights(m, a.weights)
    print(f'   EVAL held-out final @ {step} {seen}:', json.dumps(evaluate(m, ev)), flush=True)


if __name__ == '__main__':
    main()
