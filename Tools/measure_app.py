#!/usr/bin/python3
"""Measures the app as its user feels it and prints a table of what was wanted and what was found.

    Tools/measure_app.py .build/release/studio [--repeat 20] [--only WORD] [--json FILE]

Runs the program in a pseudo-terminal that answers like an xterm with sixel, presses keys as a
keyboard repeats them, and reads the times from the program's own trace (STUDIO_TRACE). Each figure
is the median of the runs (worst in brackets); key times are from the arrival of the key to the end
of drawing it. Takes about ten minutes with 20 runs on a machine that does nothing else. Needs
python3-pil. Names for --only: paint, keys, jumps, cold, writing, search, idle, line.
"""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from app_terminal import App, fill


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def keys_of(lines):
    return [line["ms"] for line in lines if line["event"] == "key"]


def until_picture(lines):
    """From the arrival of the last key to the first frame with a picture, in milliseconds."""
    keys = [line for line in lines if line["event"] == "key"]
    pressed = keys[-1]["at"] - keys[-1]["ms"]
    drawn = keys[-1]["at"]
    return next((line["at"] - pressed for line in lines if line["event"] == "frame"
                 and line["at"] >= drawn - 0.01 and line["shown"] >= 1), None)


class Bench:
    def __init__(self, options):
        self.program, self.repeat = os.path.abspath(options.program), options.repeat
        self.only, self.concepts, self.rest = options.only, options.concepts, options.rest
        self.folder = tempfile.mkdtemp(prefix="studio-measure-")
        self.rows = []

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def wants(self, name):
        return not self.only or name in self.only

    def library(self, name, count, with_pictures=True):
        home = self.path(name)
        os.makedirs(home, exist_ok=True)
        if count:
            fill(self.program, home, count, with_pictures)
        return home

    def app(self, home, **extra):
        return App(self.program, home, self.path("trace"), **extra)

    def row(self, name, values, unit, goal=None):
        """One line of the table: the median of the values against the goal."""
        values = [value for value in values if value is not None]
        if not values:
            self.rows.append(dict(name=name, unit=unit, goal=goal, median=None))
            print(f"{name}: nothing was measured", file=sys.stderr)
            return
        median = statistics.median(values)
        self.rows.append(dict(name=name, unit=unit, goal=goal, median=round(median, 3),
                              worst=round(max(values), 3), count=len(values)))
        print(f"{name}: {median:.2f} {unit} (worst {max(values):.2f}, n={len(values)})",
              file=sys.stderr, flush=True)

    # MARK: - Figures

    def paint(self, full):
        empty = self.library("empty", 0)
        for home, name in ((empty, "an empty library"), (full, f"{self.concepts} concepts")):
            first, memory = [], []
            for _ in range(self.repeat):
                app = self.app(home)
                app.pump(self.rest if home == full else 1)
                first.append(app.painted)
                memory.append(app.memory())
                app.close()
            self.row(f"first paint, {name}", first, "ms", 50)
            if home == full:
                self.row(f"memory at rest, {name}, sixel", memory, "MiB", 40)
        memory = []
        for _ in range(min(5, self.repeat)):
            app = self.app(full, STUDIO_IMAGES="card")
            app.pump(self.rest)
            memory.append(app.memory())
            app.close()
        self.row(f"memory at rest, {name}, no pictures", memory, "MiB", 40)

    def keys(self, full):
        shares, halves, worst, released, memory = [], [], [], [], []
        for turn in range(self.repeat):
            app = self.app(full)
            app.pump(1)
            # All concepts once, a stretch of them in the other runs.
            app.hold("j", self.concepts if turn == 0 else 90)
            app.pump(1)
            lines = app.lines()
            times = keys_of(lines)
            shares.append(percentile(times, 0.95))
            halves.append(percentile(times, 0.5))
            worst.append(max(times))
            released.append(until_picture(lines))
            if turn == 0:
                print(f"holding j through {len(times)}: p95 {shares[0]:.2f} ms", file=sys.stderr)
                app.pump(self.rest)
                memory.append(app.memory())
            app.close()
        self.row("key to paint p95, holding j", shares, "ms", 16)
        self.row("key to paint p50, holding j", halves, "ms")
        self.row("slowest key of a run, holding j", worst, "ms")
        self.row("picture after releasing j", released, "ms", 150)
        self.row(f"memory at rest after {self.concepts} j", memory, "MiB")

    def jumps(self, full, name="picture after a jump, not in memory", cold=False):
        """To concepts that nothing was made in advance for."""
        times = []
        for _ in range(self.repeat):
            if cold:
                shutil.rmtree(os.path.join(full, "cache"), ignore_errors=True)
            app = self.app(full)
            app.pump(1)
            for key in ["G"] + ["\x15"] * 4:
                app.press(key)
                app.pump(0.8)
                times.append(until_picture(app.lines()))
            app.close()
        self.row(name, times, "ms", 150)

    def writing(self, full):
        """Browsing while the model, in the same process, writes a caption that does not end."""
        home = self.path("writing")
        shutil.copytree(full, home)
        os.makedirs(os.path.join(home, "config"), exist_ok=True)
        with open(os.path.join(home, "config", "config.yaml"), "w") as file:
            # Words at random, so that none of them is the last one for long.
            file.write("caption.temperature: 100\ncaption.max_tokens: 4000\n"
                       "caption.keep_history: off\n")
        shares, cancelled, counts = [], [], []
        for _ in range(self.repeat):
            app = self.app(home)
            app.pump(1)
            for key in ("2", "O", "\r", "r"):
                app.press(key)
                app.pump(0.7)
            app.press("1")
            app.pump(0.3)
            app.hold("j", 60)
            for key in ("5", "1", "4", "1"):
                app.press(key)
                app.pump(0.1)
            app.hold("k", 30)
            times = [line["ms"] for line in app.lines()
                     if line["event"] == "key" and line["writing"]]
            counts.append(len(times))
            if len(times) >= 20:
                shares.append(percentile(times, 0.95))
            app.press("2")
            app.pump(0.2)
            before = app.clock()
            app.press("\x1b")
            app.pump(1)
            after = [line for line in app.lines() if line["at"] > before]
            ended = next((i for i, line in enumerate(after) if not line["writing"]), None)
            if len(after) > 1 and ended is not None and after[0]["event"] == "key":
                cancelled.append(after[ended]["at"] - after[0]["at"] + after[0]["ms"])
            app.close()
        print(f"keys while a caption was written: {sum(counts)}", file=sys.stderr)
        self.row("key to paint p95, while a caption streams", shares, "ms", 16)
        self.row("Esc to the end of the caption", cancelled, "ms", 200)

    def search(self):
        home = self.library("large", 10_000, with_pictures=False)
        shares = []
        for _ in range(min(5, self.repeat)):
            app = self.app(home)
            app.pump(2)
            for key in "/milo 77":
                app.press(key)
                app.pump(0.15)
            shares.append(max(keys_of(app.lines())))
            app.close()
        self.row("slowest key of a search, 10,000 concepts", shares, "ms", 30)

    def idle(self, full):
        app = self.app(full)
        app.pump(5)
        used, frames = app.processor(), len(app.lines())
        app.pump(30)
        self.row("processor when idle for 30 s", [(app.processor() - used) / 30 * 100], "%", 0.5)
        self.row("frames when idle for 30 s", [len(app.lines()) - frames], "", 0)
        app.close()

    def line(self, full):
        """150 ms there and back, 5 Mbit/s."""
        tool = os.path.join(os.path.dirname(os.path.abspath(__file__)), "try_slow_line.py")
        starts, echoes, pictures = [], [], []
        for _ in range(min(3, self.repeat)):
            done = subprocess.run([sys.executable, tool, self.program, full],
                                  capture_output=True, text=True)
            if done.returncode:
                print(done.stderr, file=sys.stderr)
                continue
            found = json.loads(done.stdout)
            starts.append(found["start_ms"])
            echoes.append(found["echo_ms"])
            pictures += [value for value in found["picture_ms"] if value]
        self.row("slow line: first screen", starts, "ms", 1000)
        self.row("slow line: key to its echo, of which 150 are the line", echoes, "ms")
        self.row("slow line: key to the whole picture", pictures, "ms", 1000)

    # MARK: - All of it

    def run(self):
        full = self.library("full", self.concepts)
        # The first start makes what is kept on the disk.
        app = self.app(full)
        app.pump(3)
        app.close()
        if self.wants("paint"):
            self.paint(full)
        if self.wants("keys"):
            self.keys(full)
        if self.wants("jumps"):
            self.jumps(full)
        if self.wants("idle"):
            self.idle(full)
        if self.wants("writing"):
            self.writing(full)
        if self.wants("line"):
            self.line(full)
        if self.wants("search"):
            self.search()
        if self.wants("cold"):
            self.jumps(full, "picture after a jump, no thumbnail on the disk", cold=True)

    def table(self):
        width = max(len(row["name"]) for row in self.rows)
        print(f"{'':{width}}  {'wanted':>8}  {'median':>9}  {'worst':>9}  {'n':>4}")
        for row in self.rows:
            goal = "" if row["goal"] is None else f"<= {row['goal']}"
            if row["median"] is None:
                print(f"{row['name']:{width}}  {goal:>8}  {'-':>9}")
                continue
            verdict = ""
            if row["goal"] is not None:
                verdict = "ok" if row["median"] <= row["goal"] else "MISSED"
            print(f"{row['name']:{width}}  {goal:>8}  {row['median']:>9.2f}  {row['worst']:>9.2f}"
                  f"  {row['count']:>4}  {row['unit']:<4} {verdict}")

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--concepts", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--rest", type=float, default=3.5, help="seconds until memory is read")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--json", help="also writes the figures to this file")
    bench = Bench(parser.parse_args())
    try:
        bench.run()
        bench.table()
        if parser.parse_args().json:
            with open(parser.parse_args().json, "w") as file:
                json.dump(bench.rows, file, indent=2)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
