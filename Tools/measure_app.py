#!/usr/bin/env python3
"""Measures the app as its user feels it: first paint, memory, keys, pictures, idle.

    Tools/measure_app.py .build/release/studio [--concepts 1000] [--repeat 20]

Runs the program in a pseudo-terminal that answers like an xterm with sixel, presses keys as a
keyboard repeats them, and reads the times from the program's own trace (STUDIO_TRACE). Prints one
JSON object; times in milliseconds. "key" is from the arrival of the key to the end of drawing it.
"""
import argparse, fcntl, json, os, pty, random, select, shutil, signal, statistics, struct
import subprocess, tempfile, termios, time

ANSWERS = {
    b"\x1b[c": b"\x1b[?63;1;2;4;6;9;15;16;22;28c",
    b"\x1b[?1;1;0S": b"\x1b[?1;0;256S",
    b"\x1b[?2;1;0S": b"\x1b[?2;0;960;612S",
    b"\x1b[?2;4;0S": b"\x1b[?2;0;1000;1000S",
    b"\x1b[>0q": b"\x1bP>|XTerm(379)\x1b\\",
}


class App:
    """The program in a terminal of 120 by 36 cells."""

    def __init__(self, program, home, trace, answers=True, extra=()):
        self.trace = trace
        self.answers = answers
        self.shown = 0
        # Milliseconds from before the start of the program to the first frame, as a user waits.
        self.painted = None
        open(trace, "w").close()
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(
                TERM="xterm-256color", STUDIO_HOME=home, STUDIO_TRACE=trace, LANG="C.UTF-8",
                **dict(extra))
            for name in ("NO_COLOR", "TMUX", "SSH_CONNECTION", "SSH_TTY"):
                os.environ.pop(name, None)
            os.execv(program, [program])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 960, 612))

    def pump(self, seconds):
        """Reads output for a while and answers questions."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.fd], [], [], left)
            if not ready:
                return
            try:
                data = os.read(self.fd, 1 << 16)
            except OSError:
                return
            self.shown += len(data)
            if self.painted is None and b"Concepts" in data:
                self.painted = (time.monotonic() - self.started) * 1000
            if self.answers:
                for question, answer in ANSWERS.items():
                    if question in data:
                        os.write(self.fd, answer)

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def lines(self):
        with open(self.trace) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def memory(self):
        with open(f"/proc/{self.pid}/status") as file:
            fields = dict(line.split(":", 1) for line in file)
        return int(fields["VmRSS"].split()[0]) / 1024

    def processor(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        try:
            os.kill(self.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        for _ in range(50):
            self.pump(0.02)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def fill(program, home, count):
    """A library of so many concepts, each with a picture."""
    samples = os.path.join(os.path.dirname(__file__), "..", "Samples", "concepts")
    shutil.copytree(samples, os.path.join(home, "pictures"))
    # A database may only name pictures beside it.
    pictures = sorted(os.path.join("pictures", name) for name in os.listdir(samples))
    pictures = [p for p in pictures if p.endswith((".png", ".jpg", ".webp"))]
    random.seed(1)
    words = ["Milo", "Ada", "Blue Mug", "Kettle", "Rex", "Grandma", "Bicycle", "Pim", "Otto"]
    database = {"concept_dict": {}}
    for index in range(count):
        name = f"{random.choice(words)} {index}"
        database["concept_dict"][f"<{name}>"] = {
            "name": name, "image": pictures[index % len(pictures)], "info": f"number {index}",
            "category": random.choice(["dog", "mug", "person"]),
        }
    file = os.path.join(home, "database.json")
    with open(file, "w") as out:
        json.dump(database, out)
    subprocess.run(
        [program, "concept", "import", file, "--format", "rap", "--home", home], check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--concepts", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--idle", type=float, default=20)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    folder = tempfile.mkdtemp(prefix="studio-measure-")
    home = os.path.join(folder, "home")
    os.makedirs(home)
    fill(program, home, options.concepts)
    result = {"concepts": options.concepts, "repeat": options.repeat}
    try:
        first, memory, released = [], [], []
        keys = []
        for turn in range(options.repeat):
            trace = os.path.join(folder, f"trace-{turn}")
            app = App(program, home, trace)
            app.pump(1.2)
            first.append(app.painted)
            memory.append(app.memory())
            # Held down: a keyboard repeats thirty times a second.
            count = 1000 if turn == 0 else 60
            for _ in range(count):
                app.press("j")
                app.pump(0.033)
            released_at = time.monotonic()
            before = len(app.lines())
            app.pump(1.0)
            after = app.lines()
            keys += [line["ms"] for line in after if line["event"] == "key"]
            last_key = [line["at"] for line in after if line["event"] == "key"][-1]
            done = [
                line["at"] for line in after
                if line["event"] == "frame" and line["at"] >= last_key
                and line["wanted"] > 0 and line["shown"] >= 1
            ]
            if done:
                released.append(done[0] - last_key)
            if turn == 0:
                result["memory_after_scrolling_mib"] = round(app.memory(), 1)
            app.close()
        result["first_paint_ms"] = round(statistics.median(first), 1)
        result["first_paint_worst_ms"] = round(max(first), 1)
        result["memory_mib"] = round(statistics.median(memory), 1)
        result["key_p50_ms"] = round(percentile(keys, 0.5), 2)
        result["key_p95_ms"] = round(percentile(keys, 0.95), 2)
        result["key_worst_ms"] = round(max(keys), 2)
        result["keys"] = len(keys)
        result["picture_after_release_ms"] = round(statistics.median(released), 1) if released else None

        app = App(program, home, os.path.join(folder, "trace-idle"))
        app.pump(3)
        before = app.processor()
        app.pump(options.idle)
        result["idle_processor_percent"] = round(
            (app.processor() - before) / options.idle * 100, 3)
        app.close()
        print(json.dumps(result, indent=2))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
