#!/usr/bin/env python3
"""Runs the app over an imitation of a slow line and says how it felt.

    Tools/try_slow_line.py .build/release/studio HOME [--delay 0.15] [--megabits 5]

Every byte in both directions comes so much later, and no more of them than the line carries.
Prints milliseconds as JSON: start (first screen complete), echo (a key until the screen has
changed), picture (a key until the picture of the next concept is complete).
"""
import argparse, collections, fcntl, json, os, pty, re, select, signal, struct, sys, termios, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from app_terminal import ANSWERS

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("home")
parser.add_argument("--delay", type=float, default=0.15)
parser.add_argument("--megabits", type=float, default=5)
options = parser.parse_args()
half, rate = options.delay / 2, options.megabits * 1e6 / 8

started = time.monotonic()
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(
        TERM="xterm-256color", STUDIO_HOME=os.path.abspath(options.home), LANG="C.UTF-8",
        SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22")
    os.execv(os.path.abspath(options.program), [options.program])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 960, 612))

seen = b""              # what has arrived at the far end
flying = collections.deque()   # (arrival, bytes) on the way there
sending = []            # (arrival, bytes) on the way here
free_at = 0.0


def step(limit=0.02):
    global seen, free_at
    now = time.monotonic()
    for item in [item for item in sending if item[0] <= now]:
        os.write(fd, item[1])
        sending.remove(item)
    while flying and flying[0][0] <= now:
        data = flying.popleft()[1]
        seen += data
        for question, answer in ANSWERS.items():
            if question in data:
                sending.append((now + half, answer))
    # A line that is full takes nothing more, as a real one would.
    if free_at - now < 0.25 and select.select([fd], [], [], limit)[0]:
        data = os.read(fd, 4096)
        free_at = max(now, free_at) + len(data) / rate
        flying.append((free_at + half, data))
    else:
        time.sleep(0.002)


def until(condition, limit=20):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return None
        step()
    return time.monotonic()


def press(key):
    sending.append((time.monotonic() + half, key.encode()))


def rest(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        step()


painted = until(lambda: b"help" in seen)
rest(3)
result = {"delay_ms": options.delay * 1000, "megabits": options.megabits}
result["start_ms"] = round((painted - started) * 1000)
echoes, pictures = [], []
for _ in range(5):
    before, at = len(seen), time.monotonic()
    press("j")
    echo = until(lambda: len(seen) > before)
    echoes.append((echo - at) * 1000)
    shown = until(lambda: re.search(rb"\x1bP[^\x1b]*\x1b\\", seen[before:]))
    pictures.append((shown - at) * 1000 if shown else None)
    rest(2)
result["echo_ms"] = round(sorted(echoes)[2])
result["picture_ms"] = [round(p) if p else None for p in pictures]
result["bytes"] = len(seen)
os.kill(pid, signal.SIGTERM)
print(json.dumps(result, indent=2))
