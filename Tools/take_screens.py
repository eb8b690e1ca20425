#!/usr/bin/env python3
"""Makes the pictures of docs/screens from the real app in a real xterm.

    Tools/take_screens.py .build/release/studio docs/screens [--only 120x36]

Needs the Debian packages xvfb, xterm, xdotool, tmux, fonts-dejavu-core and python3-pil. Works in a
throw-away home that is filled with the sample concepts.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "Tests", "Scripts"))
from xterm import Display, Xterm  # noqa: E402

SIZES = [(80, 24), (120, 36), (200, 50)]


def fill(program, home):
    """Registers the sample concepts; returns a query of four of them and their names."""
    with open(os.path.join(ROOT, "Samples", "truth.json")) as file:
        truth = json.load(file)
    for concept in truth["concepts"]:
        subprocess.run(
            [program, "concept", "add", concept["name"],
             os.path.join(ROOT, "Samples", concept["file"]), "--info", concept["info"],
             "--category", concept["category"], "--tag", "sample", "--tag", concept["category"],
             "--home", home], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    query = max(truth["queries"], key=lambda query: len(query["objects"]))
    names = [item["name"] for item in query["objects"]][:4]
    return os.path.join(ROOT, "Samples", query["file"]), names


class Camera:
    def __init__(self, terminal, out, suffix):
        self.terminal, self.out, self.suffix = terminal, out, suffix
        self.frames = []

    def shot(self, name):
        picture = self.terminal.settle(limit=60)
        self.save(picture, name)
        return picture

    def save(self, picture, name):
        path = os.path.join(self.out, f"{name}-{self.suffix}.png")
        picture.convert("RGB").quantize(192).save(path, optimize=True)
        print(path, os.path.getsize(path) // 1024, "KB", flush=True)


def ask(terminal, query, names):
    """Opens a sample query in Ask with these concepts in the slots."""
    terminal.key("2")
    terminal.settle()
    terminal.key("O")
    terminal.settle()
    terminal.type(os.path.basename(query))
    terminal.key("Return")
    terminal.settle()
    for name in names:
        terminal.key("a")
        terminal.settle()
        terminal.type(name)
        terminal.settle()
        terminal.key("Return")
        terminal.settle()


def caption(terminal):
    terminal.key("Return")
    time.sleep(1.0)
    terminal.settle(quiet=1.5, limit=60)


def walk(terminal, camera, query, names):
    """All screens."""
    camera.shot("concepts")
    terminal.key("g", "t")
    terminal.key("j", "l")
    camera.shot("concepts-grid")
    terminal.key("g", "t")
    terminal.settle()
    terminal.key("Return")
    camera.shot("concept")
    terminal.key("x")
    camera.shot("crop")
    terminal.key("Escape")
    terminal.settle()
    terminal.key("Escape")
    terminal.settle()
    terminal.key("slash")
    terminal.type("bz")
    camera.shot("search")
    terminal.key("Escape")
    terminal.settle()
    terminal.key("question")
    camera.shot("help")
    terminal.key("Escape")
    terminal.settle()

    ask(terminal, query, names)
    camera.shot("ask")
    caption(terminal)
    camera.shot("ask-caption")
    terminal.key("C")
    terminal.settle()
    terminal.key("2")
    terminal.settle()
    # The same question, drawn by chance, for something to compare.
    terminal.key("e")
    terminal.settle()
    terminal.type("1.1")
    terminal.key("Return")
    terminal.settle()
    terminal.key("R")
    time.sleep(1)
    terminal.settle(quiet=1.5, limit=60)
    terminal.key("C")
    camera.shot("compare")

    terminal.key("3")
    terminal.settle()
    for name in names:
        terminal.key("c")
        terminal.settle()
        terminal.type(name)
        terminal.settle()
        terminal.key("Return")
        terminal.settle()
    camera.shot("compose")
    terminal.key("5")
    camera.shot("history")
    terminal.key("6")
    camera.shot("settings-models")
    terminal.key("bracketright")
    camera.shot("settings-options")
    terminal.key("bracketright")
    camera.shot("settings-keys")
    terminal.key("bracketright")
    time.sleep(2)
    camera.shot("settings-doctor")
    terminal.key("1")
    terminal.settle()
    terminal.key("T")
    camera.shot("tour")


def film(terminal, out, query, names):
    """The main flow as an animation."""
    from PIL import Image

    frames, waits = [], []

    def frame(milliseconds):
        picture = terminal.picture().convert("RGB")
        if frames and list(frames[-1].getdata()) == list(picture.getdata()):
            waits[-1] += milliseconds
            return
        frames.append(picture)
        waits.append(milliseconds)

    terminal.settle()
    frame(900)
    for _ in range(4):
        terminal.key("j")
        terminal.settle()
        frame(500)
    terminal.key("g", "t")
    terminal.settle()
    frame(1200)
    terminal.key("g", "t")
    terminal.key("2")
    terminal.settle()
    ask(terminal, query, [])
    frame(900)
    for name in names:
        terminal.key("a")
        terminal.type(name)
        terminal.key("Return")
        terminal.settle()
        frame(450)
    terminal.key("Return")
    end = time.monotonic() + 12
    last = None
    while time.monotonic() < end:
        frame(140)
        size = len(frames)
        if size != last:
            last, quiet = size, time.monotonic()
        elif time.monotonic() - quiet > 2.5:
            break
        time.sleep(0.05)
    waits[-1] = 3500
    terminal.key("5")
    terminal.settle()
    frame(2500)
    width = 760
    height = frames[0].height * width // frames[0].width
    small = [f.resize((width, height), Image.LANCZOS).quantize(96) for f in frames]
    path = os.path.join(out, "tour.gif")
    small[0].save(
        path, save_all=True, append_images=small[1:], duration=waits, loop=0, optimize=True)
    print(path, os.path.getsize(path) // 1024, "KB,", len(frames), "frames", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("out")
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    program, out = os.path.abspath(options.program), os.path.abspath(options.out)
    os.makedirs(out, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="studio-screens-")
    try:
        def home():
            path = tempfile.mkdtemp(dir=folder)
            return path, fill(program, path)

        def variables(path, **more):
            return dict(STUDIO_HOME=path, STUDIO_SAMPLES=os.path.join(ROOT, "Samples"), **more)

        with Display() as display:
            for columns, rows in SIZES:
                name = f"{columns}x{rows}"
                if options.only and name not in options.only:
                    continue
                path, (query, names) = home()
                with Xterm(display, [program], columns=columns, rows=rows, sixel=True,
                           extra=variables(path)) as terminal:
                    walk(terminal, Camera(terminal, out, name), query, names)
            others = [
                ("plain-xterm", [program], False, {}),
                ("tmux", ["tmux", "-L", "screens", "-f", "/dev/null", "new-session", program], True, {}),
                ("no-color", [program], True, {"NO_COLOR": "1"}),
            ]
            for name, command, sixel, more in others:
                if options.only and name not in options.only:
                    continue
                path, (query, names) = home()
                with Xterm(display, command, columns=120, rows=36, sixel=sixel,
                           extra=variables(path, **more)) as terminal:
                    camera = Camera(terminal, out, name)
                    camera.shot("concepts")
                    ask(terminal, query, names)
                    caption(terminal)
                    camera.shot("ask-caption")
            if not options.only or "film" in options.only:
                path, (query, names) = home()
                with Xterm(display, [program], columns=100, rows=30, sixel=True,
                           extra=variables(path)) as terminal:
                    film(terminal, out, query, names)
    finally:
        subprocess.run(["tmux", "-L", "screens", "kill-server"], stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


main()
