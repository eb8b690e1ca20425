#!/usr/bin/python3
"""Takes the pictures of the documentation: every screen of the studio in a real xterm.

    Tools/take_screens.py .build/release/studio OUT [--only NAME] [--size 120x36]

Fills a throw-away library with the sample concepts and captions, walks through the screens at
three sizes and writes OUT/ask-120x36.png and so on, and OUT/tour.gif, which moves. Needs the same
packages as Tests/Scripts/app_in_xterm.py.
"""
import argparse, os, subprocess, sys, tempfile, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tests/Scripts"))
from PIL import Image, ImageChops

from xterm import Display, wait_until
from xterm_studio import SAMPLES, Library, Studio, sample_queries, strongest_difference

SIZES = [(80, 24), (120, 36), (200, 50)]
TAGS = {
    "Luna": ["harbour"], "Marlo": ["harbour"], "Polly": ["kitchen"], "Momo": ["kitchen"],
    "Honey": ["kitchen"], "Tully": ["kitchen"], "Teddo": ["nursery"], "Zippy": ["nursery"],
    "Milo": ["nursery", "holidays"], "Bruna": ["holidays"], "Felix": ["holidays"],
}
# Captions that are in the history, the last one on top; the two last are compared.
CAPTIONS = [(7, []), (10, []), (15, []), (16, []), (14, []), (19, []),
            (18, ["--temperature", "0.8", "--seed", "2"]), (18, [])]
QUERY = 18
# A user's folder with a short name, because some screens show paths.
PLACE = os.path.join(tempfile.gettempdir(), "ada")


# MARK: - The library

def fill(program):
    """Sample concepts, some with tags and more than one picture, and a few captions."""
    library = Library(program, tags=TAGS, place=PLACE)
    queries = sample_queries()
    add_crops(library, queries)
    for index, options in CAPTIONS:
        query = queries[index]
        names = [part for o in query["objects"] for part in ("--concept", o["name"])]
        library.run("caption", os.path.join(library.user, "Samples", query["file"]), *names,
                    *options, "--quiet")
    train(library)
    library.date()
    return library


def train(library):
    """A short run, so that there are curves, answers, and scenes before and after."""
    library.run("train", "--concepts", "Milo,Luna", "--steps", "24", "--checkpoint-every", "6",
                "--held-out", "8", "--prompts", "2", "--quiet")


def add_crops(library, queries):
    """More pictures of two concepts, cut out of the pictures they occur in."""
    for name in ("Milo", "Luna"):
        files = []
        for index, query in enumerate(queries):
            for thing in query["objects"]:
                if thing["name"] != name:
                    continue
                left, top, right, bottom = thing["box"]
                with Image.open(os.path.join(SAMPLES, query["file"])) as picture:
                    margin = 6
                    box = (max(0, left - margin), max(0, top - margin),
                           min(picture.size[0], right + margin),
                           min(picture.size[1], bottom + margin))
                    file = os.path.join(library.folder, f"{name}-{index}.png")
                    picture.crop(box).save(file)
                    files.append(file)
        library.run("concept", "edit", name, "--quiet",
                    *[part for file in files for part in ("--add-image", file)])


# MARK: - The walk

