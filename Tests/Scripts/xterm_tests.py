"""What is tested in a real xterm; app_in_xterm.py runs it."""
import os, shlex, shutil, signal, tempfile

from PIL import Image, ImageChops

from xterm import Xterm, colourful, difference, wait_until
from xterm_studio import (
    SAMPLES, Studio, overlay_box, sample_concepts, strongest_difference)

FILES = {c["name"]: os.path.join(SAMPLES, c["file"]) for c in sample_concepts()}
NAMES = sorted(FILES)
WITHOUT = {"STUDIO_IMAGE_PROTOCOL": "none"}


# MARK: - Looking at pictures

def same(left, right):
    """Whether two pictures are the same, but for a few pixels at the edges of letters, which depend
    on the order in which neighbours were drawn."""
    if left.size != right.size:
        return False
    counts = strongest_difference(left, right).histogram()
    return sum(counts[1:]) < 150 and sum(counts[48:]) == 0


def count(mask):
    return sum(mask.histogram()[128:])


def differing(left, right):
    """A mask of the pixels that differ clearly."""
    return strongest_difference(left, right).point(lambda value: 255 if value > 48 else 0)


def aspect_of(name):
    with Image.open(FILES[name]) as source:
        return source.size[0] / source.size[1]


def distance_to_source(image, box, name, side=96):
    """How far the pixels in a box are from the sample picture, both made small."""
    with Image.open(FILES[name]) as source:
        size = (side, round(side / aspect_of(name)))
        wanted = source.convert("RGB").resize(size, Image.BOX)
    shown = image.crop(box).resize(size, Image.BOX)
    return difference(shown, wanted)[0]


