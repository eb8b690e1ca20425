"""Tokeniser, chat layout, batches and a fast training forward of Qwen2.5-VL (same parameters and maths as the HF classes)."""
import json, math, os, random, re
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
import gen

SPECIAL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|object_ref_start|>', '<|object_ref_end|>', '<|box_start|>', '<|box_end|>', '<|quad_start|>', '<|quad_end|>',
           '<|vision_start|>', '<|vision_end|>', '<|vision_pad|>', '<|image_pad|>', '<|video_pad|>']
QWEN_RE = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CHAT = ("{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
        "<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n{% else %}{% for content in message['content'] %}{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
        "{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}<|vision_start|><|image_pad|><|vision_end|>{% elif content['type'] == 'video' or 'video' in content %}"
        "{% set video_count.value = video_count.value + 1 %}{% if add_vision_id %}Video {{ video_count.value }}: {% endif %}<|vision_start|><|video_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]


def train_tokenizer(pack, path, vocab=2560, n=20000):
    from tokenizers import Tokenizer, models, pre_tokenizers, decoders, normalizers, trainers, Regex, AddedToken
    t = Tokenizer(models.BPE(byte_fallback=False))
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN_RE), 'isolated', invert=False), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    from tokenizers.processors import ByteLevel
    t.post_processor = ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    rnd = random.Random(5)
    tr = trainers.BpeTrainer(vocab_size=vocab, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=[], show_progress=False)
    t.train_from_iterator((gen.text_sample(pack, rnd) for _ in range(n)), tr)
    t.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIAL])
    t.save(path)
    return t


def make_config(tok, size='s'):
    P = {'s': dict(vh=192, vd=6, vn=4, vi=512, full=[2, 5], h=256, L=6, nh=4, kv=2, i=704),
         'm': dict(vh=256, vd=8, vn=4, vi=704, full=[3, 5, 7], h=384, L=8, nh=6, kv=2, i=1024),
         'l': dict(vh=320, vd=8, vn=5, vi=896, full=[3, 5, 7], h=448, L=8, nh=7, kv=1, i=1216)}[size]
    V = (tok.get_vocab_size() + 31) // 32 * 32
    s = {w: tok.token_to_id(w) for w in SPECIAL}
    hd = P['h'] // P['nh']
    sec = [3, 4, hd // 2 - 7]   # w last in Qwen2.5-VL's order: it must start at a high enough frequency to tell columns apart (see REPORT)
    text = dict(model_type='qwen2_5_vl_text', vocab_size=V, hidden_size=P['h'], intermediate_size=P['i'], num_hidden_layers=P['L'], num_attention_heads=P['nh'], num_key_value_heads=P['kv'], hidden_act='silu', max_position_embeddings=2048,
                rms_norm_eps=1e-6, tie_word_embeddings=True, rope_theta=10000.0, rope_scaling={'type': 'mrope', 'mrope_section': sec, 'rope_type': 'default'}, use_sliding_window=False, attention_dropout=0.0, bos_token_id=s['<|endoftext|>'], eos_token_id=s['<|im_end|>'])
    vis = dict(model_type='qwen2_5_vl', depth=P['vd'], hidden_size=P['vh'], hidden_act='silu', intermediate_size=P['vi'], num_heads=P['vn'], in_channels=3, in_chans=3, patch_size=14, spatial_patch_size=14, spatial_merge_size=2, temporal_patch_size=2, tokens_per_second=2,
               window_size=112, fullatt_block_indexes=P['full'], out_hidden_size=P['h'])
    return dict(text=text, vision=vis, ids=s, P=P, V=V)


def hf_model(cfg):
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
    s = cfg['ids']
    t = dict(cfg['text']); v = dict(cfg['vision'])
    for k in ('model_type', 'in_chans', 'spatial_patch_size'): v.pop(k, None)
    t.pop('model_type')
    rs = t.pop('rope_scaling'); th = t.pop('rope_theta')
    t['rope_parameters'] = {'rope_type': 'default', 'rope_theta': th, 'mrope_section': rs['mrope_section']}
    c = Qwen2_5_VLConfig(text_config=t, vision_config=v, image_token_id=s['<|image_pad|>'], video_token_id=s['<|video_pad|>'], vision_start_token_id=s['<|vision_start|>'], vision_end_token_id=s['<|vision_end|>'], vision_token_id=s['<|vision_pad|>'], tie_word_embeddings=True)
    return Qwen2_5_VLForConditionalGeneration(c)


# ------------------------------------------------------------------------------------------------ model (fast path)
class Norm(nn.Module):
    def __init__(s, d):
        super().__init__(); s.weight = nn.Parameter(torch.ones(d))
    def forward(s, x):
        return F.rms_norm(x, (x.shape[-1],), s.weight.to(x.dtype), 1e-6)


class Lin(nn.Module):
    def __init__(s, i, o, bias=True):
        super().__init__(); s.weight = nn.Parameter(torch.randn(o, i) * (0.5 / math.sqrt(i))); s.bias = nn.Parameter(torch.zeros(o)) if bias else None
    def forward(s, x):
        return F.linear(x, s.weight.to(x.dtype), None if s.bias is None else s.bias.to(x.dtype))


class MLP(nn.Module):
    def __init__(s, d, i, bias):
        super().__init__(); s.gate_proj = Lin(d, i, bias); s.up_proj = Lin(d, i, bias); s.down_proj = Lin(i, d, bias)
    def forward(s, x): return s.down_proj(F.silu(s.gate_proj(x)) * s.up_proj(x))


def rot(x, cos, sin):
    h = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., h:], x[..., :h]), -1) * sin


