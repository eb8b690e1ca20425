"""The studio in an xterm: a library of the sample concepts, and waiting for what the studio does."""
import json, os, shutil, sqlite3, subprocess, tempfile

from PIL import Image, ImageChops, ImageFilter

from xterm import Xterm, environment, wait_until

SAMPLES = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "Samples"))
HEADER_ROWS, FOOTER_ROWS = 1, 2
# The background of popups and messages in the dark theme.
OVERLAY = (28, 28, 28)


def sample_concepts():
    """What is known about the sample concepts, in the order of the file."""
    with open(os.path.join(SAMPLES, "truth.json")) as file:
        return json.load(file)["concepts"]


def sample_queries():
    with open(os.path.join(SAMPLES, "truth.json")) as file:
        return json.load(file)["queries"]


def strongest_difference(left, right):
    """For each pixel the difference of the band that differs most."""
    bands = ImageChops.difference(left, right).split()
    return ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])


def overlay_box(image):
    """The rectangle of a popup or message, by its background; nothing if there is none."""
    plain = Image.new("RGB", image.size, OVERLAY)
    fill = strongest_difference(image, plain).point(lambda value: 0 if value else 255)
    # Letters have a few pixels of any colour; a popup has areas.
    box = fill.filter(ImageFilter.MinFilter(7)).getbbox()
    return box and (box[0] - 3, box[1] - 3, box[2] + 3, box[3] + 3)


class Library:
    """A user's folder with a library of the sample concepts; copies of it cost little."""

    # The dates that lists and previews tell are the same in every run: a day in June.
    FIRST_DAY = 1_780_488_000_000
    HOUR = 3_600_000

    def __init__(self, program, names=None, tags=None, place=None):
        """With a place, everything seems to happen in that folder, run after run."""
        self.program = os.path.abspath(program)
        self.folder = tempfile.mkdtemp(prefix="studio-library-")
        self.place = place
        self.user = place or os.path.join(self.folder, "filled")
        os.mkdir(self.user)
        # Where pictures of the screen may show it, the path of the checkout is of no interest.
        os.symlink(SAMPLES, os.path.join(self.user, "Samples"))
        self.count = 0
        for concept in sample_concepts():
            if names is not None and concept["name"] not in names:
                continue
            self.run("concept", "add", concept["name"], os.path.join(SAMPLES, concept["file"]),
                     "--info", concept["info"], "--category", concept["category"], "--quiet",
                     *[part for tag in (tags or {}).get(concept["name"], [])
                       for part in ("--tag", tag)])
        self.date()

    def run(self, *arguments):
        """Runs a command of the studio on this library and returns what it prints."""
        return subprocess.run(
            [self.program, *arguments], check=True, capture_output=True, text=True,
            env=environment(self.user, STUDIO_SAMPLES=os.path.join(self.user, "Samples"))).stdout

    def date(self):
        """Gives concepts and captions fixed dates, in the order in which they came."""
        file = os.path.join(self.user, ".local/share/studio/library/library.sqlite")
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
        """The user's folder of one run, with settings by their keys."""
        self.count += 1
        user = self.place or os.path.join(self.folder, f"user-{self.count}")
        source = self.user
        if self.place:
            source = os.path.join(self.folder, "filled")
            if self.count == 1:
                shutil.copytree(self.place, source, symlinks=True)
            shutil.rmtree(self.place)
        shutil.copytree(source, user, symlinks=True)
        if settings:
            folder = os.path.join(user, ".config/studio")
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, "config.yaml"), "w") as file:
                for key, value in settings.items():
                    file.write(f"{key}: {value}\n")
        return user

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.place:
            shutil.rmtree(self.place, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Studio(Xterm):
    """An xterm in which the studio has started."""

    def __init__(self, display, library, columns=120, rows=36, sixel=True, extra=None,
                 settings=None, user=None, command=None, **more):
        user = user or library.copy(settings)
        seen = {"STUDIO_SAMPLES": os.path.join(user, "Samples"), "TZ": "UTC", **(extra or {})}
        super().__init__(
            display, command or [library.program], columns, rows, sixel, seen, user, **more)
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

    def without_message(self):
        """Waits until messages have gone by themselves, and returns what is seen then."""
        return wait_until(
            lambda: image if overlay_box(image := self.settle()) is None else None,
            "the end of a message", 15)

    def body(self):
        """The pixels between the tabs and the keys at the bottom."""
        return self.cells(0, HEADER_ROWS, self.columns, self.rows - HEADER_ROWS - FOOTER_ROWS)

    def leave(self):
        """Quits and waits for the end; the exit status."""
        self.key("q")
        return wait_until(lambda: self.status is not None and str(self.status), "the end", 10)