class Pair:
    """The studio with pictures and, beside it, without: text must be the same in both."""

    def __init__(self, bench, columns=120, rows=36, **more):
        self.bench = bench
        self.left = Studio(bench.display, bench.library, columns, rows, **more)
        try:
            self.right = Studio(
                bench.second, bench.library, columns, rows,
                **{**more, "extra": {**more.get("extra", {}), **WITHOUT}})
        except BaseException:
            self.left.close()
            raise

    def press(self, *keys):
        self.left.key(*keys)
        self.right.key(*keys)
        return self.seen()

    def seen(self):
        return self.left.settle(), self.right.settle()

    def without_message(self):
        return self.left.without_message(), self.right.without_message()

    def picture_box(self, left, right):
        """Where the two differ between tabs and keys: the picture, if there is one."""
        body = self.left.body()
        box = differing(left.crop(body), right.crop(body)).getbbox()
        if box is None:
            return None
        return (box[0] + body[0], box[1] + body[1], box[2] + body[0], box[3] + body[1])

    def remains(self, left, right):
        """How many coloured pixels there are that the run without pictures does not have."""
        body = self.left.body()
        left, right = left.crop(body), right.crop(body)
        return count(ImageChops.multiply(colourful(left), differing(left, right)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.left.close()
        self.right.close()


def check_picture(bench, pair, left, right, name, tolerance=6.0):
    """Whether the preview shows this sample and nothing coloured is beside it."""
    box = pair.picture_box(left, right)
    if not bench.check(box is not None, f"there is no picture of {name}", left):
        return None
    width, height = box[2] - box[0], box[3] - box[1]
    cell = pair.left.cell
    wanted = aspect_of(name)
    slack = (cell[0] + 1) / width + (cell[1] + 1) / height
    bench.check(
        abs(width / height / wanted - 1) < slack,
        f"the picture of {name} is {width}x{height}: stretched, or pixels beside it", left, right)
    away = distance_to_source(left, box, name)
    bench.check(
        away < tolerance, f"{name} is {away:.1f} away from its file (limit {tolerance})",
        left.crop(box))
    return box


# MARK: - Pictures

def test_pictures_equal_their_files_and_leave_no_ghosts(bench):
    names = NAMES[:8]
    with Pair(bench) as pair:
        left, right = pair.seen()
        first = []
        for index, name in enumerate(names):
            if index:
                left, right = pair.press("j")
            check_picture(bench, pair, left, right, name)
            first.append(left)
        for index in reversed(range(len(names) - 1)):
            left = pair.left.press("k")
            bench.check(same(left, first[index]),
                        f"{names[index]} looks otherwise after coming back", left, first[index])
        pair.right.key(*["k"] * (len(names) - 1))
        pair.left.expose()
        left, right = pair.seen()
        bench.check(same(left, first[0]), "covering the window changes it", left, first[0])
        # Held down, the key must not leave anything of the pictures passed by.
        left, right = pair.press(*["j"] * 11, *["k"] * 4)
        check_picture(bench, pair, left, right, NAMES[7])
        bench.check(same(left, first[7]), "a held key leaves something behind", left, first[7])
        for screen in "23456":
            left, right = pair.press(screen)
            bench.check(pair.remains(left, right) == 0,
                        f"{pair.remains(left, right)} pixels of pictures on screen {screen}", left)
            pair.left.expose()
            again = pair.left.settle()
            bench.check(same(left, again),
                        f"screen {screen} looks otherwise after the window was covered", again)
            left, right = pair.press("1")
            bench.check(same(left, first[7]), f"another picture after screen {screen}", left)


def test_grid_shows_pictures(bench):
    with Pair(bench) as pair:
        pair.seen()
        left, right = pair.press("g", "t")
        box = pair.picture_box(left, right)
        bench.check(box is not None, "the grid has no pictures", left)
        coloured = pair.remains(left, right)
        body = pair.left.body()
        share = coloured / ((body[2] - body[0]) * (body[3] - body[1]))
        bench.check(share > 0.1, f"only {share:.2f} of the grid are pictures", left)
        moved, _ = pair.press("Right", "Down")
        back, _ = pair.press("Left", "Up")
        bench.check(not same(moved, left) and same(back, left), "the grid does not come back", back)
        list_left, list_right = pair.press("g", "t")
        check_picture(bench, pair, list_left, list_right, NAMES[0])


def test_ask_and_compose_leave_nothing(bench):
    with Pair(bench) as pair:
        pair.press(*["space"] * 4, "c")
        pair.press("2")
        left, right = pair.without_message()
        bench.check(pair.remains(left, right) > 2000, "no pictures in the slots of Ask", left)
        pair.press("O")
        left, right = pair.press("Return")
        coloured = pair.remains(left, right)
        bench.check(coloured > 20_000, "no picture to ask about", left)
        again, _ = pair.press("3", "2")
        bench.check(same(again, left), "Ask looks otherwise after Compose", again, left)
        left, right = pair.press("n")
        if overlay_box(right) is not None:
            left, right = pair.press("y")
        bench.check(pair.remains(left, right) == 0, "a new query shows parts of the old one", left)
        empty, _ = pair.press("3")
        pair.press("c")
        left, right = pair.press("Return")
        bench.check(pair.remains(left, right) > 20_000, "no picture in Compose", left, right)
        pair.press("c")
        pair.press("Down", "Return")
        left, right = pair.press(*["Left"] * 6, *["Up"] * 4, "plus", "r")
        pair.left.expose()
        again = pair.left.settle()
        bench.check(same(left, again), "covering the window changes Compose", again, left)
        pair.press("X")
        left, right = pair.without_message()
        body = pair.left.cells(0, 1, 80, pair.left.rows - 3)
        bench.check(same(left.crop(body), empty.crop(body)),
                    "Compose is not empty after removing all", left, empty)
        pair.left.key("q")


def test_mouse_does_what_keys_do(bench):
    with Studio(bench.display, bench.library) as studio:
        first = studio.settle()
        wanted = studio.press("j", "j", "j")
        studio.press("k", "k", "k")
        studio.click(25, 5)
        clicked = studio.settle()
        bench.check(same(clicked, wanted), "a click is not like j j j", clicked, wanted)
        opened = studio.press("Return")
        studio.press("Escape")
        studio.click(25, 5)
        image = studio.settle()
        bench.check(same(image, opened), "a second click does not open", image, opened)
        studio.press("Escape")
        studio.press("k", "k", "k")
        help_screen = studio.press("question")
        studio.press("Escape")
        studio.click(studio.columns - 11, studio.rows - 2)
        image = studio.settle()
        bench.check(same(image, help_screen), "a click on 'help' does not open it", image)
        studio.click(2, studio.rows - 4)
        image = studio.settle()
        bench.check(same(image, first), "a click beside a popup does not close it", image, first)
        studio.click(13, 0)
        bench.check(not same(studio.settle(), first), "a click on a tab does nothing", first)


# MARK: - Popups

def check_popup(bench, pair, name, opening, closing=("Escape",)):
    before, before_right = pair.seen()
    picture = pair.picture_box(before, before_right)
    left, right = pair.press(*opening)
    popup = overlay_box(right)
    if not bench.check(popup is not None, f"{name} does not open", left, right):
        return False
    body = pair.left.body()
    popup = (popup[0], max(popup[1], body[1]), popup[2], min(popup[3], body[3]))
    bench.check(same(left.crop(popup), right.crop(popup)),
                f"{name} is not the same over a picture as over text", left, right)
    overlap = (max(popup[0], picture[0]), max(popup[1], picture[1]),
               min(popup[2], picture[2]), min(popup[3], picture[3]))
    covers = overlap[0] < overlap[2] and overlap[1] < overlap[3]
    if covers:
        hole = Image.new("L", left.size, 0)
        hole.paste(255, picture)
        # The frame of a popup may begin within a cell; its cells are what it covers.
        width, height = pair.left.cell
        hole.paste(0, (popup[0] // width * width, popup[1] // height * height,
                       -(-popup[2] // width) * width, -(-popup[3] // height) * height))
        kept = ImageChops.multiply(differing(left, before), hole).getbbox()
        bench.check(kept is None, f"{name} changes the picture beside it", left, before)
    pair.left.expose()
    again = pair.left.settle()
    bench.check(same(left, again), f"covering the window changes {name}", again, left)
    after, _ = pair.press(*closing)
    bench.check(same(after, before), f"after {name} the screen is not as before", after, before)
    return covers


def popups(bench, columns, rows):
    with Pair(bench, columns, rows) as pair:
        covering = [
            check_popup(bench, pair, "help", ["question"]),
            check_popup(bench, pair, "the palette", ["colon"]),
            check_popup(bench, pair, "which-key", ["g"]),
            check_popup(bench, pair, "the task list", ["w"]),
            check_popup(bench, pair, "the form", ["e"]),
        ]
        bench.check(sum(covering) >= 3, f"only {sum(covering)} popups lay over a picture")
        pair.press("d")
        pair.press("g", "d")
        pair.without_message()
        check_popup(bench, pair, "the question before deleting", ["D"], ["n"])


def test_popups_over_pictures_120x36(bench):
    popups(bench, 120, 36)


def test_popups_over_pictures_80x24(bench):
    popups(bench, 80, 24)


# MARK: - Sizes

def check_edges(bench, pair, left, right, what):
    """The tabs on the first row and the status on the last one: nothing has scrolled."""
    columns, rows = pair.left.columns, pair.left.rows
    top = pair.left.cells(0, 0, columns, 1)
    bench.check(same(left.crop(top), right.crop(top)), f"{what}: the first row is wrong", left)
    bottom = pair.left.cells(0, rows - 1, columns // 2, 1)
    bench.check(same(left.crop(bottom), right.crop(bottom)),
                f"{what}: the last row is wrong", left, right)


def test_nothing_scrolls_at_any_size(bench):
    for columns, rows in ((80, 24), (120, 36), (200, 50), (60, 16)):
        with Pair(bench, columns, rows) as pair:
            check_edges(bench, pair, *pair.seen(), f"{columns}x{rows}")
            for keys in (["j", "Return"], ["Escape"], ["g", "t"], ["G"], ["c"]):
                left, right = pair.press(*keys)
                check_edges(bench, pair, left, right, f"{columns}x{rows} after {' '.join(keys)}")


def test_fast_resizes(bench):
    sizes = [(80, 24), (200, 50), (61, 17), (150, 40), (40, 10), (100, 20), (199, 49), (70, 45)]
    with Pair(bench) as pair:
        first, _ = pair.press("j")
        small = None
        for turn in range(3):
            for columns, rows in sizes:
                pair.left.resize(columns, rows, wait=False)
            pair.left.resize(120, 36)
            left = pair.left.settle()
            bench.check(same(left, first), f"turn {turn}: resizing there and back changes it", left)
        for columns, rows in ((80, 24), (40, 10), (200, 50), (80, 24)):
            pair.left.resize(columns, rows)
            pair.right.resize(columns, rows)
            left, right = pair.seen()
            if (columns, rows) == (40, 10):
                bench.check(count(colourful(left)) == 0,
                            "pixels of a picture on the card for small terminals", left)
                continue
            check_edges(bench, pair, left, right, f"resized to {columns}x{rows}")
            check_picture(bench, pair, left, right, NAMES[1])
            if (columns, rows) == (80, 24):
                bench.check(small is None or same(small, left), "80x24 looks otherwise", left)
                small = left


def test_font_zoom(bench):
    with Pair(bench, 100, 30) as pair:
        first, _ = pair.press("j")
        for larger in (True, True, False, False):
            pair.left.zoom(larger)
            pair.right.zoom(larger)
            left, right = pair.seen()
            what = f"font of {pair.left.cell[0]}x{pair.left.cell[1]}"
            check_edges(bench, pair, left, right, what)
            check_picture(bench, pair, left, right, NAMES[1])
        bench.check(same(left, first), "zooming there and back changes it", left, first)


# MARK: - In a shell

class Shell(Xterm):
    """A bash in an xterm, in which `app` starts the studio."""

    def __init__(self, bench, columns=100, rows=30, sixel=True, editor="true", tmux=False):
        self.place = tempfile.mkdtemp(prefix="shell-")
        self.prompts = os.path.join(self.place, "prompts")
        app = self.path("bin", "app")
        os.makedirs(os.path.dirname(app))
        self.script(app, f"#!/bin/sh\nexec {shlex.quote(bench.library.program)} \"$@\"\n")
        self.script(self.path("rc"),
                    "PS1='$ '\nunset HISTFILE\nulimit -c 0\nset +o histexpand\n"
                    "bind 'set enable-bracketed-paste off' 2>/dev/null\n"
                    f"PROMPT_COMMAND='echo >>{shlex.quote(self.prompts)}'\n")
        bash = ["bash", "--rcfile", self.path("rc"), "-i"]
        command = bash
        self.socket = None
        if tmux:
            self.socket = f"studio-{os.getpid()}"
            self.script(self.path("tmux.conf"), "set -g status off\nset -g escape-time 10\n"
                        f"set -g default-command {shlex.quote(shlex.join(bash))}\n")
            command = ["tmux", "-L", self.socket, "-f", self.path("tmux.conf"), "new-session"]
        super().__init__(
            bench.display, command, columns, rows, sixel, home=bench.library.copy(),
            extra={"PATH": f"{self.path('bin')}:{os.environ['PATH']}", "EDITOR": editor,
                   "VISUAL": None, "STUDIO_SAMPLES": SAMPLES, "TZ": "UTC",
                   "TMUX_TMPDIR": self.place,
                   # Else Swift's runtime asks half a minute long what to do about a crash.
                   "SWIFT_BACKTRACE": "enable=no"})
        try:
            self.next_prompt(0)
        except BaseException:
            self.close()
            raise

    def path(self, *parts):
        return os.path.join(self.place, *parts)

    def script(self, path, text):
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755)

    @property
    def prompt_count(self):
        try:
            with open(self.prompts) as file:
                return len(file.readlines())
        except FileNotFoundError:
            return 0

    def next_prompt(self, known):
        wait_until(lambda: self.prompt_count > known, "the prompt of the shell", 15)
        return self.settle()

    def run(self, command):
        """Runs a command that ends by itself."""
        known = self.prompt_count
        self.type(command)
        self.key("Return")
        return self.next_prompt(known)

    def line_settings(self):
        self.run(f"stty -a >{self.path('stty')}; clear")
        with open(self.path("stty")) as file:
            return file.read()

    def start_app(self):
        """Starts the studio; returns the screen before Return was pressed, and the studio's."""
        self.type("app")
        typed = self.settle()
        if os.path.exists(self.trace):
            os.remove(self.trace)
        self.key("Return")
        self.wait_for_frames()
        wait_until(lambda: self.studio() is not None, "the studio", 10)
        return typed, self.settle()

    def studio(self):
        """The id of the studio, also behind tmux."""
        if self.socket is None:
            return self.program()
        for name in os.listdir("/proc"):
            try:
                if os.path.basename(os.readlink(f"/proc/{name}/exe")) != "studio":
                    continue
                with open(f"/proc/{name}/environ", "rb") as file:
                    if self.place.encode() in file.read():
                        return int(name)
            except OSError:
                continue
        return None

    def row(self, image, row):
        return image.crop(self.cells(0, row, self.columns, 1))

    def close(self):
        if self.socket is not None:
            import subprocess
            subprocess.run(["tmux", "-L", self.socket, "kill-server"], env=self.environment,
                           capture_output=True)
        super().close()
        shutil.rmtree(self.place, ignore_errors=True)


def check_shell_again(bench, shell, typed, image, settings, how):
    """After the studio: the old screen, the prompt below, the terminal as it was."""
    bench.check(count(colourful(image)) == 0, f"after {how}: colours in the shell", image)
    blank = Image.new("RGB", (shell.cell[0] * shell.columns, shell.cell[1]),
                      image.getpixel((image.size[0] - 1, image.size[1] - 1)))
    rows = [shell.row(image, row) for row in range(shell.rows)]
    last = max((index for index, row in enumerate(rows) if not same(row, blank)), default=0)
    words = shell.cell[0] * 5
    height = shell.cell[1]
    bench.check(
        same(rows[0].crop((0, 0, words, height)),
             shell.row(typed, 0).crop((0, 0, words, height))),
        f"after {how}: the command that was typed is gone", image, typed)
    bench.check(1 <= last <= 3, f"after {how}: the prompt is in row {last}", image)
    wanted = shell.row(shell.run("clear"), 0)
    bench.check(same(rows[last], wanted), f"after {how}: the last row is not the prompt", image)
    found = shell.line_settings()
    bench.check(found == settings, f"after {how}: stty differs: {changes(settings, found)}")
    before = shell.settle()
    shell.click(20, 10)
    shell.click(20, 10, button=4)
    bench.check(same(shell.settle(), before), f"after {how}: the mouse types", shell.picture())


def changes(before, after):
    old, new = set(before.split()), set(after.split())
    return " ".join(sorted(old ^ new))


def test_the_shell_is_as_before(bench):
    endings = [("q", None)] + [
        (name, getattr(signal, name)) for name in ("SIGTERM", "SIGHUP", "SIGINT", "SIGSEGV")]
    with Shell(bench) as shell:
        settings = shell.line_settings()
        for how, number in endings:
            typed, image = shell.start_app()
            bench.check(count(colourful(image)) > 20_000, f"before {how}: no picture", image)
            known = shell.prompt_count
            if number is None:
                shell.key("q")
            else:
                os.kill(shell.studio(), number)
            end = shell.next_prompt(known)
            check_shell_again(bench, shell, typed, end, settings, how)


def test_suspending_editor_and_repaint(bench):
    place = tempfile.mkdtemp(prefix="editor-")
    editor = os.path.join(place, "editor")
    with open(editor, "w") as file:
        file.write(f"#!/bin/sh\nprintf '\\033[2J\\033[31mediting\\n'; touch {place}/edited\n")
    os.chmod(editor, 0o755)
    try:
        with Shell(bench, editor=editor) as shell:
            _, first = shell.start_app()
            known = shell.prompt_count
            shell.key("ctrl+z")
            image = shell.next_prompt(known)
            bench.check(count(colourful(image)) == 0, "suspended: colours in the shell", image)
            frames = shell.frames()
            shell.type("fg")
            shell.key("Return")
            shell.wait_for_frames(frames + 1)
            image = shell.settle()
            bench.check(same(image, first), "fg does not bring everything back", image, first)
            shell.key("ctrl+l")
            image = shell.settle()
            bench.check(same(image, first), "ctrl-l changes something", image, first)
            shell.key("E")
            wait_until(lambda: os.path.exists(f"{place}/edited"), "the editor", 10)
            shell.settle()
            # A message may say that nothing was changed; it goes by itself.
            shell.wait(lambda image: same(image, first),
                       "the screen to be as before the editor", 10)
            shell.expose()
            image = shell.settle()
            bench.check(same(image, first), "covering the window changes it", image, first)
    finally:
        shutil.rmtree(place, ignore_errors=True)


# MARK: - Other terminals

def check_blocks(bench, pair, left, right, name, tolerance):
    """Half blocks have the right colours on the average of a twelfth of the picture."""
    box = pair.picture_box(left, right)
    if not bench.check(box is not None, f"there is no picture of {name}", left):
        return
    away = distance_to_source(left, box, name, side=12)
    bench.check(away < tolerance, f"{name} is {away:.1f} away from its file (limit {tolerance})",
                left.crop(box))


def test_plain_xterm_shows_half_blocks(bench):
    for depth, wish, tolerance in (("24 bit", None, 9), ("256 colours", "256", 18)):
        with Pair(bench, sixel=False, extra={"STUDIO_IMAGE_PROTOCOL": wish}) as pair:
            first, right = pair.seen()
            check_blocks(bench, pair, first, right, NAMES[0], tolerance)
            for name in NAMES[1:4]:
                left, right = pair.press("j")
                check_blocks(bench, pair, left, right, name, tolerance)
            back, _ = pair.press("k", "k", "k")
            bench.check(same(back, first), f"{depth}: not as before", back, first)
            left, right = pair.press("2")
            bench.check(pair.remains(left, right) == 0, f"{depth}: remains on screen 2", left)


def test_tmux(bench):
    depth = {"STUDIO_IMAGE_PROTOCOL": "256"}
    with Studio(bench.second, bench.library, 100, 30, sixel=False, extra=depth) as plain:
        wanted = {"1": plain.settle(), "j": plain.press("j"), "question": plain.press("question"),
                  "Escape": plain.press("Escape"), "5": plain.press("5")}
    with Shell(bench, tmux=True) as shell:
        settings = shell.line_settings()
        typed, _ = shell.start_app()
        for key, image in wanted.items():
            if key != "1":
                shell.key(key)
            try:
                shell.wait(lambda seen: similar(shell, seen, image), "", 5)
            except Exception:
                seen = shell.settle()
                bench.check(False, f"after {key} tmux shows something else", seen, image)
        known = shell.prompt_count
        shell.key("1", "q")
        check_shell_again(bench, shell, typed, shell.next_prompt(known), settings, "tmux")


def similar(shell, left, right):
    """Whether two screens differ at most in the last row, which names the terminal's abilities."""
    box = shell.cells(0, 0, shell.columns, shell.rows - 1)
    return same(left.crop(box), right.crop(box))


def test_no_color(bench):
    extra = {"NO_COLOR": "1"}
    with Pair(bench, extra=extra) as pair:
        for screen in "123456":
            left, right = pair.press(screen)
            bench.check(count(colourful(right)) == 0,
                        f"screen {screen} has {count(colourful(right))} coloured pixels", right)
            if screen == "1":
                check_picture(bench, pair, left, right, NAMES[0])
            else:
                bench.check(count(colourful(left)) == 0, f"coloured pixels on {screen}", left)
        for keys in (["question"], ["colon"], ["w"]):
            _, right = pair.press(*keys)
            bench.check(count(colourful(right)) == 0, f"coloured pixels after {keys}", right)
            pair.press("Escape")