class Walk:
    """One run of the studio, in which pictures are taken."""

    def __init__(self, display, library, out, columns, rows, wanted):
        self.out, self.wanted = out, wanted
        self.suffix = f"{columns}x{rows}"
        self.studio = Studio(display, library, columns, rows, settings={"images.dither": "off"})

    def keep(self, name, image=None):
        """Writes what is seen."""
        if self.wanted and not any(word in name for word in self.wanted):
            return
        save(image or self.studio.settle(), os.path.join(self.out, f"{name}-{self.suffix}.png"))

    def choose(self, text):
        """Types into a list that was opened, and takes the first that fits."""
        self.studio.settle()
        self.studio.type(text)
        self.studio.press("Return")

    def concepts(self):
        studio = self.studio
        studio.press(*["j"] * 8)
        self.keep("concepts")
        studio.press("g")
        self.keep("which-key")
        studio.press("t")
        self.keep("concepts-grid")
        studio.press("g", "t")
        studio.press("Return")
        self.keep("concept")
        studio.press("x")
        self.keep("crop")
        studio.press("Escape")
        studio.press("Escape")
        studio.press("slash")
        studio.type("bo")
        self.keep("search")
        studio.press("Escape")

    def history(self):
        self.studio.press("5")
        self.keep("history")
        self.studio.press("space", "space")
        self.studio.press("C")
        self.studio.press("4")
        self.studio.without_message()
        self.keep("compare")

    def compose(self):
        studio = self.studio
        studio.press("3")
        for name, keys in (("bruna", []), ("vinnie", ["plus", "plus"]), ("teddo", ["r"]),
                           ("luna", ["f", "minus"])):
            studio.press("c")
            self.choose(name)
            studio.press(*keys)
        studio.without_message()
        self.keep("compose")

    def ask(self):
        studio = self.studio
        studio.press("2")
        for thing in sample_queries()[QUERY]["objects"]:
            studio.press("a")
            self.choose(thing["name"].lower())
        studio.press("O")
        self.choose(f"query_{QUERY}")
        before = studio.without_message()
        self.keep("ask", before)
        frames = record(studio, lambda: studio.key("Return"))
        self.keep("ask-writing", halfway(frames, before))
        studio.without_message()
        self.keep("ask-caption")

    def train(self):
        studio = self.studio
        studio.press("6")
        self.keep("train")
        studio.press("Return", "bracketright")
        self.keep("train-answers")
        studio.press("bracketright")
        self.keep("train-scenes")
        studio.press("bracketright", "n")
        self.keep("train-form")
        studio.press("Escape")
        studio.press("Escape")

    def settings(self):
        self.studio.press("7")
        for name in ("models", "options", "keys", "doctor"):
            self.keep(f"settings-{name}")
            self.studio.press("bracketright")

    def overlays(self):
        studio = self.studio
        studio.press("1")
        studio.press("question")
        self.keep("help")
        studio.press("Escape")
        studio.press("colon")
        studio.type("comp")
        self.keep("palette")
        studio.press("Escape")
        studio.press("w")
        self.keep("tasks")
        studio.press("Escape")
        studio.press("e")
        self.keep("edit")
        studio.press("Escape")
        studio.press("T")
        self.keep("tour")

    def all(self):
        with self.studio:
            for part in (self.concepts, self.history, self.compose, self.ask, self.train,
                         self.settings, self.overlays):
                part()


def record(studio, start, every=0.04, limit=60):
    """Pictures from a start until everything has come to rest, each when it was first seen."""
    frames, done = [], threading.Event()
    height = studio.size[1]

    def watch():
        last = None
        while not done.is_set():
            mark = studio.display.fingerprint(height)
            if mark != last:
                last = mark
                frames.append((time.monotonic(), studio.picture()))
            time.sleep(every)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        start()
        studio.settle(quiet=0.8, limit=limit)
    finally:
        done.set()
        thread.join()
    return frames


def halfway(frames, before):
    """The picture in which half of the caption is there."""
    final = frames[-1][1]

    def clear(left, right):
        return strongest_difference(left, right).point(lambda value: 255 if value > 60 else 0)

    written = clear(final, before)

    def missing(image):
        return sum(ImageChops.multiply(clear(final, image), written).histogram()[128:])

    half = missing(before) / 2
    return min((image for _, image in frames), key=lambda image: abs(missing(image) - half))


# MARK: - Other terminals

def others(display, library, out, wanted):
    """The same screen where there is less: a plain xterm, tmux, and no colours."""
    def keep(name, studio):
        if not wanted or any(word in name for word in wanted):
            save(studio.settle(), os.path.join(out, f"{name}.png"))

    with Studio(display, library, sixel=False) as studio:
        studio.press(*["j"] * 8)
        keep("concepts-plain-xterm", studio)
        restore_last(studio)
        keep("ask-caption-plain-xterm", studio)
    socket = f"screens-{os.getpid()}"
    try:
        with Studio(display, library, command=[
                "tmux", "-L", socket, "-f", os.devnull, "new-session", library.program]) as studio:
            studio.started()
            studio.press(*["j"] * 8)
            keep("concepts-tmux", studio)
            restore_last(studio)
            keep("ask-caption-tmux", studio)
    finally:
        subprocess.run(["tmux", "-L", socket, "kill-server"], capture_output=True)
    with Studio(display, library, extra={"NO_COLOR": "1"}) as studio:
        studio.press(*["j"] * 8)
        keep("concepts-no-color", studio)
        restore_last(studio)
        keep("ask-caption-no-color", studio)