def attend(q, k, v, mask=None):
    """SDPA on a GPU; on the CPU plain bf16 matmuls, which are 2-5 times faster there than torch's CPU flash kernel."""
    if q.is_cuda: return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    a = torch.matmul(q * (q.shape[-1] ** -.5), k.transpose(-1, -2))
    if mask is not None: a = a + mask
    return torch.matmul(torch.softmax(a, -1), v)


class VAttn(nn.Module):
    def __init__(s, d, n):
        super().__init__(); s.n = n; s.qkv = Lin(d, 3 * d); s.proj = Lin(d, d)
    def forward(s, x, groups, full):       # x (tokens, d); groups: (images, tokens each, cos, sin, window sizes)
        d = x.shape[-1]; y = s.qkv(x); out = []
        for z, (B, n, cos, sin, wins) in zip(y.split([g[0] * g[1] for g in groups]), groups):
            q, k, v = z.view(B, n, 3, s.n, d // s.n).permute(2, 0, 3, 1, 4)      # B, heads, n, hd
            q, k = rot(q, cos, sin), rot(k, cos, sin)
            if full or len(wins) == 1: o = attend(q, k, v).transpose(1, 2)
            elif min(wins) == max(wins):
                f = lambda t: t.reshape(B, s.n, len(wins), wins[0], -1).transpose(1, 2).reshape(B * len(wins), s.n, wins[0], -1)
                o = attend(f(q), f(k), f(v)).transpose(1, 2).reshape(B, n, s.n, -1)
            else: o = torch.cat([attend(*t) for t in zip(q.split(wins, 2), k.split(wins, 2), v.split(wins, 2))], 2).transpose(1, 2)
            out.append(o.reshape(B * n, d))
        return s.proj(torch.cat(out))


class VBlock(nn.Module):
    def __init__(s, d, n, i):
        super().__init__(); s.norm1 = Norm(d); s.norm2 = Norm(d); s.attn = VAttn(d, n); s.mlp = MLP(d, i, True)


class Merger(nn.Module):
    def __init__(s, d, o):
        super().__init__(); s.ln_q = Norm(d); s.mlp = nn.ModuleList([Lin(4 * d, 4 * d), nn.GELU(), Lin(4 * d, o)])
    def forward(s, x):
        x = s.ln_q(x); return s.mlp[2](F.gelu(s.mlp[0](x.reshape(*x.shape[:-2], x.shape[-2] // 4, -1))))


class PE(nn.Module):
    def __init__(s, d):
        super().__init__(); s.proj = nn.Module(); s.proj.weight = nn.Parameter(torch.randn(d, 3, 2, 14, 14) * .5 / math.sqrt(1176))


def window_order(gh, gw):
    """Cells of a gh x gw grid in the order of 4 x 4 windows (smaller at the right and lower edge); sizes of the windows in patches."""
    o, n = [], []
    for y in range(0, gh, 4):
        for x in range(0, gw, 4):
            c = [r * gw + q for r in range(y, min(y + 4, gh)) for q in range(x, min(x + 4, gw))]; o += c; n.append(4 * len(c))
    return torch.tensor(o), n


def patchify(img, order):
    """uint8 (B, H, W, 3), sides multiples of 28 -> patches (B, cells * 4, 588) in window order."""
    B, H, W, _ = img.shape; gh, gw = H // 28, W // 28
    x = img.view(B, gh, 2, 14, gw, 2, 14, 3).permute(0, 1, 4, 2, 5, 7, 3, 6).reshape(B, gh * gw, 4, 588)      # B, cell, sub-patch, (c y x)
    return x[:, order].reshape(B, gh * gw * 4, 588)


class Visual(nn.Module):
    def __init__(s, c):
        super().__init__()
        d = c['hidden_size']; s.c = c; s.patch_embed = PE(d)
        s.blocks = nn.ModuleList([VBlock(d, c['num_heads'], c['intermediate_size']) for _ in range(c['depth'])]); s.merger = Merger(d, c['out_hidden_size'])
        hd = d // c['num_heads']
        s.inv = 1.0 / (10000 ** (torch.arange(0, hd // 2, 2).float() / (hd // 2))); s.cache = {}
        s.register_buffer('mean', torch.tensor(MEAN).repeat_interleave(196) * 255, persistent=False); s.register_buffer('std', torch.tensor(STD).repeat_interleave(196) * 255, persistent=False)
    def plan(s, gh, gw, dev, dt):
        k = (gh, gw, dev, dt)
        if k not in s.cache:
            o, wins = window_order(gh, gw)
            y, x = o // gw * 2, o % gw * 2
            g = torch.stack([torch.stack([y, x], -1), torch.stack([y, x + 1], -1), torch.stack([y + 1, x], -1), torch.stack([y + 1, x + 1], -1)], 1).reshape(-1, 2).float()
            f = (g[:, :, None] * s.inv).reshape(len(g), -1); f = torch.cat([f, f], -1)
            s.cache[k] = (o.to(dev), o.argsort().to(dev), wins, f.cos().to(dev, dt), f.sin().to(dev, dt))
        return s.cache[k]
    def forward(s, images, dt):
        """images: list of uint8 batches (B, H, W, 3), one size each, sides multiples of 28 -> list of (B, H/28, W/28, out)."""
        w = s.patch_embed.proj.weight.sum(2).reshape(s.c['hidden_size'], 588).to(dt)
        xs, groups, inv = [], [], []
        for g in images:
            B, H, W, _ = g.shape; o, io, wins, cos, sin = s.plan(H // 28, W // 28, g.device, dt)
            x = patchify(g, o).float(); x = ((x - s.mean) / s.std).to(dt)
            xs.append(F.linear(x, w).reshape(-1, w.shape[0])); groups.append((B, x.shape[1], cos, sin, wins)); inv.append((io, H // 28, W // 28))
        x = torch.cat(xs)
        for i, b in enumerate(s.blocks):
            x = x + b.attn(b.norm1(x), groups, i in s.c['fullatt_block_indexes'])
            x = x + b.mlp(b.norm2(x))
        f = s.merger(x)
        return [t.view(B, gh * gw, -1)[:, io].view(B, gh, gw, -1) for t, (B, *_), (io, gh, gw) in zip(f.split([g[0] * g[1] // 4 for g in groups]), groups, inv)]


class TAttn(nn.Module):
    def __init__(s, c):
        super().__init__()
        d, s.n, s.kv = c['hidden_size'], c['num_attention_heads'], c['num_key_value_heads']; s.hd = d // s.n
        s.q_proj = Lin(d, d); s.k_proj = Lin(d, s.kv * s.hd); s.v_proj = Lin(d, s.kv * s.hd); s.o_proj = Lin(d, d, False)
    def forward(s, x, cos, sin, mask):
        B, T, d = x.shape
        q = s.q_proj(x).view(B, T, s.n, s.hd).transpose(1, 2); k = s.k_proj(x).view(B, T, s.kv, s.hd).transpose(1, 2); v = s.v_proj(x).view(B, T, s.kv, s.hd).transpose(1, 2)
        q, k = rot(q, cos, sin), rot(k, cos, sin)
        r = s.n // s.kv
        k, v = k.repeat_interleave(r, 1), v.repeat_interleave(r, 1)
        return s.o_proj(attend(q, k, v, mask).transpose(1, 2).reshape(B, T, d))


class TLayer(nn.Module):
    def __init__(s, c):
        super().__init__(); d = c['hidden_size']
        s.self_attn = TAttn(c); s.mlp = MLP(d, c['intermediate_size'], False); s.input_layernorm = Norm(d); s.post_attention_layernorm = Norm(d)
    def forward(s, x, cos, sin, mask):
        x = x + s.self_attn(s.input_layernorm(x), cos, sin, mask)
        return x + s.mlp(s.post_attention_layernorm(x))


class Text(nn.Module):
    def __init__(s, c):
        super().__init__(); s.c = c; d = c['hidden_size']
        s.embed_tokens = nn.Embedding(c['vocab_size'], d); nn.init.normal_(s.embed_tokens.weight, std=.02 * 2)
        s.layers = nn.ModuleList([TLayer(c) for _ in range(c['num_hidden_layers'])]); s.norm = Norm(d)
        hd = d // c['num_attention_heads']
        s.register_buffer('inv', 1.0 / (c['rope_theta'] ** (torch.arange(0, hd, 2).float() / hd)), persistent=False)
        ax = []
        for i, n in enumerate(c['rope_scaling']['mrope_section'] * 2): ax += [i % 3] * n
        s.register_buffer('ax', torch.tensor(ax), persistent=False)
    def rope(s, pos, dt):                       # pos (3, B, T)
        f = pos.float()[..., None] * s.inv; f = torch.cat([f, f], -1)
        f = torch.gather(f, 0, s.ax.expand(1, *f.shape[1:3], -1))[0][:, None]
        return f.cos().to(dt), f.sin().to(dt)


class Mini(nn.Module):
    def __init__(s, cfg):
        super().__init__()
        s.cfg = cfg; s.visual = Visual(cfg['vision']); s.language_model = Text(cfg['text'])
        d, o = cfg['text']['hidden_size'], 64
        s.aux_mid = Lin(d, 5)                                        # training only: which reference covers this query cell
        s.aux_p = Lin(d, 96, False); s.aux_null = nn.Parameter(torch.zeros(1)); s.aux_tau = nn.Parameter(torch.tensor(2.7))
        s.aux_cat = Lin(d, cfg.get('ncat', 41)); s.aux_fine = Lin(d, cfg.get('nfine', 80)); s.aux_box = Lin(d, 4); s.aux_rc = Lin(d, 24); s.aux_abox = Lin(d, 4); s.aux_vis = Lin(d, 4); s.aux_vbox = Lin(d, 4); s.aux_id = Lin(d, 128, False); s.aux_proxy = nn.Parameter(torch.randn(cfg.get('nsid', 3100), 128) * .05)
    def hf_state(s):
        return {('model.' + k): v for k, v in s.state_dict().items() if not k.startswith('aux') and 'mean' not in k and '.std' not in k}

    def lm(s, b, bank, dt, mid_layer):
        T = s.language_model
        x = T.embed_tokens(b['ids']).to(dt)
        bank = torch.cat([bank, bank.new_zeros(1, bank.shape[1])])
        x = torch.where(b['img'][..., None], bank[b['gather']], x)
        cos, sin = T.rope(b['pos'], dt)
        n = b['ids'].shape[1]; br = b['br']
        i = torch.arange(n, device=br.device)
        ok = (i[None, :] <= i[:, None])[None] & ((br[:, None, :] == 0) | (br[:, None, :] == br[:, :, None]))
        mask = torch.zeros(ok.shape, dtype=dt, device=br.device).masked_fill_(~ok, -1e4)[:, None]
        mid = None
        for li, l in enumerate(T.layers):
            x = l(x, cos, sin, mask)
            if li == mid_layer: mid = x
            if li == mid_layer + 1: mid2 = x
        return T.norm(x), mid, mid2


# ------------------------------------------------------------------------------------------------ samples and batches
class Coder:
    def __init__(self, tok):
        self.tok = tok; self.s = {w: tok.token_to_id(w) for w in SPECIAL}
        self.e = lambda t: tok.encode(t, add_special_tokens=False).ids
        self.nl = self.e('\n'); self.digits = {tok.token_to_id(d) for d in '0123456789'}; self.rb = [x for x in self.e('{"bbox_2d": [1, 2, 3, 4], "label"') if ']' in tok.id_to_token(x)][0]
        self.opens = [(t is not None and t.endswith('<') and not t.startswith('<|')) for t in (tok.id_to_token(i) for i in range(tok.get_vocab_size()))]
    def prefix(self, names, infos, nl=True, system=gen.SYSTEMS[0], shape=(8, 8), rshape=(4, 4)):
        s, e = self.s, self.e
        ids = []; nr, nq = rshape[0] * rshape[1], shape[0] * shape[1]
        if system: ids += [s['<|im_start|>']] + e('system\n' + system) + [s['<|im_end|>']] + self.nl
        ids += [s['<|im_start|>']] + e('user\n')
        spans = []
        for k, (n, i) in enumerate(zip(names, infos)):
            ids.append(s['<|vision_start|>']); spans.append((len(ids), *rshape)); ids += [s['<|image_pad|>']] * nr; ids.append(s['<|vision_end|>'])
            ids += e(f'{k + 1}. Name: <{n}>, Info: {i}' + ('\n' if nl else ''))
        ids.append(s['<|vision_start|>']); spans.append((len(ids), *shape)); ids += [s['<|image_pad|>']] * nq; ids.append(s['<|vision_end|>'])
        ids += e('This is the query image.')
        pos = np.zeros((3, len(ids)), np.int64); p = 0; k = 0; j = 0
        while j < len(ids):
            if k < len(spans) and j == spans[k][0]:
                _, h, w = spans[k]; n = h * w
                pos[0, j:j + n] = p; pos[1, j:j + n] = p + np.arange(n) // w; pos[2, j:j + n] = p + np.arange(n) % w
                p += max(h, w); j += n; k += 1
            else:
                pos[:, j] = p; p += 1; j += 1
        return ids, pos, spans, p
    def branch(self, q, a):
        s = self.s
        qi = self.e(' ' + q) + [s['<|im_end|>']] + self.nl + [s['<|im_start|>']] + self.e('assistant\n')
        ai = self.e(a)
        return qi, ai + [s['<|im_end|>']]


def encode(c, sc, ts, rnd):
    ids, pos, spans, p0 = c.prefix(sc['names'], sc['infos'], nl=rnd.random() < .6, system=rnd.choices(gen.SYSTEMS + [None], (.5, .2, .1, .2))[0], shape=sc['shape'], rshape=sc['rshape'])
    n0 = len(ids)
    br, tgt, wt, kind = [0] * n0, [-100] * n0, [0.] * n0, [-1] * n0
    def bind(seq, text):      # the tokens inside <...> -> the reference of that name
        ms = iter(re.findall(r'<([^<>]+)>', text)); cur, o = 0, []
        for x in seq:
            if cur and '>' in c.tok.id_to_token(x): cur = 0
            o.append(cur)
            if c.opens[x]: cur = num.get(next(ms, ''), 0)
        return o
    P = [pos]; DIG = c.digits
    st = spans[-1][0] + spans[-1][1] * spans[-1][2]; smy = [0] * st + [1] * (n0 - st)      # tokens after the query image: which references are visible
    vb = [0] * n0      # tokens that should know the box of reference k
    ordt = [0] * n0; num = {n: k + 1 for k, n in enumerate(sc['names'])}
    bnd = bind(ids, ' '.join(f'<{n}>' for n in sc['names']))
    for t, (k, q, a) in enumerate(ts):
        qi, ai = c.branch(q, a)
        seq = qi + ai
        bnd += bind(qi, q) + bind(ai, a)
        ms = iter(re.findall(r'<([^<>]+)>', a))            # which reference each opening bracket of the answer stands for (auxiliary target)
        qn = re.findall(r'<([^<>]+)>', q)                 # ... and the last prompt token: the one name that is asked about
        ordt += [0] * (len(qi) - 1) + [num.get(qn[0], 0) if len(qn) == 1 else 0] + [num.get(next(ms, ''), 0) if c.opens[x] else 0 for x in ai]
        ids = ids + seq; br += [t + 1] * len(seq); smy += [0] * len(seq)
        one = num.get(qn[0], 0) if len(qn) == 1 else 0; isbox = k == 'vlt' and a.startswith('{')
        vb += [0] * (len(qi) - 1) + [one] + ([one if isbox and j < (ai.index(c.rb) if c.rb in ai else len(ai)) else ordt[len(vb) + len(qi) + j] for j in range(len(ai))])
        inname = False; w = []; nd = 0; inbox = isbox
        for x in ai:
            tx = c.tok.id_to_token(x)
            if '<' in tx and not tx.startswith('<|'): inname = True
            w.append(3.5 if inname else (3.0 if len(ai) <= 3 else 1.0))
            if inbox:
                if x in DIG: nd += 1; w[-1] = 2.5
                else:
                    if nd: w[-1 - 1] = .6; w[-1] = 1.6      # the last digit is noise, how many digits is not
                    nd = 0
                    if ']' in tx: inbox = False
            if '>' in tx: inname = False
        # position i predicts token i+1
        tgt += [-100] * (len(qi) - 1) + ai + [-100]
        wt += [0.] * (len(qi) - 1) + w + [0.]
        kd = {'caption': 0, 'oct': 1, 'vlt': 2, 'list': 3, 'vqa': 4, 'plain': 5}[k]
        kind += [kd] * len(seq)
        P.append(np.broadcast_to(p0 + np.arange(len(seq)), (3, len(seq))))
    return dict(ids=ids, pos=np.concatenate(P, 1), br=br, tgt=tgt, wt=wt, kind=kind, ordt=ordt, bnd=bnd, smy=smy, vb=vb, spans=spans, sc=sc)


def cells(sc):
    """(cells,) target of the query cells: 0 nothing / unnamed, k = reference k covers it, -100 unclear; and object index or -1."""
    nq = sc['shape'][0] * sc['shape'][1]
    if not sc['objs']: return np.zeros(nq, np.int64), np.full(nq, -1, np.int64)
    cov = sc['cover'].reshape(len(sc['objs']), nq)
    best = cov.argmax(0); m = cov.max(0)
    t = np.zeros(nq, np.int64); ob = np.full(nq, -1, np.int64)
    for j, o in enumerate(sc['objs']):
        sel = (best == j)
        if o['name'] is not None: t[sel & (m > .3)] = o['ref'] + 1
        ob[sel & (m > .3)] = j
    t[(m <= .3) & (m > .06)] = -100; ob[(m <= .3) & (m > .06)] = -2
    return t, ob


def collate(items, pad, mult=32):
    B = len(items); n = max(len(i['ids']) for i in items); n = (n + mult - 1) // mult * mult
    ids = np.full((B, n), pad, np.int64); pos = np.zeros((3, B, n), np.int64); br = np.full((B, n), 99, np.int64); tgt = np.full((B, n), -100, np.int64); wt = np.zeros((B, n), np.float32); kind = np.full((B, n), -1, np.int64); ordt = np.zeros((B, n), np.int64); bnd = np.zeros((B, n), np.int64)
    smy = np.zeros((B, n), bool); vb = np.zeros((B, n), np.int64); vis = np.zeros((B, 4), np.float32); hasr = np.zeros((B, 4), bool); rbox = np.zeros((B, 5, 4), np.float32); hasb = np.zeros((B, 5), bool)
    nr, nq = (h * w for h, w in (items[0]['sc']['rshape'], items[0]['sc']['shape'])); gw = items[0]['sc']['shape'][1]
    refs, nref = [], 0
    img = np.zeros((B, n), bool); NR = sum(len(i['sc']['refs']) for i in items); gather = np.full((B, n), NR * nr + B * nq, np.int64)
    qcell = np.zeros((B, nq), np.int64); ct = np.zeros((B, nq), np.int64); co = np.zeros((B, nq), np.int64)
    rs = []
    for b, it in enumerate(items):
        m = len(it['ids']); ids[b, :m] = it['ids']; pos[:, b, :m] = it['pos']; br[b, :m] = it['br']; tgt[b, :m] = it['tgt']; wt[b, :m] = it['wt']; kind[b, :m] = it['kind']; ordt[b, :m] = it['ordt']; bnd[b, :m] = it['bnd']; smy[b, :m] = it['smy']; vb[b, :m] = it['vb']
        for k, v in enumerate(it['sc']['vis']):
            hasr[b, k] = True
            if v: vis[b, k] = 1; rbox[b, k + 1] = np.array(it['sc']['objs'][v - 1]['box']) / 224; hasb[b, k + 1] = True
        for k, (st, h, w) in enumerate(it['spans']):
            img[b, st:st + h * w] = True
            if k < len(it['spans']) - 1:
                gather[b, st:st + nr] = (nref + k) * nr + np.arange(nr)
            else:
                gather[b, st:st + nq] = NR * nr + b * nq + np.arange(nq); qcell[b] = b * n + st + np.arange(nq)
        nref += len(it['sc']['refs']); refs += it['sc']['refs']; rs += [(b, k) for k in range(len(it['sc']['refs']))]
        ct[b], co[b] = cells(it['sc'])
    T = torch.from_numpy
    return dict(ids=T(ids), pos=T(pos), br=T(br), tgt=T(tgt), wt=T(wt), kind=T(kind), ordt=T(ordt), bnd=T(bnd), smy=T(smy), vb=T(vb), vis=T(vis), hasr=T(hasr), rbox=T(rbox), hasb=T(hasb), gw=torch.tensor(gw), img=T(img), gather=T(gather), refs=T(np.stack(refs)), query=T(np.stack([i['sc']['query'] for i in items])), qcell=T(qcell), ct=T(ct), co=T(co),
                rsid=torch.tensor([i['sc']['ref_inst'][k][0] for i in items for k in range(len(i['sc']['refs']))]), rsample=torch.tensor([r[0] for r in rs]), rord=torch.tensor([r[1] for r in rs]))
