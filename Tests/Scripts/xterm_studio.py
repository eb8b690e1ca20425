"""The studio in an xterm: a library of the sample concepts, and waiting for what the studio does."""
import json, os, shutil, sqlite3, subprocess, tempfile

from xterm import Xterm, environment, wait_until

SAMPLES = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "Samples"))
HEADER_ROWS, FOOTER_ROWS = 1, 2


def sample_concepts():
    """What is known about the sample concepts, in the order of the file."""
    with open(os.path.join(SAMPLES, "truth.json")) as file:
        return json.load(file)["concepts"]


def sample_queries():
    with open(os.path.join(SAMPLES, "truth.json")) as file:
        return json.load(file)["queries"]


class Library:
    """A home folder with the sample concepts; copies of it cost little."""

    # The dates that lists and previews tell are the same in every run: a day in June.
    FIRST_DAY = 1_780_488_000_000
    HOUR = 3_600_000

    def __init__(self, program, names=None):
        self.program = os.path.abspath(program)
        self.folder = tempfile.mkdtemp(prefix="studio-library-")
        self.home = os.path.join(self.folder, "filled")
        self.count = 0
        for concept in sample_concepts():
            if names is not None and concept["name"] not in names:
                continue
            self.run("concept", "add", concept["name"], os.path.join(SAMPLES, concept["file"]),
                     "--info", concept["info"], "--category", concept["category"], "--quiet")
        self.date()

    def run(self, *arguments):
        """Runs a command of the studio on this library and returns what it prints."""
        return subprocess.run(
            [self.program, *arguments, "--home", self.home], check=True, capture_output=True,
            text=True, env=environment(self.folder, STUDIO_SAMPLES=SAMPLES)).stdout

    def date(self):
        """Gives concepts and captions fixed dates, in the order in which they came."""
        file = os.path.join(self.home, "data", "library", "library.sqlite")
        with sqlite3.connect(file) as database:
            first, hour = self.FIRST_DAY, self.HOUR
            database.execute(
                "UPDATE concept SET createdAt = ? + id * ?, updatedAt = ? + id * ?",
                (first, hour, first, hour))
            database.execute(
                "UPDATE concept SET trashedAt = ? WHERE trashedAt IS NOT NULL", (first + 48 * hour,))
            database.execute("UPDATE caption SET createdAt = ? + id * ?", (first, hour))
        database.close()

    def copy(self, settings=None):
        """The home folder of one run, with settings by their keys."""
        self.count += 1
        home = os.path.join(self.folder, f"home-{self.count}")
        shutil.copytree(self.home, home)
        if settings:
            os.makedirs(os.path.join(home, "config"), exist_ok=True)
            with open(os.path.join(home, "config", "config.yaml"), "w") as file:
                for key, value in settings.items():
                    file.write(f"{key}: {value}\n")
        return home

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Studio(Xterm):
    """An xterm in which the studio has started."""

    def __init__(self, display, library, columns=120, rows=36, sixel=True, extra=None,
                 settings=None, home=None, command=None, **more):
        self.library_home = home or library.copy(settings)
        seen = {"STUDIO_HOME": self.library_home, "STUDIO_SAMPLES": SAMPLES, "TZ": "UTC",
                **(extra or {})}
        super().__init__(
            display, command or [library.program], columns, rows, sixel, seen, **more)
        if command is None:
            try:
                self.started()
            except BaseException:
                self.close()
                raise

    def started(self):
        """Waits until the studio has drawn its first screen with all that belongs on it."""
        self.wait_for_frames()
        return self.settle()

    def press(self, *keys):
        """Presses keys one after the other and returns what is seen when all has settled."""
        self.key(*keys)
        return self.settle()

    def body(self):
        """The pixels between the tabs and the keys at the bottom."""
        return self.cells(0, HEADER_ROWS, self.columns, self.rows - HEADER_ROWS - FOOTER_ROWS)

    def leave(self):
        """Quits and waits for the end; the exit status."""
        self.key("q")
        return wait_until(lambda: self.status is not None and str(self.status), "the end", 10)