def restore_last(studio):
    """Shows the last caption of the history on the screen Ask."""
    studio.press("5")
    studio.press("Return")
    studio.press("2")
    studio.without_message()


# MARK: - The moving picture

def film(display, library, path):
    """Browsing concepts, asking, a caption that streams in."""
    with Studio(display, library, 100, 30, settings={"images.dither": "off"}) as studio:
        def perform():
            def pause(seconds):
                time.sleep(seconds)

            pause(0.8)
            for _ in range(4):
                studio.key("j")
                pause(0.45)
            pause(0.4)
            restore_last(studio)
            pause(0.8)
            studio.key("Return")
            studio.settle(quiet=1.0)
            pause(1.5)

        frames = record(studio, perform, every=0.08)
    write_gif(frames, path)


def write_gif(frames, path, colours=96):
    """An animation with one palette for all of its pictures."""
    samples = [image.resize((image.size[0] // 2, image.size[1] // 2), Image.NEAREST)
               for _, image in frames[::max(1, len(frames) // 8)]]
    sheet = Image.new("RGB", (samples[0].size[0], samples[0].size[1] * len(samples)))
    for index, sample in enumerate(samples):
        sheet.paste(sample, (0, index * sample.size[1]))
    palette = sheet.quantize(colours, method=Image.MEDIANCUT)
    pictures = [image.quantize(palette=palette, dither=Image.NONE) for _, image in frames]
    times = [when for when, _ in frames]
    lasting = [max(20, round((b - a) * 1000)) for a, b in zip(times, times[1:])] + [2500]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=lasting, loop=0,
                     optimize=True, disposal=1)
    print(f"{path} {len(pictures)} pictures, {sum(lasting) / 1000:.1f} s, "
          f"{os.path.getsize(path) // 1024} KiB", flush=True)


def save(image, path):
    """Writes a picture with 256 colours, which is a third of the size."""
    reduced(image, 256).save(path, optimize=True)
    print(f"{path} {os.path.getsize(path) // 1024} KiB", flush=True)


def reduced(image, colours, exact=96):
    """A picture with a palette in which the colours of the text are exactly what they were."""
    counts = sorted(image.getcolors(1 << 24), reverse=True)
    first = [colour for _, colour in counts[:exact]]
    known = set(first)
    rest = [(count, colour) for count, colour in counts[exact:] if colour not in known]
    palette = list(first)
    if rest:
        pixels = [colour for count, colour in rest for _ in range(min(count, 50))]
        strip = Image.new("RGB", (len(pixels), 1))
        strip.putdata(pixels)
        made = strip.quantize(colours - len(first), method=Image.MEDIANCUT).getpalette()
        palette += [tuple(made[i:i + 3]) for i in range(0, 3 * (colours - len(first)), 3)]
    table = Image.new("P", (1, 1))
    flat = [value for colour in palette for value in colour]
    table.putpalette(flat + flat[:3] * (256 - len(palette)))
    return image.quantize(palette=table, dither=Image.NONE)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("out")
    parser.add_argument("--only", action="append", default=[], help="pictures with this in the name")
    parser.add_argument("--size", action="append", default=[], help="only this size")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    if os.path.exists(PLACE):
        sys.exit(f"{PLACE} exists; this program needs that name for a folder of its own")
    library = fill(options.program)
    try:
        with Display() as display:
            for columns, rows in SIZES:
                if not options.size or f"{columns}x{rows}" in options.size:
                    Walk(display, library, options.out, columns, rows, options.only).all()
            if not options.size:
                others(display, library, options.out, options.only)
                if not options.only or "tour" in options.only:
                    film(display, library, os.path.join(options.out, "tour.gif"))
    finally:
        library.close()


if __name__ == "__main__":
    main()
