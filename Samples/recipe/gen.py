#!/usr/bin/env python3
"""Synthetic personalised-captioning data: sprites on backgrounds, with exact boxes, masks and texts.

  gen.py pack OUT.pack      collect the sprites (needs the Debian packages unpacked in ./assets/x, see README.md) into one file
  gen.py show N OUT.png     contact sheet with texts, to look at
  gen.py bench              samples per second on one core

A pack is an uncompressed zip: meta.json and s/NNNNN.webp (RGBA, longest side <= 128). Backgrounds are procedural.
"""
import io, json, math, os, random, re, sys, time, zipfile, hashlib, glob
import numpy as np
import cv2
cv2.setNumThreads(0)

Q, R = 224, 112            # sides of square query and reference images
CELL = 28                  # one merged token (28 x 28 pixels)
QSHAPES = [(7, 9), (9, 7), (6, 10), (10, 6), (6, 9), (9, 6), (6, 8), (8, 6), (5, 11), (11, 5), (5, 10), (10, 5), (5, 9), (9, 5), (7, 8), (8, 7), (5, 8), (8, 5), (5, 7), (7, 5), (6, 6), (7, 7)]   # rows x columns of cells, area <= 64
RSHAPES = [(3, 5), (5, 3), (3, 4), (4, 3), (4, 4), (4, 4)]
HERE = os.path.dirname(os.path.abspath(__file__))

# ----------------------------------------------------------------------------------------------- building the pack
OCA = {'animals/mammals': 'animal', 'animals/birds': 'bird', 'animals/bugs': 'insect', 'animals/fish': 'fish', 'animals/dinosaurs': 'dinosaur', 'animals/fantasy': 'animal', 'animals': 'animal',
 'food/fruit': 'fruit', 'food/desserts': 'dessert', 'food/beverages': 'drink', 'food/vegetables': 'vegetable', 'food': 'food item', 'recreation/music': 'instrument',
 'recreation/sports': 'sports item', 'recreation/party': 'decoration', 'recreation/holiday': 'decoration', 'recreation/toys': 'toy', 'recreation/religion': None, 'recreation/games': None, 'recreation': 'object',
 'people/clothing/hats': 'hat', 'people/clothing': 'garment', 'people/stickmen': 'person', 'people/smilies': 'face', 'people/bodypart': None, 'people': 'person',
 'transportation/vehicles': 'vehicle', 'transportation/boating': 'boat', 'transportation/roadsigns': 'sign', 'transportation/aiga': None, 'transportation': 'vehicle',
 'computer/hardware': 'device', 'computer': None, 'electronics': 'device', 'buildings/homes': 'building', 'buildings/furniture': 'household item', 'buildings': 'building',
 'tools/weapons': 'tool', 'tools': 'tool', 'plants/flowers': 'flower', 'plants/trees': 'tree', 'plants': 'plant', 'signs_and_symbols': None, 'education/books': 'book', 'education': 'object',
 'office/telephone': 'device', 'office': 'household item', 'geography/astronomy': 'space object', 'geography': None, 'science/astronomy': 'space object', 'science': 'object', 'unsorted': 'object', 'shapes': None, 'special': None}
EMO = {'face-smiling': 'face', 'face-affection': 'face', 'face-hat': 'face', 'face-glasses': 'face', 'face-costume': 'face', 'cat-face': 'face', 'monkey-face': 'animal',
 'person': 'person', 'person-role': 'person', 'person-fantasy': 'person', 'person-activity': 'person', 'person-sport': 'person',
 'animal-mammal': 'animal', 'animal-bird': 'bird', 'animal-amphibian': 'frog', 'animal-reptile': 'reptile', 'animal-marine': 'sea creature', 'animal-bug': 'insect', 'plant-flower': 'flower', 'plant-other': 'plant',
 'food-fruit': 'fruit', 'food-vegetable': 'vegetable', 'food-prepared': 'food item', 'food-asian': 'food item', 'food-marine': 'sea creature', 'food-sweet': 'dessert', 'drink': 'drink', 'dishware': 'dish',
 'place-building': 'building', 'place-religious': 'building', 'place-geographic': None, 'place-other': None, 'transport-ground': 'vehicle', 'transport-water': 'boat', 'transport-air': 'aircraft', 'sky & weather': None,
 'event': 'decoration', 'award-medal': 'decoration', 'sport': 'sports item', 'game': 'toy', 'arts & crafts': 'household item', 'clothing': 'garment', 'musical-instrument': 'instrument', 'phone': 'device', 'computer': 'device',
 'light & video': 'device', 'book-paper': 'book', 'writing': 'tool', 'tool': 'tool', 'science': 'device', 'medical': 'device', 'household': 'household item', 'hotel': 'household item', 'lock': 'tool', 'other-object': 'object'}
NOUNS = """cat dog horse cow pig sheep rabbit bear lion tiger elephant monkey mouse fox wolf deer goat camel penguin duck owl parrot eagle chicken rooster turtle snake lizard crab shark whale dolphin octopus butterfly bee spider ladybug snail
car bus truck train tram bicycle motorcycle airplane helicopter rocket ship boat sailboat tractor ambulance taxi apple banana orange lemon strawberry cherry grapes pear pineapple watermelon tomato carrot corn pepper onion pumpkin potato bread cake cookie
pizza hamburger cheese egg cup mug glass bottle teapot fork knife spoon plate bowl chair table lamp bed clock phone camera computer television radio guitar piano violin drum trumpet hat shoe boot shirt dress sock glove umbrella bag book pencil pen scissors hammer key
ball house castle church lighthouse tree flower rose tulip sunflower cactus mushroom leaf star moon sun planet snowman gift candle balloon kite robot doll witch pirate king queen clown ghost fireman policeman nurse farmer""".split()


def _cat(table, path):
    best = None
    for k in table:
        if path.startswith(k) and (best is None or len(k) > len(best)):
            best = k
    return table[best] if best is not None else None


def _noun(text, cat):
    ws = re.findall(r'[a-z]+', text.lower())
    for w in ws:
        for c in (w, w[:-1] if w.endswith('s') else w):
            if c in NOUNS:
                return c
    return cat


def _trim(im, size=128):
    """RGBA -> trimmed to its alpha box, longest side <= size; None when it is unusable."""
    if im is None or im.ndim != 3 or im.shape[2] != 4:
        return None
    a = im[..., 3]
    ys, xs = np.where(a > 24)
    if len(ys) < 300:
        return None
    im = im[ys.min():ys.max() + 1, xs.min():xs.max() + 1]
    h, w = im.shape[:2]
    if max(h, w) < 40 or max(h, w) / min(h, w) > 4.5:
        return None
    s = size / max(h, w)
    if s < 1:
        f = im.astype(np.float32)
        f[..., :3] *= f[..., 3:] / 255
        f = cv2.resize(f, (max(8, round(w * s)), max(8, round(h * s))), interpolation=cv2.INTER_AREA)
        f[..., :3] /= np.maximum(f[..., 3:] / 255, 1e-3)
        im = np.clip(f + .5, 0, 255).astype(np.uint8)
    op = (im[..., 3] > 128).mean()
    if op < .08 or op > .985:
        return None
    px = im[..., :3][im[..., 3] > 128]
    if px.std(0).max() < 6:
        return None          # a flat silhouette
    return im


def collect(assets):
    out = []
    O = assets + '/openclipart-png/usr/share/openclipart/png/'
    for p in sorted(glob.glob(O + '**/*.png', recursive=True)):
        rel = p[len(O):]
        cat = _cat(OCA, rel)
        if cat is None:
            continue
        out.append((cv2.imread(p, cv2.IMREAD_UNCHANGED), cat, _noun(os.path.basename(p), cat), 'openclipart', rel))
    from PIL import Image, ImageDraw, ImageFont
    font = ImageFont.truetype(glob.glob(assets + '/fonts-noto-color-emoji/**/NotoColorEmoji.ttf', recursive=True)[0], 109)
    sub = None
    for line in open(glob.glob(assets + '/unicode-data/**/emoji-test.txt', recursive=True)[0], encoding='utf-8'):
        m = re.match(r'# subgroup: (.*)', line)
        if m:
            sub = m.group(1).strip()
        m = re.match(r'([0-9A-F ]+?)\s*; fully-qualified\s*# (\S+) E\S+ (.*)', line)
        if not m or sub not in EMO or EMO[sub] is None:
            continue
        cps = [int(c, 16) for c in m.group(1).split()]
        if len([c for c in cps if c != 0xFE0F]) != 1:
            continue
        im = Image.new('RGBA', (150, 150), (0, 0, 0, 0))
        ImageDraw.Draw(im).text((5, 5), ''.join(map(chr, cps)), font=font, embedded_color=True)
        out.append((cv2.cvtColor(np.array(im), cv2.COLOR_RGBA2BGRA), EMO[sub], _noun(m.group(3), EMO[sub]), 'noto-emoji', m.group(3)))
    return out


