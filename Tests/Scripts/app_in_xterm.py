#!/usr/bin/python3
"""Tests the studio in a real xterm by looking at the pixels.

    Tests/Scripts/app_in_xterm.py .build/release/studio [--out FOLDER] [--only NAME] [--list]

Prints a line for each test and one for each thing that is wrong, keeps the pictures of what is
wrong in FOLDER, and exits with 1 then. Needs xvfb, xterm, xdotool, tmux, fonts-dejavu-core and
python3-pil; see xterm.py.
"""
import argparse, multiprocessing, os, sys, tempfile, time, traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import xterm_tests
from xterm import Display
from xterm_studio import Library


class Bench:
    """Two displays, a library, and the list of what went wrong."""

    def __init__(self, program, out):
        self.program, self.out = os.path.abspath(program), out
        self.library = Library(program)
        self.display, self.second = Display(), Display()
        self.failures, self.checks = [], 0
        self.test = ""

    def check(self, holds, sentence, *pictures):
        """Notes what is wrong, with the pictures that show it; says whether it is right."""
        self.checks += 1
        if not holds:
            names = []
            for picture in pictures:
                os.makedirs(self.out, exist_ok=True)
                name = os.path.join(self.out, f"{self.test}-{len(self.failures)}-{len(names)}.png")
                picture.save(name)
                names.append(name)
            self.failures.append(sentence)
            print(f"FAIL {self.test}: {sentence} {' '.join(names)}".rstrip(), flush=True)
        return holds

    def run(self, name, function):
        self.test = name
        before, start = len(self.failures), time.monotonic()
        checks = self.checks
        try:
            function(self)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)
            line = next((f"{w.name}:{w.lineno}" for w in reversed(where)
                         if "xterm_tests" in w.filename), "")
            shown = [d.last for d in (self.display, self.second) if d.last is not None]
            self.check(False, f"{type(error).__name__}: {error} ({line})", *shown)
        seconds = time.monotonic() - start
        verdict = "ok  " if len(self.failures) == before else "BAD "
        print(f"{verdict} {name} ({self.checks - checks} checks, {seconds:.1f} s)", flush=True)

    def close(self):
        for part in (self.display, self.second, self.library):
            part.close()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--out", default=os.path.join(tempfile.gettempdir(), "app-in-xterm"),
                        help="folder for pictures of what is wrong")
    parser.add_argument("--only", action="append", default=[], help="tests with this in the name")
    parser.add_argument("--jobs", type=int, default=2, help="tests that run at the same time")
    parser.add_argument("--list", action="store_true", help="print the names of the tests")
    options = parser.parse_args()
    tests = {name[5:]: function for name, function in vars(xterm_tests).items()
             if name.startswith("test_")}
    if options.list:
        print("\n".join(tests))
        return 0
    chosen = [name for name in tests
              if not options.only or any(word in name for word in options.only)]
    start = time.monotonic()
    # Most of the time is spent waiting for things to come to rest.
    names, results = multiprocessing.Queue(), multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work, args=(options, tests, names, results))
               for _ in range(min(options.jobs, len(chosen)))]
    for name in chosen + [None] * len(workers):
        names.put(name)
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = [results.get() for worker in workers if worker.exitcode == 0]
    failures = sum(failed for failed, _ in found) + len(workers) - len(found)
    print(f"{failures} failures, {sum(checks for _, checks in found)} checks, "
          f"{time.monotonic() - start:.0f} s")
    return 1 if failures else 0


def work(options, tests, names, results):
    """Runs tests until there are no more."""
    bench = Bench(options.program, options.out)
    try:
        while (name := names.get()) is not None:
            bench.run(name, tests[name])
    finally:
        bench.close()
    results.put((len(bench.failures), bench.checks))


if __name__ == "__main__":
    sys.exit(main())
