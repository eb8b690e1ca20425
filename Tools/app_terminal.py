"""The app in a pseudo-terminal that answers like an xterm with sixel, for the tools that measure."""
import fcntl, json, os, pty, random, select, shutil, signal, struct, subprocess, tempfile, termios
import time

ANSWERS = {
    b"\x1b[c": b"\x1b[?63;1;2;4;6;9;15;16;22;28c",
    b"\x1b[?1;1;0S": b"\x1b[?1;0;256S",
    b"\x1b[?2;1;0S": b"\x1b[?2;0;960;612S",
    b"\x1b[?2;4;0S": b"\x1b[?2;0;1000;1000S",
    b"\x1b[>0q": b"\x1bP>|XTerm(379)\x1b\\",
}
SAMPLES = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "Samples"))
WORDS = ["Milo", "Ada", "Blue Mug", "Kettle", "Rex", "Grandma", "Bicycle", "Pim", "Otto"]


class App:
    """The program in a terminal of 120 by 36 cells of 8 by 17 pixels."""

    def __init__(self, program, home, trace=None, **extra):
        self.trace = trace
        self.shown = 0
        # Milliseconds from before the start of the program to the first frame, as a user waits.
        self.painted = None
        self.tail = b""
        self.alive = True
        if trace:
            open(trace, "w").close()
            extra["STUDIO_TRACE"] = trace
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(
                TERM="xterm-256color", STUDIO_HOME=home, LANG="C.UTF-8", STUDIO_SAMPLES=SAMPLES,
                **extra)
            for name in ("NO_COLOR", "TMUX", "SSH_CONNECTION", "SSH_TTY", "COLORTERM"):
                os.environ.pop(name, None)
            os.execv(program, [program])
        self.size(120, 36)

    def size(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, columns * 8, rows * 17))

    def pump(self, seconds, until=None):
        """Reads output for a while, or until some bytes come, and answers questions.

        Returns the milliseconds until those bytes came, or nothing.
        """
        begin = time.monotonic()
        while (left := begin + seconds - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                return None
            try:
                data = os.read(self.fd, 1 << 16)
            except OSError:
                self.alive = False
                return None
            self.shown += len(data)
            if self.painted is None and b"Concepts" in data:
                self.painted = (time.monotonic() - self.started) * 1000
            for question, answer in ANSWERS.items():
                if question in data:
                    os.write(self.fd, answer)
            found = until is not None and until in self.tail + data
            self.tail = data[-200:]
            if found:
                return (time.monotonic() - begin) * 1000
        return None

    def press(self, keys):
        os.write(self.fd, keys.encode())

    def hold(self, key, count):
        """Holds a key down: a keyboard repeats thirty times a second."""
        for _ in range(count):
            self.press(key)
            self.pump(1 / 30)

    def lines(self):
        """What the program wrote down about keys and frames."""
        with open(self.trace) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def clock(self):
        """The last time in the trace, in milliseconds."""
        lines = self.lines()
        return lines[-1]["at"] if lines else 0

    def memory(self):
        """Resident memory in MiB."""
        with open(f"/proc/{self.pid}/status") as file:
            fields = dict(line.split(":", 1) for line in file if ":" in line)
        return int(fields["VmRSS"].split()[0]) / 1024

    def processor(self):
        """Seconds of processor time so far."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        try:
            os.kill(self.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        for _ in range(100):
            self.pump(0.02)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
            time.sleep(0.01)
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def pictures(folder, count):
    """So many different pictures, parts of the sample scenes; needs python3-pil."""
    from PIL import Image

    scenes = [os.path.join(SAMPLES, "queries", name)
              for name in sorted(os.listdir(os.path.join(SAMPLES, "queries")))]
    scenes = [Image.open(path).convert("RGB") for path in scenes if not path.endswith(".json")]
    source, names = random.Random(1), []
    for index in range(count):
        scene = scenes[index % len(scenes)]
        width, height = (side * source.uniform(0.5, 0.9) for side in scene.size)
        left, top = source.uniform(0, scene.size[0] - width), source.uniform(0, scene.size[1] - height)
        picture = scene.resize((720, 540), box=(left, top, left + width, top + height))
        names.append(f"picture-{index}.jpg")
        picture.save(os.path.join(folder, names[-1]), quality=88)
    return names


def fill(program, home, count, with_pictures=True):
    """Makes a library of so many concepts, each with a picture of its own."""
    folder = tempfile.mkdtemp(prefix="studio-pictures-")
    try:
        if with_pictures:
            names = pictures(folder, count)
        else:
            names = pictures(folder, 1) * count
        source, concepts = random.Random(1), {}
        for index in range(count):
            name = f"{source.choice(WORDS)} {index}"
            concepts[f"<{name}>"] = {
                "name": name, "image": names[index], "info": f"number {index}",
                "category": source.choice(["dog", "mug", "person"]),
            }
        # A database may only name pictures beside it.
        file = os.path.join(folder, "database.json")
        with open(file, "w") as out:
            json.dump({"concept_dict": concepts}, out)
        subprocess.run(
            [program, "concept", "import", file, "--format", "rap", "--home", home], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