def build_pack(path, assets):
    sprites, seen = [], []
    for im, cat, noun, src, name in collect(assets):
        im = _trim(im)
        if im is None:
            continue
        t = cv2.resize(im, (8, 8), interpolation=cv2.INTER_AREA).astype(np.float32)
        t[..., :3] *= t[..., 3:] / 255
        sprites.append((im, cat, noun, src, name)); seen.append(t.ravel())
    V = np.stack(seen); keep = []
    for i in range(len(V)):
        if keep and np.abs(V[keep] - V[i]).mean(1).min() < 5.0:
            continue          # a near duplicate of one already kept
        keep.append(i)
    meta = []
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as z:
        for n, i in enumerate(keep):
            im, cat, noun, src, name = sprites[i]
            held = int(hashlib.sha1((src + name).encode()).hexdigest(), 16) % 100 < 15
            ok, buf = cv2.imencode('.webp', im, [cv2.IMWRITE_WEBP_QUALITY, 88])
            z.writestr(f's/{n:05d}.webp', buf.tobytes())
            meta.append(dict(cat=cat, noun=noun, src=src, name=name, held=bool(held)))
        z.writestr('meta.json', json.dumps(dict(sprites=meta, bgs=[])))
    from collections import Counter
    print('sprites', len(meta), 'of', len(V), 'held', sum(m['held'] for m in meta), os.path.getsize(path) // 1024, 'KiB')
    print(Counter(m['src'] for m in meta), Counter(m['cat'] for m in meta).most_common())
    print(Counter(m['noun'] for m in meta).most_common(60))


# ----------------------------------------------------------------------------------------------- reading the pack
COLORS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink', 'brown', 'black', 'white', 'gray']


def color_hist(rgb, w):
    """rgb float 0..255 (n,3), weights (n,) -> share of each name in COLORS."""
    hsv = cv2.cvtColor(rgb.reshape(-1, 1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2HSV).reshape(-1, 3)
    h, s, v = hsv[:, 0], hsv[:, 1], hsv[:, 2]
    lab = np.full(len(h), 10)
    sat = s * v
    gray = (sat < .16) | (s < .18)
    lab[gray & (v < .25)] = 8; lab[gray & (v > .82)] = 9
    c = ~gray
    lab[c & ((h < 16) | (h >= 345))] = 0
    lab[c & (h >= 16) & (h < 42)] = 1
    lab[c & (h >= 42) & (h < 68)] = 2
    lab[c & (h >= 68) & (h < 165)] = 3
    lab[c & (h >= 165) & (h < 255)] = 4
    lab[c & (h >= 255) & (h < 295)] = 5
    lab[c & (h >= 295) & (h < 345)] = 6
    lab[c & ((h < 42) | (h >= 345)) & (v < .62)] = 7
    lab[c & ((h < 20) | (h >= 330)) & (s < .5) & (v > .7)] = 6
    lab[v < .14] = 8
    return np.bincount(lab, weights=w, minlength=11) / max(w.sum(), 1e-6)


def color_word(hist):
    o = hist.argsort()[::-1]
    if hist[o[0]] > .52:
        return COLORS[o[0]]
    if hist[o[0]] + hist[o[1]] > .72:
        return f'{COLORS[o[0]]} and {COLORS[o[1]]}'
    return 'colorful'


def hue_matrix(deg):
    c, s = math.cos(math.radians(deg)), math.sin(math.radians(deg))
    k = 1 / 3; q = math.sqrt(k)
    m = np.array([[c + (1 - c) * k, k * (1 - c) - q * s, k * (1 - c) + q * s],
                  [k * (1 - c) + q * s, c + k * (1 - c), k * (1 - c) - q * s],
                  [k * (1 - c) - q * s, k * (1 - c) + q * s, c + k * (1 - c)]], np.float32)
    return m


class Pack:
    def __init__(self, path, n_bg=300, seed=0, n_virtual=0):
        z = zipfile.ZipFile(path)
        meta = json.loads(z.read('meta.json'))
        self.sp, self.mips = meta['sprites'], []
        for i in range(len(self.sp)):
            im = cv2.cvtColor(cv2.imdecode(np.frombuffer(z.read(f's/{i:05d}.webp'), np.uint8), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)
            f = im.astype(np.float32); f[..., :3] *= f[..., 3:] / 255          # premultiplied
            lv = [f]
            for _ in range(2):
                g = lv[-1]
                lv.append(cv2.resize(g, (max(4, g.shape[1] // 2), max(4, g.shape[0] // 2)), interpolation=cv2.INTER_AREA))
            self.mips.append([np.clip(g + .5, 0, 255).astype(np.uint8) for g in lv])
        self.train = [i for i, m in enumerate(self.sp) if not m['held']]
        self.held = [i for i, m in enumerate(self.sp) if m['held']]
        self.train_base = list(self.train); self.find_near()
        self.bycat = {}
        for split, ids in (('train', self.train), ('held', self.held)):
            d = {}
            for i in ids:
                d.setdefault(self.sp[i]['cat'], []).append(i)
            self.bycat[split] = d
        cnt = {}
        for m in self.sp:
            cnt[m['noun']] = cnt.get(m['noun'], 0) + 1
        for m in self.sp:
            m['fine'] = m['noun'] if cnt[m['noun']] >= 8 else m['cat']
        self.cats = sorted({m['cat'] for m in self.sp})
        self.words = sorted({m['fine'] for m in self.sp} | set(self.cats))
        rng = np.random.default_rng(seed)
        self.bgs = {'train': make_bgs(rng, n_bg), 'held': make_bgs(rng, n_bg // 3)}
        self._hist = {}
        self.bycat_base = {c: list(v) for c, v in self.bycat['train'].items()}
        if n_virtual: self.add_virtual(np.random.default_rng(seed + 1), n_virtual)

    def find_near(self, k=10):
        """The k most similar sprites of the same category and split (8x8 thumbnails): look-alikes for hard negatives."""
        t = []
        for m in self.mips: x = cv2.resize(m[2], (8, 8), interpolation=cv2.INTER_AREA).astype(np.float32); t.append(x.ravel())
        t = np.stack(t); self.near = {}; groups = {}
        for i, m in enumerate(self.sp): groups.setdefault((m['cat'], m['held']), []).append(i)
        for ids in groups.values():
            ids = np.array(ids); v = t[ids]; d = ((v[:, None] - v[None]) ** 2).sum(-1) if len(ids) < 400 else (v ** 2).sum(1)[:, None] + (v ** 2).sum(1) - 2 * v @ v.T
            np.fill_diagonal(d, np.inf)
            for i, row in zip(ids, d): self.near[int(i)] = [int(j) for j in ids[row.argsort()[:min(k, len(ids) - 1)]]]

    def add_virtual(self, rng, n):
        """Invented training identities: the outline and shading of one training sprite filled with the pixels of another one, of a background or of a
        procedural pattern. Unlimited instance variety for the matching, while the shape keeps its category."""
        for _ in range(n):
            a = self.train_base[rng.integers(len(self.train_base))]
            m = self.mips[a][0].astype(np.float32); h, w = m.shape[:2]; al = m[..., 3:] / 255
            if rng.random() < .55:
                b = self.mips[self.train_base[rng.integers(len(self.train_base))]][0]
                bh, bw = b.shape[:2]; s = rng.uniform(.35, .8); ch, cw = max(6, int(bh * s)), max(6, int(bw * s)); y, x = rng.integers(bh - ch + 1), rng.integers(bw - cw + 1)
                t = b[y:y + ch, x:x + cw, :3].astype(np.float32) + (255 - b[y:y + ch, x:x + cw, 3:].astype(np.float32)) / 255 * rng.integers(0, 256, 3)
            else:
                t = self.bgs['train'][rng.integers(len(self.bgs['train']))][0]; s = int(t.shape[0] * rng.uniform(.15, .6)); y, x = rng.integers(t.shape[0] - s + 1), rng.integers(t.shape[1] - s + 1); t = t[y:y + s, x:x + s].astype(np.float32)
            t = cv2.resize(t, (w, h), interpolation=cv2.INTER_AREA if t.shape[0] > h else cv2.INTER_LINEAR)
            t = np.clip((t @ hue_matrix(rng.uniform(0, 360)).T - 128) * rng.uniform(.8, 1.4) + rng.uniform(98, 158), 0, 255)
            lum = (m[..., :3] / np.maximum(al, .05)).mean(-1, keepdims=True)
            k = rng.uniform(.25, .6)
            f = np.concatenate([np.clip(t * (1 - k) + lum * k + (lum - lum.mean()) * .25, 0, 255) * al, m[..., 3:]], -1)
            lv = [f]
            for _ in range(2): g = lv[-1]; lv.append(cv2.resize(g, (max(4, g.shape[1] // 2), max(4, g.shape[0] // 2)), interpolation=cv2.INTER_AREA))
            self.mips.append([np.clip(g + .5, 0, 255).astype(np.uint8) for g in lv])
            i = len(self.sp); self.sp.append(dict(self.sp[a], src='virtual')); self.train.append(i); self.bycat['train'].setdefault(self.sp[i]['cat'], []).append(i)

    def color(self, sid, hue):
        k = (sid, hue)
        if k not in self._hist:
            m = self.mips[sid][2].astype(np.float32)
            a = m[..., 3].ravel() / 255
            rgb = m[..., :3].reshape(-1, 3) / np.maximum(a, .05)[:, None]
            if hue:
                rgb = np.clip(rgb @ hue_matrix(hue).T, 0, 255)
            if len(self._hist) > 60000:
                self._hist.clear()
            self._hist[k] = color_word(color_hist(np.clip(rgb, 0, 255), a))
        return self._hist[k]


CNAME = {'red': (205, 45, 45), 'orange': (235, 140, 40), 'yellow': (235, 215, 70), 'green': (70, 160, 70), 'blue': (60, 110, 200), 'light blue': (165, 205, 240), 'purple': (130, 75, 175),
         'pink': (240, 165, 190), 'brown': (125, 85, 50), 'black': (25, 25, 28), 'white': (245, 245, 243), 'gray': (140, 140, 142), 'cream': (243, 230, 200), 'dark green': (30, 80, 45), 'navy': (25, 35, 80), 'teal': (40, 140, 140)}


def make_bgs(rng, n, S=288):
    def col(name, j=14):
        return np.clip(np.array(CNAME[name], np.float32) + rng.normal(0, j, 3), 0, 255)
    def noise(cells, amp, ch=1):
        x = rng.normal(0, 1, (cells, cells, ch)).astype(np.float32)
        return cv2.resize(x, (S, S), interpolation=cv2.INTER_CUBIC).reshape(S, S, ch) * amp
    names = list(CNAME)
    out = []
    for i in range(n):
        k = rng.choice(['plain', 'grad', 'field', 'beach', 'snow', 'water', 'room', 'checks', 'stripes', 'noise', 'wood', 'night', 'bokeh', 'bricks', 'hills', 'clouds', 'blur', 'blur', 'city', 'tiles', 'collage'])
        if k == 'grad':
            a, b = rng.choice(names, 2, replace=False)
            t = np.linspace(0, 1, S, dtype=np.float32)[:, None, None]
            if rng.random() < .4: t = t.transpose(1, 0, 2)
            im = col(a) * (1 - t) + col(b) * t + np.zeros((S, S, 3), np.float32)
            d = f'a smooth {a} and {b} gradient'
        elif k in ('field', 'beach', 'snow', 'water', 'night'):
            hz = int(S * rng.uniform(.3, .6))
            sky, gr, d = {'field': ('light blue', 'green', 'a green field under a blue sky'), 'beach': ('light blue', 'cream', 'a sandy beach under a blue sky'), 'snow': ('light blue', 'white', 'snowy ground under a pale sky'),
                          'water': ('light blue', 'blue', 'open water under a blue sky'), 'night': ('navy', 'black', 'a dark night scene')}[k]
            im = np.empty((S, S, 3), np.float32)
            t = np.linspace(0, 1, hz, dtype=np.float32)[:, None, None]
            im[:hz] = col(sky) * (1 - t) + (col(sky) * .5 + 120 * (k != 'night')) * t
            im[hz:] = col(gr)
            nz = noise(int(rng.integers(30, 140)), rng.uniform(4, 18))
            im[hz:] += nz[hz:]
            im[:hz] += noise(5, 7)[:hz]
            if k == 'water': im[hz:] += 10 * np.sin(np.arange(S - hz, dtype=np.float32)[:, None, None] * rng.uniform(.3, .9))
            if k == 'night':
                for _ in range(30): cv2.circle(im, (int(rng.integers(S)), int(rng.integers(max(1, hz)))), 1, (230, 230, 210), -1)
        elif k == 'room':
            w, f = rng.choice(['cream', 'light blue', 'pink', 'gray', 'yellow', 'teal', 'white'], 1)[0], rng.choice(['brown', 'gray', 'dark green', 'red'], 1)[0]
            hz = int(S * rng.uniform(.55, .75))
            im = np.empty((S, S, 3), np.float32); im[:hz] = col(w); im[hz:] = col(f)
            st = int(rng.integers(16, 40))
            for x in range(0, S, st): im[hz:, x:x + 2] *= .8
            im[hz - 3:hz] = 235
            d = f'a room with a {w} wall and a {f} floor'
        elif k in ('checks', 'stripes'):
            a, b = rng.choice(names, 2, replace=False); st = int(rng.integers(12, 48))
            yy, xx = np.mgrid[:S, :S] // st
            m = ((xx + (yy if k == 'checks' else 0)) % 2)[..., None].astype(np.float32)
            if rng.random() < .5: m = m.transpose(1, 0, 2)
            im = col(a) * m + col(b) * (1 - m)
            d = f'a {a} and {b} checkered pattern' if k == 'checks' else f'{a} and {b} stripes'
        elif k == 'noise':
            a = rng.choice(names); im = col(a) + noise(int(rng.integers(8, 60)), 25, 3); d = f'a mottled {a} texture'
        elif k == 'bokeh':
            a, b = rng.choice(names, 2, replace=False); t = np.linspace(0, 1, S, dtype=np.float32)[:, None, None]
            im = (col(a) * (1 - t) + col(b) * t) * .6 + np.zeros((S, S, 3), np.float32)
            for _ in range(int(rng.integers(12, 40))):
                o = np.zeros((S, S), np.float32); cv2.circle(o, (int(rng.integers(S)), int(rng.integers(S))), int(rng.integers(6, 28)), 1., -1); o = cv2.GaussianBlur(o, (0, 0), 3)[..., None] * rng.uniform(.2, .6)
                im = im * (1 - o) + col(rng.choice(names)) * o
            d = 'a blurred backdrop with soft lights'
        elif k == 'bricks':
            im = np.zeros((S, S, 3), np.float32) + col('gray'); h = int(rng.integers(14, 34)); w = int(h * rng.uniform(1.8, 2.6)); c = col(rng.choice(['red', 'brown', 'gray', 'orange']), 8) * .8
            for r_, y in enumerate(range(0, S, h)):
                for x in range(-(r_ % 2) * (w // 2), S, w): cv2.rectangle(im, (x + 1, y + 1), (x + w - 2, y + h - 2), tuple(float(v) for v in np.clip(c + rng.normal(0, 9), 0, 255)), -1)
            im = im + noise(96, 6); d = 'a brick wall'
        elif k == 'hills':
            t = np.linspace(0, 1, S, dtype=np.float32)[:, None, None]; im = col('light blue') * (1 - t) + 240 * t + np.zeros((S, S, 3), np.float32); g = col('green', 20)
            for j in range(3):
                y0 = S * (.4 + .18 * j); x = np.arange(S); y = y0 + S * rng.uniform(.03, .1) * np.sin(x / S * rng.uniform(3, 9) + rng.uniform(0, 6)); im[np.arange(S)[:, None] > y[None]] = np.clip(g * (.65 + .17 * j), 0, 255)
            im = im + noise(80, 5); d = 'rolling green hills'
        elif k == 'clouds':
            m = sum(noise(c, a_) for c, a_ in ((4, 1.), (9, .6), (20, .35), (45, .2))); m = 1 / (1 + np.exp(-m * 1.6)); im = col('light blue') * (1 - m) + 250 * m; d = 'a cloudy sky'
        elif k == 'blur':
            c = int(rng.integers(3, 9)); b_ = np.stack([col(rng.choice(names)) for _ in range(c * c)]).reshape(c, c, 3).astype(np.float32); im = cv2.resize(b_, (S, S), interpolation=cv2.INTER_CUBIC); im = im * rng.uniform(.6, 1) + noise(int(rng.integers(40, 140)), rng.uniform(2, 9)); d = 'a blurred colorful backdrop'
        elif k == 'city':
            dark = rng.random() < .5; t = np.linspace(0, 1, S, dtype=np.float32)[:, None, None]; im = (col('navy') if dark else col('light blue')) * (1 - t) + (col('purple') if dark else 235.) * t + np.zeros((S, S, 3), np.float32); x = 0
            while x < S:
                w = int(rng.integers(22, 60)); h = int(S * rng.uniform(.3, .7)); c = col('gray', 10) * (.3 if dark else .8); cv2.rectangle(im, (x, S - h), (x + w, S), tuple(float(v) for v in c), -1)
                for yy in range(S - h + 6, S, 12):
                    for xx in range(x + 4, x + w - 6, 10):
                        if rng.random() < .6: cv2.rectangle(im, (xx, yy), (xx + 4, yy + 5), (240., 220., 130.) if dark else (200., 215., 225.), -1)
                x += w
            d = 'a city skyline at night' if dark else 'a city skyline'
        elif k == 'tiles':
            im = np.zeros((S, S, 3), np.float32) + 200; st = int(rng.integers(24, 64)); c = col(rng.choice(names))
            for y in range(0, S, st):
                for x in range(0, S, st): cv2.rectangle(im, (x + 1, y + 1), (x + st - 2, y + st - 2), tuple(float(v) for v in np.clip(c + rng.normal(0, 7), 0, 255)), -1)
            d = 'a tiled surface'
        elif k == 'collage':
            im = np.zeros((S, S, 3), np.float32) + col(rng.choice(names))
            for _ in range(int(rng.integers(8, 22))):
                x, y = int(rng.integers(-20, S)), int(rng.integers(-20, S)); cv2.rectangle(im, (x, y), (x + int(rng.integers(20, 130)), y + int(rng.integers(20, 130))), tuple(float(v) for v in col(rng.choice(names))), -1)
            im = cv2.GaussianBlur(im, (0, 0), rng.uniform(3, 10)) + noise(100, rng.uniform(1, 7)); d = 'soft colored shapes'
        elif k == 'wood':
            im = col('brown') + noise(4, 12) + (noise(64, 14).mean(0, keepdims=True)); d = 'a wooden surface'
        else:
            a = rng.choice(names); im = np.zeros((S, S, 3), np.float32) + col(a); d = f'a plain {a} background'
        if rng.random() < .3: im = im + noise(S, 5)
        out.append((np.clip(im, 0, 255).astype(np.uint8), d))
    return out


# ----------------------------------------------------------------------------------------------- rendering
def put(img, mip, M, size, jitter, rnd, cx, cy, target, ang, flip, shear, blur=0):
    """Draw one premultiplied sprite; returns (alpha float h*w, y0, x0) clipped to the image or None."""
    h, w = mip[0].shape[:2]
    s = target / max(h, w)
    lv = 0 if s > .5 else 1 if s > .25 else 2
    sp = mip[lv]
    hh, ww = sp.shape[:2]
    s = target / max(hh, ww)
    c, n = math.cos(math.radians(ang)), math.sin(math.radians(ang))
    A = np.array([[c, -n], [n, c]]) @ np.array([[1, shear], [0, 1]]) * s
    if flip: A = A @ np.array([[-1, 0], [0, 1]])
    bw = abs(A[0, 0]) * ww + abs(A[0, 1]) * hh; bh = abs(A[1, 0]) * ww + abs(A[1, 1]) * hh
    W, H = int(bw + 2), int(bh + 2)
    t = np.array([W / 2, H / 2]) - A @ np.array([(ww - 1) / 2, (hh - 1) / 2])
    p = cv2.warpAffine(sp, np.c_[A, t], (W, H), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0, 0))
    x0, y0 = int(cx - W / 2), int(cy - H / 2)
    a, b, e, f = max(0, -x0), max(0, -y0), min(W, size[1] - x0), min(H, size[0] - y0)
    if e - a < 4 or f - b < 4:
        return None
    p = p[b:f, a:e]
    x0 += a; y0 += b
    if M is not None or jitter is not None:
        T = np.zeros((4, 4), np.float32); T[3, 3] = 1
        T[:3, :3] = M if M is not None else np.eye(3)
        if jitter is not None:
            g, bias = jitter
            T[:3, :3] *= g[:, None]; T[:3, 3] = bias / 255
        p = cv2.transform(p, T)
    if blur:
        p = cv2.GaussianBlur(p, (0, 0), blur)
    al = p[..., 3].astype(np.float32) * (1 / 255)
    d = img[y0:y0 + p.shape[0], x0:x0 + p.shape[1]]
    d[:] = np.minimum(d * (1 - al[..., None]) + np.minimum(p[..., :3], p[..., 3:]), 255).astype(np.uint8)
    return al, y0, x0


def jit(rnd, k=1.0):
    if rnd.random() < .25:
        return None
    g = rnd.uniform(1 - .3 * k, 1 + .22 * k)
    return (np.array([g * rnd.uniform(1 - .08 * k, 1 + .08 * k) for _ in range(3)], np.float32), rnd.uniform(-22, 22) * k)


def finish(img, rnd, nrng):
    if rnd.random() < .5:
        img = cv2.convertScaleAbs(img, alpha=rnd.uniform(.8, 1.18), beta=rnd.uniform(-14, 14))
    if rnd.random() < .15:
        img = cv2.GaussianBlur(img, (0, 0), rnd.uniform(.4, 1.1))
    if rnd.random() < .15:
        img = np.clip(img.astype(np.int16) + nrng.integers(-9, 10, img.shape, dtype=np.int16), 0, 255).astype(np.uint8)
    return img


def background(pack, split, rnd, W, H):
    im, d = pack.bgs[split][rnd.randrange(len(pack.bgs[split]))]
    S = im.shape[0]
    s = S * rnd.uniform(.75, 1); w, h = int(s * min(1, W / H)), int(s * min(1, H / W))
    y, x = rnd.randrange(S - h + 1), rnd.randrange(S - w + 1)
    c = cv2.resize(im[y:y + h, x:x + w], (W, H), interpolation=cv2.INTER_LINEAR if s < 2 * max(W, H) else cv2.INTER_AREA)
    if rnd.random() < .5:
        c = cv2.flip(c, 1)
    return np.ascontiguousarray(c), d


def render_ref(pack, split, sid, hue, rnd, nrng, W=R, H=R):
    img, _ = background(pack, split, rnd, W, H)
    h, w = pack.mips[sid][0].shape[:2]; fit = min(W * max(h, w) / w, H * max(h, w) / h)      # the longest side at which the sprite still fits
    M = hue_matrix(hue) if hue else None
    for _ in range(6):
        t = min(fit, math.sqrt(W * H) * 1.25 if W != H else W) * rnd.uniform(.55, .98)
        r = put(img, pack.mips[sid], M, (H, W), jit(rnd), rnd, W * rnd.uniform(.42, .58), H * rnd.uniform(.42, .58), t, rnd.uniform(-14, 14), rnd.random() < .3, rnd.uniform(-.1, .1))
        if r is not None:
            break
    return finish(img, rnd, nrng)


SCALES = {1: (.34, .85), 2: (.28, .56), 3: (.25, .46), 4: (.22, .42)}


def render_query(pack, split, insts, rnd, nrng, occlude=True, shape=(8, 8)):
    """insts: list of (sid, hue). Returns image, boxes (list of [x1,y1,x2,y2] or None), cover (n, rows, columns) float, bg text. shape: rows x columns of cells."""
    gh, gw = shape; H, W = gh * CELL, gw * CELL; G = math.sqrt(H * W)
    img, bgd = background(pack, split, rnd, W, H)
    n = len(insts)
    lo, hi = SCALES[max(n, 1)]
    placed, boxes, cover = [], [], np.zeros((n, gh, gw), np.float32)
    for k, (sid, hue) in enumerate(insts):
        h, w = pack.mips[sid][0].shape[:2]
        t = min(G * rnd.uniform(lo, hi), .96 * min(W * max(h, w) / w, H * max(h, w) / h))
        best = None
        for tr in range(24):
            if tr and tr % 6 == 0: t *= .88
            bw, bh = t * w / max(h, w), t * h / max(h, w)
            m = .12 if rnd.random() < .2 else 0
            x, y = rnd.uniform(bw * (.5 - m), W - bw * (.5 - m)), rnd.uniform(bh * (.5 - m), H - bh * (.5 - m))
            b = (x - bw / 2, y - bh / 2, x + bw / 2, y + bh / 2)
            ov = 0
            for q in placed:
                iw, ih = min(b[2], q[2]) - max(b[0], q[0]), min(b[3], q[3]) - max(b[1], q[1])
                if iw > 0 and ih > 0:
                    ov = max(ov, iw * ih / min(bw * bh, (q[2] - q[0]) * (q[3] - q[1])))
            if best is None or ov < best[0]:
                best = (ov, x, y, t, b)
            if ov < .06:
                break
        ov, x, y, t, b = best
        r = put(img, pack.mips[sid], hue_matrix(hue) if hue else None, (H, W), jit(rnd), rnd, x, y, t, rnd.uniform(-18, 18), rnd.random() < .35, rnd.uniform(-.14, .14), rnd.uniform(.4, 1.2) if rnd.random() < .08 else 0)
        placed.append(b)
        if r is None:
            boxes.append(None); continue
        al, y0, x0 = r
        full = np.zeros((H, W), np.float32); full[y0:y0 + al.shape[0], x0:x0 + al.shape[1]] = al
        cv = cv2.resize(full, (gw, gh), interpolation=cv2.INTER_AREA)
        cover[:k] *= 1 - cv; cover[k] = cv
        ys, xs = np.where(al > .3)
        boxes.append([int(x0 + xs.min()), int(y0 + ys.min()), int(x0 + xs.max() + 1), int(y0 + ys.max() + 1)] if len(ys) else None)
    if occlude and n and rnd.random() < .15:       # hide a part of one object behind a bar or a disc
        k = rnd.randrange(n)
        if boxes[k]:
            x1, y1, x2, y2 = boxes[k]
            c = tuple(int(v) for v in nrng.integers(0, 256, 3))
            w, h = (x2 - x1) * rnd.uniform(.3, .5), (y2 - y1) * rnd.uniform(.3, .5)
            cx, cy = rnd.choice([x1, x2]), rnd.uniform(y1, y2)
            if rnd.random() < .5: cv2.rectangle(img, (int(cx - w / 2), int(cy - h / 2)), (int(cx + w / 2), int(cy + h / 2)), c, -1)
            else: cv2.ellipse(img, (int(cx), int(cy)), (int(w / 2), int(h / 2)), 0, 0, 360, c, -1)
    return finish(img, rnd, nrng), boxes, cover, bgd


# ----------------------------------------------------------------------------------------------- names and infos
FIRST = """Bo Mia Luna Max Leo Nora Oskar Ida Emil Zara Finn Ruby Hugo Lola Otto Nina Theo Maya Felix Greta Milo Olive Rex Daisy Coco Bella Charlie Rocky Simba Oreo Pepper Ginger Biscuit Mochi Waffles Pickle Ziggy Nala Toby Buddy Lucky
Ada Alan Grace Linus Marie Niels Vera Igor Anya Yuki Kenji Hana Mei Ling Wei Priya Arjun Omar Layla Amir Sofia Mateo Lucia Diego Ines Pablo Carmen Bruno Elsa Sven Astrid Lars Freya Thor Odin Kofi Ama Zola Nia Jamal Keisha Tariq Dara Iris Juno Kai Remy Skye Tess Uma Vito Wren Xena Yara Zeno""".split()
TITLE = ['Mr.', 'Miss', 'Captain', 'Sir', 'Lady', 'Little', 'Old', 'Doctor', 'Princess', 'Uncle', 'Auntie', 'Big', 'Super', 'Baby', 'Professor']
SCRIPTS = ['абвгдежзиклмнопрстуфхчшя', 'αβγδεζηθικλμνξοπρστυφχψω', 'かきくけこさしすせそたちつてとなにのはひほまみもやゆよらりるれろ', '小花大明星月雪风雨春秋林山海天龙虎', '가나다라마바사아자하루미보리별콩', 'éèêëàâîïôöûüçñåøæßłšžćđ']
CONS, VOW = ['b', 'd', 'f', 'g', 'h', 'j', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'w', 'z', 'br', 'tr', 'kl', 'st', 'sh', 'ch', 'qu', 'x', 'y'], ['a', 'e', 'i', 'o', 'u', 'oo', 'ai', 'ee', 'ia', 'y']


# names as people give them: richer syllables, words, plain letters, and pieces of the vocabulary, so that every token can be copied
ONSET = 'b bl br c ch cl cr d dr f fl fr g gl gr h j k kl kn kr l m n p ph pl pr qu r s sc sh sk sl sm sn sp st str sw t th tr tw v w wh y z'.split() + [''] * 4
NUCLEUS = 'a a a e e e i i i o o o u u y ai ay ea ee ei ie oa oo ou ow au ia io'.split()
CODA = 'b d g k l m n n p r r s t x z ck ll ll ss ff tt tt nn nn mm pp dd rr bb gg zz cc nd nd nt ng nk st rt rl rn ld lt mp lm sh th'.split() + [''] * 22
ENDING = 'a o y ie i er el on ia us ella ino etta ina ito ine ette ley son bert ard dy ny by'.split()
MORE = """Abby Ace Aiden Albert Alfie Alice Amber Amelia Andre Angus Annie Apollo Archie Aria Arlo Arthur Ashley Athena Aurora Bailey Bandit Barney Basil Beatrice Benji Benny Bertha Betty Billy Blackie Blossom Bobby Bonnie Boomer Brandy Bruce Bubbles Buster Butters Cameron Candy Carla Casper Cassie
Chester Chloe Chuck Clara Cleo Clifford Connor Cookie Cooper Copper Crystal Dakota Danny Dexter Diesel Dixie Dolly Donald Doris Duke Dusty Eddie Edith Ella Ellie Elliot Elmer Emma Ernie Ethan Eva Fiona Flash Flora Frankie Fred Freddy Fritz Garfield George Gerald Gizmo Gloria Goldie Gordon Gus
Hannah Harley Harper Harry Hazel Heidi Henry Herbert Holly Hunter Isabella Jack Jackson Jasmine Jasper Jenny Jerry Jimmy Joey Josie Julia Kitty Kiwi Leonard Lenny Liam Lilly Logan Louis Lucy Mabel Maggie Marley Mario Martha Marvin Matilda Melvin Merlin Mickey Millie Minnie Misty Molly Moose Muffin
Murphy Nellie Nemo Norman Oliver Ollie Oscar Paddy Patch Patches Peaches Peanut Pearl Penny Percy Petunia Phoebe Piper Poppy Precious Princess Pumpkin Quincy Rusty Sadie Sally Sammy Sandy Sasha Scooter Scout Shadow Sheldon Smokey Snoopy Snowball Sophie Sparky Spike Stella Sugar Sunny Sylvia Teddy
Thelma Thomas Tiger Timmy Tommy Trixie Tucker Velvet Victor Violet Walter Wendy Whiskers Willow Winnie Winston Woody Yoshi Zelda Zorro Bridge Garden Lantern Magnet Market Mirror Orchid Ribbon Rocket Saddle Silver Summer Thunder Velvet Winter Button Cotton Ladder Marble Pebble Puzzle Simple Tunnel Window""".split()
PIECES, NAME_STYLE = [], 'classic'      # 'classic': the first generator (kept for comparable scores), 'wide': training, 'plain': a list never used in training
PLAIN = """Bruna Pico Wanda Marlo Honey Tully Polly Momo Teddo Zippy Vinnie Rollo Dotty Bizzy Gilbert Hector Ingrid Jonah Kendra Lionel Mildred Nadia Ophelia Perry Quentin Rhonda Stanley Tabitha Ursula Vernon Wilbur Yvonne Agnes Barnaby Cecil Daphne Edgar Florence Gretchen Harold Irving Judith Kermit Lucinda
Monty Nigel Olga Patsy Ralph Selma Trudy Ulrich Vivian Wallace Zachary Buddha Cinnamon Domino Fidget Gumbo Hopper Jellybean Kipper Lollipop Mango Noodle Pickles Radish Sprocket Toffee Waldo Yogi Blinky Chunky Doodle Fluffy Grumpy Jumbo Knuckles Lumpy Mittens Nibbles Pudding Rascal Scruffy Twinkle Wobbles Snuggles""".split()


def load_pieces(path):
    """Letters-only tokens of the vocabulary, used to build names."""
    PIECES[:] = sorted({t.strip('\u0120') for t in json.load(open(path))['model']['vocab'] if re.fullmatch('\u0120?[A-Za-z]+', t)})


def wide_word(rnd):
    r = rnd.random()
    if r < .3: w = ''.join(rnd.choice(ONSET) + rnd.choice(NUCLEUS) + rnd.choice(CODA) for _ in range(rnd.choice((1, 1, 2, 2)))) + (rnd.choice(ENDING) if rnd.random() < .6 else '')
    elif r < .5: return rnd.choice(MORE)
    elif r < .58: w = rnd.choice(NOUNS)
    elif r < .72: w = ''.join(rnd.choice('abcdefghijklmnopqrstuvwxyz' if i % 2 else 'bcdfghjklmnpqrstvwxyzaeiou') for i in range(rnd.randint(2, 7)))
    else: w = ''.join(rnd.choice(PIECES or ONSET) for _ in range(rnd.choice((1, 2, 2, 3))))[:12]
    r = rnd.random(); return w.capitalize() if r < .75 else w if r < .95 else w.upper()[:5]


def word(rnd):
    if NAME_STYLE == 'plain': return rnd.choice(PLAIN)
    if NAME_STYLE == 'wide' and rnd.random() < .7: return wide_word(rnd)
    r = rnd.random()
    if r < .28:
        return rnd.choice(FIRST)
    if r < .36:
        s = rnd.choice(SCRIPTS)
        t = ''.join(rnd.choice(s) for _ in range(rnd.randint(2, 4)))
        return t
    w = ''.join(rnd.choice(CONS) + rnd.choice(VOW) for _ in range(rnd.choice((1, 2, 2, 2, 3)))) + (rnd.choice(['', '', 'n', 's', 'x', 'r', 'l', 't', 'k']))
    return w if rnd.random() < .3 else w.capitalize()


def make_name(rnd):
    if NAME_STYLE == 'plain': return word(rnd)
    r = rnd.random() * (.8 if NAME_STYLE == 'wide' and rnd.random() < .4 else 1)
    if r < .62: return word(rnd)
    if r < .74: return rnd.choice(TITLE) + ' ' + word(rnd)
    if r < .84: return word(rnd) + ' ' + word(rnd)
    if r < .90: return word(rnd).lower() + rnd.choice(['-', '_', '']) + str(rnd.randint(1, 99))
    if r < .96: return 'my ' + word(rnd).lower()
    return rnd.choice(['sks', 'V', 'obj', 'toy', 'my']) + rnd.choice(['', '-', '_', ' ']) + word(rnd).lower()


INFO = ['loves {w}', 'born in {y}', 'made in {y}', 'belongs to {n}', 'a gift from {n}', 'lives with {n}', 'found at the market', 'bought in {y}', 'my favorite', 'one of a kind', 'from the garden', 'likes to travel', 'very old', 'brand new',
        'handmade', 'always around', 'a family treasure', 'kept on the shelf', 'seen every morning', 'the star of the house', 'no further details', 'none', 'weighs {k} kg', 'costs {k} euros', 'named by {n}', 'number {k}']


def an(s):
    return ('an ' if s[0] in 'aeiou' else 'a ') + s


def make_info(rnd, o):
    r = rnd.random()
    if r < .30: return an(o['cat'])
    if r < .45: return an(f"{o['color']} {o['cat']}")
    if r < .60: return an(o['fine'])
    return rnd.choice(INFO).format(w=rnd.choice(['music', 'long walks', 'sunny days', 'the sea', 'snow', 'sleeping', 'parties', 'rain', 'adventures']), y=rnd.randint(1950, 2026), n=rnd.choice(FIRST), k=rnd.randint(1, 99))


# ----------------------------------------------------------------------------------------------- texts
C = lambda rnd, *a: rnd.choice(a)
NUM = ['zero', 'one', 'two', 'three', 'four', 'five']


def place(b, W=Q, H=Q):
    cx, cy = (b[0] + b[2]) / 2 / W, (b[1] + b[3]) / 2 / H
    col = 0 if cx < .38 else 2 if cx > .62 else 1
    row = 0 if cy < .38 else 2 if cy > .62 else 1
    return [['top left', 'top', 'top right'], ['left', 'center', 'right'], ['bottom left', 'bottom', 'bottom right']][row][col]


def at(rnd, p):
    if p == 'center':
        return C(rnd, 'in the center', 'in the middle', 'at the center')
    if p in ('left', 'right'):
        return C(rnd, f'on the {p}', f'on the {p} side', f'at the {p}')
    if p in ('top', 'bottom'):
        return C(rnd, f'at the {p}', f'near the {p}', f'in the {p} part')
    return C(rnd, f'at the {p}', f'in the {p}', f'in the {p} corner', f'near the {p}')


def rel(rnd, a, b):
    """text for: a is ... b"""
    dx = (a[0] + a[2] - b[0] - b[2]) / 2; dy = (a[1] + a[3] - b[1] - b[3]) / 2
    if abs(dx) > abs(dy):
        return C(rnd, 'to the left of', 'left of') if dx < 0 else C(rnd, 'to the right of', 'right of')
    return 'above' if dy < 0 else 'below'


def ccat(o, rnd, det=True):
    w = o['cat'] if rnd.random() < .65 else o['fine']
    s = f"{o['color']} {w}" if rnd.random() < .75 else w
    return s


def np_(o, rnd, first=True):
    if o['name']:
        n = f"<{o['name']}>"
        if not first: return n
        r = rnd.random()
        if r < .55: return n
        if r < .85: return f"{n}, {an(ccat(o, rnd))},"
        return f"the {ccat(o, rnd)} {n}"
    return an(ccat(o, rnd)) if first else f"the {ccat(o, rnd)}"


def cap1(s):
    return s if s.startswith('<') else s[0].upper() + s[1:]


def caption(sc, rnd, named=True, minlen=100):
    obs = [dict(o, name=o['name'] if named else None) for o in sc['objs'] if o['box']]
    obs.sort(key=(lambda o: (o['box'][0] + o['box'][2])) if rnd.random() < .92 else (lambda o: rnd.random()))
    ss = []
    style = rnd.random()
    if not obs:
        ss.append(C(rnd, 'There is nothing but the background in this image.', 'The picture is empty.'))
    elif style < .4 or len(obs) == 1:
        o = obs[0]
        op = C(rnd, 'This image shows', 'In this picture we see', 'Here is', 'The picture features', 'The photo shows', 'We can see', 'In this image there is')
        ss.append(f"{op} {np_(o, rnd)} {at(rnd, o['where'])} of the {C(rnd, 'image', 'picture', 'scene', 'frame')}.")
        for p, o in zip(obs, obs[1:]):
            r = rnd.random()
            if r < .5:
                ss.append(f"{cap1(np_(o, rnd)).rstrip(',') + (',' if False else '')} {C(rnd, 'is', 'appears', 'can be seen')} {rel(rnd, o['box'], p['box'])} {np_(p, rnd, False)}.")
            else:
                ss.append(f"{C(rnd, 'There is also', 'Next comes', 'We also see')} {np_(o, rnd)} {at(rnd, o['where'])}.")
    elif style < .75:
        parts = [f"{np_(o, rnd)} {at(rnd, o['where'])}" for o in obs]
        op = C(rnd, 'This image shows', 'In this picture we see', 'The scene contains', 'The photo brings together', 'We can see')
        ss.append(f"{op} {', '.join(parts[:-1])} and {parts[-1]}.")
    else:
        names = [np_(o, rnd).rstrip(',') for o in obs]
        names = [n.split(',')[0] if n.startswith('<') else n for n in names]
        ss.append(f"{cap1(', '.join(names[:-1]) + ' and ' + names[-1])} {C(rnd, 'share this picture', 'appear together', 'are in this image', 'can be seen here')}.")
        for o in obs:
            ss.append(f"{cap1(np_(o, rnd, False))} {C(rnd, 'is', 'sits', 'stands', 'is placed')} {at(rnd, o['where'])}.")
    bgs = C(rnd, f"The background is {sc['bg']}.", f"Behind {'it' if len(obs) == 1 else 'them'} there is {sc['bg']}.", f"The scene is set against {sc['bg']}.", f"Everything is set on {sc['bg']}.")
    extra = []
    if obs:
        big = max(obs, key=lambda o: (o['box'][2] - o['box'][0]) * (o['box'][3] - o['box'][1]))
        ar = (big['box'][2] - big['box'][0]) * (big['box'][3] - big['box'][1]) / sc['size'][0] / sc['size'][1]
        if len(obs) > 1: extra.append(f"{cap1(np_(big, rnd, False))} is the largest of the {NUM[len(obs)]} objects.")
        else: extra.append(f"{cap1(np_(big, rnd, False))} {'fills a large part of the frame' if ar > .3 else 'looks rather small' if ar < .1 else 'takes up a moderate part of the frame'}.")
        extra.append(C(rnd, f"In total there {'is one object' if len(obs) == 1 else 'are ' + NUM[len(obs)] + ' objects'}.", f"The main color of {np_(big, rnd, False)} is {big['color']}.") if len(obs) else '')
    tail = [bgs] + extra[:1] if rnd.random() < .35 else [bgs]
    t = ' '.join(ss + tail)
    for e in extra:
        if len(t) >= minlen: break
        if e and e not in t: t += ' ' + e
    while len(t) < minlen:
        t += ' ' + C(rnd, 'Nothing else stands out in the picture.', 'The composition is simple and easy to read.', 'The light is even across the whole scene.')
    return t


QCAP = ['Give a personalized caption of this image.', 'Give a caption of the image.', 'Can you provide a personalized caption of this photo?', 'Provide a caption of the given image.', 'Describe this image in detail.', 'Describe the image in detail.', 'Give a personal caption of the image.', 'Provide a personalized caption of the given image.',
        'Give a detailed personalized caption of the image.', 'Give a rich caption of the image.', 'Give a personalized caption of this image. Output the final answer including its name.', 'Describe this image in detail. Output the final answer without duplicating the given information.', 'Can you describe the image using the names of the known subjects?', 'Write a caption for the query image using the given names.',
        'What does this image show? Use the names where they fit.', 'Please describe what you see, mentioning any known subject by name.', 'Caption the image.', 'Provide a detailed description of the query image with the names of the subjects in it.',
        'Describe the picture.', 'Tell me about this photo.', 'Generate a detailed caption that uses the names of the references that are visible.', 'What is happening in this picture?', 'Who and what can be seen in this image?']
QPLAIN = ['Describe the image without using any names.', 'Give a plain caption without names.', 'Caption the image, but do not use the given names.', 'Describe the scene in general terms, no names.']
QOCT = ['Is <{n}> visible in this picture?', 'Is <{n}> visible in this picture? Answer yes or no.', 'Do you see <{n}> in the photo?', "Is <{n}> visible in this picture? The final answer must be either 'yes' or 'no' with no additional output.", "Is the subject <{n}> of the reference image also present in the query image? The final answer must be either 'yes' or 'no' with no additional output.", 'Is <{n}> present in this image?', 'Can you see <{n}> in this photo?', 'Is this the same <{n}> despite variations in lighting or pose? Answer yes or no.',
        'Is <{n}> visible in this image? Answer yes or no.', 'Is <{n}> in the picture?', 'Can you see <{n}> in this image?', 'Does <{n}> appear in the query image? Answer yes or no.', 'Is <{n}> visible?', 'Do you see <{n}> here? Please answer yes or no.']
QVLT = ["Give <{n}>'s bounding box in the image.", 'Please provide the bounding box coordinate of the region this sentence describes: <{n}>.', "Give <{n}>'s bounding box in the image. For bounding box coordinates, return the final answer in JSON format.", 'Please provide the bounding box coordinate of the region this sentence describes: <{n}>. For bounding box coordinates, return the final answer in JSON format.',
        'Locate <{n}> in this picture. For bounding box coordinates, return the final answer in JSON format.', 'Give the bounding box of <{n}> in JSON.', 'Locate <{n}> in the image and output the bbox in JSON format.', 'Where is <{n}>? Output the bounding box as JSON.', 'Detect <{n}> and return its bbox_2d.']
QLIST = ['Which of the named subjects are visible?', 'List the names of the subjects in the image.', 'Who is in this picture? Answer with the names only.', 'Which references appear in the query image? Answer with names.']


def turn_caption(sc, rnd): return rnd.choice(QCAP), caption(sc, rnd)
def turn_plain(sc, rnd): return rnd.choice(QPLAIN), caption(sc, rnd, named=False)


def turn_oct(sc, rnd):
    want = rnd.random() < .45
    k = rnd.choice([k for k, v in enumerate(sc['vis']) if bool(v) == want] or range(len(sc['names'])))
    vis = sc['vis'][k]
    q = rnd.choice(QOCT).format(n=sc['names'][k])
    if "'yes' or 'no'" in q: return q, 'yes' if vis else 'no'
    return q, ('Yes' if vis else 'No') + ('' if 'yes or no' in q else '.')


def turn_vlt(sc, rnd):
    vis = [k for k, v in enumerate(sc['vis']) if v]
    if not vis or rnd.random() < .1:
        ab = [k for k, v in enumerate(sc['vis']) if not v]
        if not ab: return turn_caption(sc, rnd)
        return rnd.choice(QVLT).format(n=sc['names'][rnd.choice(ab)]), '[]'
    k = rnd.choice(vis)
    o = sc['objs'][sc['vis'][k] - 1]
    return rnd.choice(QVLT).format(n=sc['names'][k]), json.dumps({'bbox_2d': o['box'], 'label': f"<{sc['names'][k]}>"}, ensure_ascii=False)


def turn_list(sc, rnd):
    vis = [f"<{n}>" for n, v in zip(sc['names'], sc['vis']) if v]
    return rnd.choice(QLIST), (', '.join(vis) if vis else 'None') + '.'


def turn_vqa(sc, rnd):
    obs = [o for o in sc['objs'] if o['box']]
    nm = [o for o in obs if o['name']]
    ab = [n for n, v in zip(sc['names'], sc['vis']) if not v]
    r = rnd.random()
    if ab and r < .12:
        n = rnd.choice(ab)
        return C(rnd, f'Where is <{n}>?', f'What is <{n}> next to?', f'What color is <{n}>?'), f'<{n}> is not visible in this image.'
    if not nm or r > .88:
        r = rnd.random()
        if r < .4: return C(rnd, 'How many objects are in the image?', 'Count the objects.'), f"{'There is' if len(obs) == 1 else 'There are'} {NUM[len(obs)] if obs else 'no'} object{'' if len(obs) == 1 else 's'}."
        if r < .7 or not obs: return C(rnd, 'What is the background?', 'Describe the background.'), f"The background is {sc['bg']}."
        o = rnd.choice(obs)
        return f"What is {at(rnd, o['where'])} of the image?", (f"<{o['name']}>." if o['name'] else f"{an(o['color'] + ' ' + o['cat'])}.")
    o = rnd.choice(nm); n = f"<{o['name']}>"
    if r < .34:
        return C(rnd, f'Where is {n}?', f'Where in the picture is {n}?'), f"{n} is {at(rnd, o['where'])} of the image."
    if r < .46:
        return C(rnd, f'What color is {n}?', f'What is the main color of {n}?'), f"{n} is {o['color']}."
    if r < .56:
        return C(rnd, f'What is {n}?', f'What kind of thing is {n}?'), f"{n} is {an(o['color'] + ' ' + o['cat'])}."
    if r < .72 and len(obs) > 1:
        p = min((p for p in obs if p is not o), key=lambda p: (p['box'][0] + p['box'][2] - o['box'][0] - o['box'][2]) ** 2 + (p['box'][1] + p['box'][3] - o['box'][1] - o['box'][3]) ** 2)
        return f'What is {n} next to?', f"{n} is {rel(rnd, o['box'], p['box'])} {np_(p, rnd, False) if p['name'] else an(p['color'] + ' ' + p['cat'])}."
    kind = rnd.random()
    if kind < .5:
        right = o['where']; opts = rnd.sample([w for w in ['top left', 'top', 'top right', 'left', 'center', 'right', 'bottom left', 'bottom', 'bottom right'] if w != right], 3); q = f'Where is {n}?'
    elif kind < .75:
        right = o['color']; opts = rnd.sample([w for w in COLORS + ['colorful'] if w != right], 3); q = f'What color is {n}?'
    else:
        right = o['cat']; opts = rnd.sample([w for w in ['animal', 'bird', 'fish', 'vehicle', 'car', 'boat', 'fruit', 'dessert', 'flower', 'tree', 'building', 'toy', 'garment', 'hat', 'instrument', 'tool', 'person', 'face'] if w != right], 3); q = f'What kind of thing is {n}?'
    opts = opts + [right]; rnd.shuffle(opts)
    return q + ' ' + ' '.join(f'{l}. {w}' for l, w in zip('ABCD', opts)) + ' ' + C(rnd, 'Answer with the letter.', "Answer with the option's letter from the given choices directly."), 'ABCD'[opts.index(right)]


SYSTEMS = ["You are a helpful assistant.", "You are a captioning assistant. Your task is to generate an accurate caption for the query image.\nBelow is additional information about the reference images.", "You are a captioning assistant. Your task is to generate an accurate caption for the query image while referencing the given reference images without duplication.\nBelow is additional information about the reference images."]
TURNS = {'caption': turn_caption, 'plain': turn_plain, 'oct': turn_oct, 'vlt': turn_vlt, 'list': turn_list, 'vqa': turn_vqa}
MIX = {'caption': .34, 'oct': .19, 'vlt': .22, 'list': .10, 'vqa': .12, 'plain': .03}


# ----------------------------------------------------------------------------------------------- scenes
HUES = (0, 0, 0, 0, 0, 0, 120, 240)      # one in four: natural colours matter most (look-alikes of one category)


def scene(pack, rnd, nrng, split='train', n_vis=None, n_abs=None, n_extra=None, hue=True, max_refs=4, hard=.5, near=0., shape=(8, 8), rshape=(4, 4)):
    """n_vis refs visible in the query, n_abs refs absent, n_extra unnamed objects in the query."""
    if n_vis is None:
        n_vis = rnd.choices((0, 1, 2, 3, 4), (.14, .25, .27, .16, .18))[0]
        n_vis = min(n_vis, max_refs)
    if n_abs is None:
        n_abs = rnd.choices((0, 1, 2, 3), (.26, .30, .31, .13))[0]
    n_abs = min(n_abs, max_refs - n_vis)
    if n_vis + n_abs == 0: n_abs = 1
    if n_extra is None:
        n_extra = 0 if n_vis >= 4 else rnd.choices((0, 1, 2), (.62, .28, .10))[0]
    n_extra = min(n_extra, 4 - n_vis)
    if n_vis + n_extra == 0 and rnd.random() < .9: n_extra = 1
    ids = pack.train if split == 'train' else pack.held; base = pack.train_base if split == 'train' else ids; bcat = pack.bycat_base if split == 'train' else pack.bycat['held']
    used, insts = set(), []
    def pick():
        for _ in range(30):
            if insts and rnd.random() < hard:
                b = rnd.choice(insts)
                if hue and rnd.random() < .05:
                    c = (b[0], rnd.choice([h for h in (0, 120, 180, 240) if min(abs(h - b[1]), 360 - abs(h - b[1])) >= 100] or [0]))
                elif near and b[0] in pack.near and pack.near[b[0]] and rnd.random() < near:
                    c = (rnd.choice(pack.near[b[0]]), 0)
                else:
                    c = (rnd.choice((bcat if rnd.random() < .7 else pack.bycat[split])[pack.sp[b[0]]['cat']]), 0)
            else:
                c = (rnd.choice(base if rnd.random() < .5 else ids), rnd.choice(HUES) if hue else 0)
            if any(u[0] == c[0] and (min(abs(u[1] - c[1]), 360 - abs(u[1] - c[1])) < 100 or pack.color(*u) == pack.color(*c)) for u in insts):
                continue
            insts.append(c); return c
        c = (rnd.choice(ids), 0); insts.append(c); return c
    refs = [pick() for _ in range(n_vis + n_abs)]
    extra = [pick() for _ in range(n_extra)]
    order = list(range(len(refs))); rnd.shuffle(order)
    vis_refs = set(order[:n_vis])
    qlist = [(refs[k], k) for k in sorted(vis_refs, key=lambda _: rnd.random())] + [(e, None) for e in extra]
    rnd.shuffle(qlist)
    img, boxes, cover, bgd = render_query(pack, split, [i for i, _ in qlist], rnd, nrng, shape=shape); W, H = shape[1] * CELL, shape[0] * CELL
    names, low = [], set()
    while len(names) < len(refs):
        n = make_name(rnd)
        if n.lower() not in low: low.add(n.lower()); names.append(n)
    objs, vis = [], [0] * len(refs)
    for j, ((inst, k), b) in enumerate(zip(qlist, boxes)):
        m = pack.sp[inst[0]]
        objs.append(dict(sid=inst[0], hue=inst[1], cat=m['cat'], fine=m['fine'], color=pack.color(*inst), box=b, where=place(b, W, H) if b else None, ref=k, name=None if k is None else names[k]))
        if k is not None and b: vis[k] = j + 1
    infos = []
    for inst in refs:
        m = pack.sp[inst[0]]
        infos.append(make_info(rnd, dict(cat=m['cat'], fine=m['fine'], color=pack.color(*inst))))
    return dict(query=img, refs=[render_ref(pack, split, *i, rnd, nrng, rshape[1] * CELL, rshape[0] * CELL) for i in refs], ref_inst=refs, names=names, infos=infos, vis=vis, objs=objs, cover=cover, bg=bgd, size=(W, H), shape=shape, rshape=rshape)


def turns(sc, rnd, n=3, mix=MIX):
    ks, ws = list(mix), list(mix.values())
    out, seen = [], set()
    for _ in range(n):
        k = rnd.choices(ks, ws)[0]
        q, a = TURNS[k](sc, rnd)
        if q in seen: continue
        seen.add(q); out.append((k, q, a))
    return out


def text_sample(pack, rnd):
    """Only texts (no rendering), for the tokeniser."""
    n = rnd.randint(1, 4)
    objs, names = [], []
    for j in range(n):
        sid = rnd.choice(pack.train); m = pack.sp[sid]
        x, y, w, h = rnd.randint(0, 150), rnd.randint(0, 150), rnd.randint(20, 70), rnd.randint(20, 70)
        names.append(make_name(rnd))
        objs.append(dict(cat=m['cat'], fine=m['fine'], color=pack.color(sid, rnd.choice(HUES)), box=[x, y, x + w, y + h], where=place([x, y, x + w, y + h]), ref=j, name=names[-1]))
    sc = dict(objs=objs, names=names, vis=[j + 1 if rnd.random() < .7 else 0 for j in range(n)], bg=rnd.choice(pack.bgs['train'])[1], size=(Q, Q))
    for o, v in zip(objs, sc['vis']):
        if not v: o['name'] = None
    t = [rnd.choice(SYSTEMS), 'You are a helpful assistant.', 'system', 'user', 'assistant'] + [f'{k + 1}. Name: <{nm}>, Info: {make_info(rnd, o)}' for k, (nm, o) in enumerate(zip(names, objs))]
    for _, q, a in turns(sc, rnd, 4): t += ['This is the query image. ' + q, a]
    return '\n'.join(' ' + x if x.startswith('<') else x for x in t)


if __name__ == '__main__':
    cmd = sys.argv[1]
    if cmd == 'pack':
        build_pack(sys.argv[2], HERE + '/assets/x')
    else:
        t = time.time(); pack = Pack(HERE + '/assets.pack', n_virtual=int(os.environ.get('VIRTUAL', 0))); print('loaded', time.time() - t, 's', len(pack.train), len(pack.held), len(pack.words), 'words')
        rnd, nrng = random.Random(1), np.random.default_rng(1)
        if cmd == 'bench':
            t = time.time(); n = 0
            while time.time() - t < 5:
                sc = scene(pack, rnd, nrng); turns(sc, rnd, 4); n += 1
            print(n / (time.time() - t), 'samples/s')
        if cmd == 'show':
            rows = []
            for _ in range(int(sys.argv[2])):
                sc = scene(pack, rnd, nrng, near=.3, shape=rnd.choice(QSHAPES + [(8, 8)] * 20), rshape=rnd.choice(RSHAPES))
                row = np.full((310, 310 + 4 * 144, 3), 255, np.uint8); q = sc['query'].copy()
                for o in sc['objs']:
                    if o['box']: cv2.rectangle(q, o['box'][:2], o['box'][2:], (255, 0, 0) if o['name'] else (0, 0, 255), 1)
                row[:q.shape[0], :q.shape[1]] = q
                for k, r in enumerate(sc['refs']): row[:r.shape[0], 310 + k * 144:310 + k * 144 + r.shape[1]] = r
                for k, (nm, v) in enumerate(zip(sc['names'], sc['vis'])): cv2.putText(row, f'{k+1} {nm.encode("ascii", "replace").decode()} {v}', (316, 190 + 16 * k), 0, .4, (0, 0, 0), 1)
                rows.append(row)
                print([(n, i) for n, i in zip(sc['names'], sc['infos'])], sc['vis'])
                for x in turns(sc, rnd, 5): print('   ', x)
            n = len(rows); c = 2
            sheet = np.concatenate([np.concatenate(rows[i::c], 0)[:n // c * 310] for i in range(c)], 1)
            cv2.imwrite(sys.argv[3], sheet[..., ::-1])
