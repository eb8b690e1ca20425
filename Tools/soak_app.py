#!/usr/bin/python3
"""Uses the app at random for a while and watches its memory.

    Tools/soak_app.py .build/release/studio [--home HOME] [--seconds 180] [--rate 30] [--captions]

Presses harmless keys (moving, screens, popups, search, resizing) in a throw-away library of 200
concepts, or in HOME, which should be a copy. Prints the resident memory in MiB once a minute (every
quarter of a minute in short runs) as JSON, each after three quiet seconds, because what counts is
what stays; also the processor's share of the two seconds after those, what the log says, and
temporary files that are left. Needs python3-pil without HOME.
"""
import argparse, json, os, random, shutil, statistics, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from app_terminal import App, fill

KEYS = ["j"] * 12 + ["k"] * 8 + list("123456") * 2 + [
    "?", "\x1b", "\x1b", ":", "\x1b", "w", "\x1b", "gg", "G", "gt", "/m", "\x1b", "\t", "\x1b[B",
    "\x1b[A", "[", "]", "\x1b[6~", "\x1b[5~", "L"]
# To the screen Ask, a sample picture, a caption; keys at random follow while it is written.
CAPTION = ["\x1b", "\x1b", "2", "O", "\r", "r"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--home")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--rate", type=float, default=30, help="keys in a second")
    parser.add_argument("--captions", action="store_true", help="let the model write captions too")
    options = parser.parse_args()
    random.seed(7)
    program = os.path.abspath(options.program)
    folder = tempfile.mkdtemp(prefix="studio-soak-")
    home = options.home and os.path.abspath(options.home)
    if not home:
        home = os.path.join(folder, "home")
        fill(program, home, 200)
    temporary = os.path.join(folder, "tmp")
    os.makedirs(temporary)
    try:
        soak(App(program, home, TMPDIR=temporary), options, home, temporary)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def soak(app, options, home, temporary):
    points, idle, keys, captions = [], [], 0, 0
    app.pump(3)
    start = time.monotonic()
    while (elapsed := time.monotonic() - start) < options.seconds and app.alive:
        if elapsed >= len(points) * (60 if options.seconds > 900 else 15):
            app.pump(3)
            points.append(round(app.memory(), 1))
            before = app.processor()
            app.pump(2)
            idle.append((app.processor() - before) / 2 * 100)
        if options.captions and random.random() < 0.002:
            for key in CAPTION:
                app.press(key)
                app.pump(0.4)
            captions += 1
        app.press(random.choice(KEYS))
        keys += 1
        if random.random() < 0.004:
            app.size(random.choice([80, 100, 120, 200]), random.choice([24, 30, 36, 50]))
        app.pump(1 / options.rate)
    result = {"alive": app.alive, "seconds": round(time.monotonic() - start), "keys": keys,
              "captions": captions, "memory_mib": points}
    if points:
        result.update(first=points[0], last=points[-1], median=statistics.median(points),
                      idle_processor_percent=round(statistics.median(idle), 3))
    if app.alive:
        app.close()
    result["temporary_files"] = os.listdir(temporary)
    result["log"] = troubles(home)
    print(json.dumps(result, indent=1))


def troubles(home):
    """How many lines the log has, and those that are worse than information."""
    path = os.path.join(home, "state", "log", "studio.log")
    try:
        with open(path) as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    return [f"{len(lines)} lines"] + [
        line for line in lines if " info " not in f"{line} ".lower()][:20]


if __name__ == "__main__":
    main()
