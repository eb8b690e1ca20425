"""Drawings of the recipe's pack as concepts of a library, and scenes of them with known contents."""
import io
import json
import random
import zipfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

ROOT = Path(__file__).resolve().parents[2]
SIDE = 224
PLAIN = [(205, 45, 45), (235, 140, 40), (235, 215, 70), (70, 160, 70), (60, 110, 200), (165, 205, 240), (130, 75, 175),
         (240, 165, 190), (125, 85, 50), (40, 40, 44), (235, 235, 232), (140, 140, 142), (243, 230, 200)]


class Pack:
    """The cut-outs; `held` ones were kept from the embedded model's training."""

    def __init__(self):
        self.zip = zipfile.ZipFile(ROOT / "Samples/recipe/assets.pack")
        self.sprites = json.loads(self.zip.read("meta.json"))["sprites"]

    def image(self, index):
        return Image.open(io.BytesIO(self.zip.read(f"s/{index:05d}.webp"))).convert("RGBA")

    def groups(self, held, draw, most=4):
        """Groups of four of one category, so that everybody has look-alikes; at most so many of a category."""
        categories = {}
        for index, sprite in enumerate(self.sprites):
            if sprite["held"] == held and sprite["cat"] != "sign":
                categories.setdefault(sprite["cat"], []).append(index)
        found = []
        for category in sorted(categories):
            members = categories[category]
            draw.shuffle(members)
            count = min(len(members) // 4, most)
            found += [(category, members[4 * k:4 * k + 4]) for k in range(count)]
        draw.shuffle(found)
        return found


def invented_names(count, seed):
    """Names of two syllables, nobody's twice."""
    draw = random.Random(seed)
    onsets, cores = "b d f g h k l m n p r s t v z br tr kl".split(), "a e i o u ai ee".split()
    names = []
    while len(names) < count:
        name = "".join(draw.choice(onsets) + draw.choice(cores) + draw.choice(["", "n", "r", "l", "x", "s"])
                       for _ in range(2)).capitalize()
        if name not in names:
            names.append(name)
    return names


def article(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


def concepts(pack, groups, names, draw):
    """One line of info each: the kind, or something that does not help."""
    rows = []
    for number, (category, members) in enumerate(groups):
        for index in members:
            info = draw.choice([article(category), "one of a kind", article(pack.sprites[index]["noun"])])
            rows.append({"name": names[len(rows)], "info": info, "category": category, "group": number,
                         "sprite": index})
    return rows


def backdrop(draw):
    first, second = draw.sample(PLAIN, 2)
    kind = draw.randrange(4)
    image = Image.new("RGB", (SIDE, SIDE), first)
    brush = ImageDraw.Draw(image)
    size = draw.randrange(16, 48)
    if kind == 1:
        for y in range(SIDE):
            share = y / SIDE
            brush.line([(0, y), (SIDE, y)], tuple(int(a + (b - a) * share) for a, b in zip(first, second)))
    elif kind == 2:
        for x in range(0, SIDE, 2 * size):
            brush.rectangle([x, 0, x + size, SIDE], second)
    elif kind == 3:
        horizon = draw.randrange(SIDE // 3, 2 * SIDE // 3)
        brush.rectangle([0, horizon, SIDE, SIDE], second)
    return image.filter(ImageFilter.GaussianBlur(draw.choice([0, 0, 1, 3])))


def scene(pack, indices, draw):
    """A picture of some drawings, turned, mirrored, in other light, and the box of each."""
    image = backdrop(draw)
    boxes = []
    for index in indices:
        sprite = pack.image(index)
        share = draw.uniform(0.3, 0.6) if len(indices) < 3 else draw.uniform(0.25, 0.4)
        scale = share * SIDE / max(sprite.size)
        sprite = sprite.resize([max(8, int(side * scale)) for side in sprite.size], Image.LANCZOS)
        sprite = sprite.rotate(draw.uniform(-15, 15), expand=True, resample=Image.BICUBIC)
        if draw.random() < 0.4:
            sprite = sprite.transpose(Image.FLIP_LEFT_RIGHT)
        gain = [draw.uniform(0.85, 1.15) for _ in range(3)]
        red, green, blue, alpha = sprite.split()
        bands = [band.point(lambda value, g=g: int(min(255, value * g))) for band, g in zip((red, green, blue), gain)]
        sprite = Image.merge("RGBA", [*bands, alpha])
        box = None
        for _ in range(60):
            x, y = draw.randrange(0, SIDE - sprite.width + 1), draw.randrange(0, SIDE - sprite.height + 1)
            box = [x, y, x + sprite.width, y + sprite.height]
            if all(box[2] <= b[0] or b[2] <= box[0] or box[3] <= b[1] or b[3] <= box[1] for b in boxes):
                break
        image.paste(sprite, box[:2], sprite)
        boxes.append(box)
    return image, boxes


def write_set(folder, pack, rows, plan, seed):
    """A truth.json of the studio. `plan` lists (places present, places absent, sprites of strangers)."""
    draw = random.Random(seed)
    (folder / "concepts").mkdir(parents=True, exist_ok=True)
    (folder / "queries").mkdir(exist_ok=True)
    listed = []
    for place, row in enumerate(rows):
        file = f"concepts/{place:03d}.png"
        image = pack.image(row["sprite"])
        image.save(folder / file)
        listed.append({"id": place, "file": file, "size": list(image.size), "name": row["name"], "info": row["info"],
                       "category": row["category"]})
    queries = []
    for number, (present, absent, strangers) in enumerate(plan):
        image, boxes = scene(pack, [rows[p]["sprite"] for p in present] + strangers, draw)
        file = f"queries/{number:04d}.png"
        image.save(folder / file)
        objects = [{"concept": p, "name": rows[p]["name"], "box": box} for p, box in zip(present, boxes)]
        queries.append({"file": file, "size": [SIDE, SIDE], "objects": objects, "others": [],
                        "suggested_absent": absent, "lookalikes_absent": absent})
    (folder / "truth.json").write_text(json.dumps({"image_size": [SIDE, SIDE], "concepts": listed,
                                                   "queries": queries}, ensure_ascii=False, indent=1))
