"""Drives a program in a real xterm: keys and mouse in, pictures of the screen out.

    with Display() as display:
        with Xterm(display, ["studio"], columns=120, rows=36, sixel=True) as terminal:
            terminal.settle()
            terminal.key("j", "Return")
            terminal.settle().save("screen.png")

Needs the Debian packages xvfb, xterm, xdotool, fonts-dejavu-core and python3-pil. Waits for
conditions instead of times: the screen is settled when its pixels are the same as a moment ago and
the program used no processor time meanwhile.
"""
import mmap, os, shutil, signal, struct, subprocess, sys, tempfile, time, zlib

try:
    from PIL import Image
except ImportError:
    sys.exit("Pillow is missing: apt-get install python3-pil, then use /usr/bin/python3")

BACKGROUND = (16, 20, 24)
TEXT = (216, 222, 233)


class TimedOut(Exception):
    """What was waited for did not come."""


def wait_until(condition, what, limit=20.0, every=0.02):
    """Returns the first true value of the condition."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimedOut(f"waited {limit:.0f} s for {what}")
        time.sleep(every)


def difference(left, right):
    """How far two pictures of the same size are apart: the mean over all pixels, and the share of
    pixels that differ visibly."""
    from PIL import ImageChops
    if left.size != right.size:
        return 255.0, 1.0
    gray = ImageChops.difference(left, right)
    bands = gray.split()
    strongest = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    counts = strongest.histogram()
    total = left.size[0] * left.size[1]
    mean = sum(value * count for value, count in enumerate(counts)) / total
    return mean, sum(counts[24:]) / total


def colourful(image, chroma=24):
    """A mask of the pixels that are not gray, as a picture in mode L."""
    from PIL import ImageChops
    red, green, blue = image.split()
    high = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    low = ImageChops.darker(ImageChops.darker(red, green), blue)
    return ImageChops.subtract(high, low).point(lambda value: 255 if value > chroma else 0)


class Display:
    """An X server without a screen, whose picture is a file in memory."""

    WIDTH, HEIGHT = 2048, 1440

    def __init__(self):
        missing = [tool for tool in ("Xvfb", "xterm", "xdotool") if not shutil.which(tool)]
        if missing:
            sys.exit(f"{', '.join(missing)}: missing; "
                     "apt-get install xvfb xterm xdotool fonts-dejavu-core")
        self.folder = tempfile.mkdtemp(prefix="display-")
        read_end, write_end = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0",
             f"{self.WIDTH}x{self.HEIGHT}x24", "-fbdir", self.folder, "-nocursor", "-noreset",
             "-nolisten", "tcp"],
            pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()
        if not number:
            self.close()
            raise RuntimeError("Xvfb did not start")
        self.name = f":{number}"
        with open(os.path.join(self.folder, "Xvfb_screen0"), "rb") as file:
            self.memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.unpack(">25I", self.memory[:100])
        self.row_bytes = header[12]
        # What the last window showed before it was closed.
        self.last = None
        self.start = header[0] + header[19] * 12

    def picture(self, width, height):
        """The upper left part of the screen."""
        data = self.memory[self.start:self.start + height * self.row_bytes]
        return Image.frombuffer(
            "RGB", (width, height), data, "raw", "BGRX", self.row_bytes, 1)

    def fingerprint(self, height):
        return zlib.crc32(self.memory[self.start:self.start + height * self.row_bytes])

    def close(self):
        stop(self.server)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def stop(process):
    """Ends a process that was started here."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment(home, **more):
    """What programs see: nothing of the user's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": home, "LANG": "C.UTF-8", "SHELL": "/bin/bash", **more}


class Xterm:
    """An xterm that runs a command."""

    def __init__(self, display, command, columns=120, rows=36, sixel=True, extra=None,
                 home=None, font_size=10, title=""):
        self.display = display
        self.columns, self.rows = columns, rows
        self.folder = tempfile.mkdtemp(prefix="xterm-")
        self.trace = os.path.join(self.folder, "trace")
        settings = environment(
            home or self.folder, DISPLAY=display.name, STUDIO_TRACE=self.trace, **(extra or {}))
        self.environment = {name: value for name, value in settings.items() if value is not None}
        self.status_file = os.path.join(self.folder, "status")
        arguments = [
            "xterm", "-fa", "DejaVu Sans Mono", "-fs", str(font_size), "-b", "0", "-bw", "0", "+sb",
            "-geometry", f"{columns}x{rows}+0+0", "-bg", "#%02x%02x%02x" % BACKGROUND,
            "-fg", "#%02x%02x%02x" % TEXT, "-xrm", "XTerm*cursorBlink: false",
        ]
        if sixel:
            arguments += ["-ti", "vt340", "-xrm", "XTerm*numColorRegisters: 1024",
                          "-xrm", "XTerm*maxGraphicSize: 4096x4096"]
        script = '"$@"; echo $? >"$STATUS"'
        self.environment["STATUS"] = self.status_file
        self._open(arguments + ["-e", "sh", "-c", script, "sh", *command])

    def _open(self, arguments, attempts=3):
        """Opens the window; on a busy machine an xterm now and then ends before it has one."""
        for attempt in range(attempts):
            self.process = subprocess.Popen(
                arguments, env=self.environment, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            try:
                self.window = wait_until(self._find_window, "the window of xterm", limit=30)
                self._x("windowfocus", "--sync", self.window)
                self._x("mousemove", str(self.display.WIDTH - 1), str(self.display.HEIGHT - 1))
                wait_until(lambda: self.size[0] > 0, "the size of the window")
                width, height = self.size
                self.cell = (width // self.columns, height // self.rows)
                return
            except (RuntimeError, TimedOut):
                self._end()
                if attempt + 1 == attempts:
                    shutil.rmtree(self.folder, ignore_errors=True)
                    raise
                print("an xterm opened no window; once more", file=sys.stderr, flush=True)
            except BaseException:
                self.close()
                raise

    # MARK: - What happens on it

    def _x(self, *arguments):
        result = subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True)
        return result.stdout.strip()

    def _find_window(self):
        if self.process.poll() is not None:
            raise RuntimeError("xterm ended before it opened a window")
        found = self._x("search", "--onlyvisible", "--class", "xterm").split()
        return found[-1] if found else None

    @property
    def size(self):
        """Width and height of the window in pixels."""
        text = self._x("getwindowgeometry", "--shell", self.window)
        values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        width, height = int(values.get("WIDTH", 0)), int(values.get("HEIGHT", 0))
        return min(width, self.display.WIDTH), min(height, self.display.HEIGHT)

    def key(self, *names):
        """Presses keys, named as xdotool names them: j, Return, ctrl+p, question."""
        if names:
            self._x("key", "--delay", "12", *names)

    def type(self, text):
        self._x("type", "--delay", "8", text)

    def point(self, column, row):
        return (str(int((column + 0.5) * self.cell[0])), str(int((row + 0.5) * self.cell[1])))

    def click(self, column, row, button=1):
        """Clicks on a cell; 4 and 5 are the wheel."""
        self._x("mousemove", *self.point(column, row), "click", str(button))
        self._x("mousemove", str(self.display.WIDTH - 1), str(self.display.HEIGHT - 1))

    def drag(self, start, end):
        self._x("mousemove", *self.point(*start), "mousedown", "1",
                "mousemove", *self.point((start[0] + end[0]) / 2, (start[1] + end[1]) / 2),
                "mousemove", *self.point(*end), "mouseup", "1")
        self._x("mousemove", str(self.display.WIDTH - 1), str(self.display.HEIGHT - 1))

    def resize(self, columns, rows, wait=True):
        """Gives the window another size."""
        self._x("windowsize", "--usehints", self.window, str(columns), str(rows))
        self.columns, self.rows = columns, rows
        if wait:
            wanted = (columns * self.cell[0], rows * self.cell[1])
            wait_until(lambda: self.size == wanted, f"a window of {columns}x{rows}")

    def zoom(self, larger=True):
        """Takes the next larger or smaller font, as xterm's own keys do."""
        before = self.size
        self._x("key", "shift+KP_Add" if larger else "shift+KP_Subtract")
        wait_until(lambda: self.size != before, "another size of the font")
        width, height = self.size
        self.cell = (width // self.columns, height // self.rows)

    def expose(self):
        """Hides the window and shows it again: xterm must draw everything from what it remembers."""
        self._x("windowunmap", "--sync", self.window)
        self._x("windowmap", "--sync", self.window)
        self._x("windowfocus", "--sync", self.window)

    # MARK: - What can be seen

    def picture(self):
        """What the window shows now."""
        return self.display.picture(*self.size)

    def cells(self, column, row, columns, rows):
        """The pixels of some cells as left, top, right, bottom."""
        width, height = self.cell
        return (column * width, row * height, (column + columns) * width, (row + rows) * height)

    def settle(self, quiet=0.4, limit=30.0, ready=None):
        """Waits until nothing changes any more, and returns what the window shows then.

        Good pictures replace quick ones a quarter of a second after the last key, so what is quiet
        must last longer.
        """
        height = self.size[1]
        end = time.monotonic() + limit
        last, since = None, time.monotonic()
        while True:
            now = time.monotonic()
            state = (self.display.fingerprint(height), self.processor_time())
            if state != last:
                last, since = state, now
            elif now - since >= quiet and (ready is None or ready()):
                return self.picture()
            if now > end:
                raise TimedOut(f"the screen did not come to rest within {limit:.0f} s")
            time.sleep(0.04)

    def wait(self, condition, what, limit=20.0):
        """Waits until a condition of the picture holds, and returns the picture."""
        def check():
            image = self.picture()
            return image if condition(image) else None
        return wait_until(check, what, limit, every=0.05)

    def frames(self):
        """How many frames the program has drawn, by its own trace."""
        try:
            with open(self.trace) as file:
                return sum('"event":"frame"' in line for line in file)
        except FileNotFoundError:
            return 0

    def wait_for_frames(self, count=1, limit=30.0):
        """Waits until the program has drawn so many frames since it was started."""
        wait_until(lambda: self.frames() >= count or self.status is not None,
                   "a frame of the program", limit)

    # MARK: - The processes

    def processes(self):
        """The ids of xterm and all that runs in it."""
        children = {}
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            fields = process_fields(int(name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(name))
        found, waiting = [], [self.process.pid]
        while waiting:
            process = waiting.pop()
            found.append(process)
            waiting += children.get(process, [])
        return found

    def program(self, name="studio"):
        """The id of the program in the terminal; nothing if it does not run."""
        for process in self.processes():
            try:
                if os.path.basename(os.readlink(f"/proc/{process}/exe")) == name:
                    return process
            except OSError:
                continue
        return None

    def processor_time(self):
        """Clock ticks that xterm and all that runs in it have used."""
        total = 0
        for process in self.processes():
            fields = process_fields(process)
            if fields:
                total += int(fields[11]) + int(fields[12])
        return total

    @property
    def status(self):
        """The exit status of the command; nothing while it runs."""
        try:
            with open(self.status_file) as file:
                text = file.read().strip()
            return int(text) if text else None
        except FileNotFoundError:
            return None

    def close(self):
        try:
            self.display.last = self.picture()
        except (OSError, ValueError, AttributeError):
            pass
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self):
        """Ends xterm and all that runs in it."""
        for process in reversed(self.processes()[1:] if self.process.poll() is None else []):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        stop(self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def process_fields(process):
    """The fields of /proc/ID/stat after the name; nothing if there is no such process."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
