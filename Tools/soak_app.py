#!/usr/bin/env python3
"""Uses the app at random for a while and watches its memory.

    Tools/soak_app.py .build/release/studio HOME [--seconds 180]

Presses harmless keys thirty times a second (moving, screens, popups, search, resizing); prints the
resident memory in MiB at regular points as JSON. HOME should be a copy: nothing is deleted, but
the library is the app's.
"""
import argparse, fcntl, json, os, pty, random, select, signal, struct, termios, time

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("home")
parser.add_argument("--seconds", type=float, default=180)
options = parser.parse_args()
random.seed(7)
ANSWERS = {
    b"\x1b[c": b"\x1b[?63;1;2;4;6;9;15;16;22;28c",
    b"\x1b[?1;1;0S": b"\x1b[?1;0;256S",
    b"\x1b[?2;1;0S": b"\x1b[?2;0;960;612S",
    b"\x1b[?2;4;0S": b"\x1b[?2;0;1000;1000S",
}
KEYS = ["j"] * 12 + ["k"] * 8 + list("123456") * 2 + [
    "?", "\x1b", "\x1b", ":", "\x1b", "w", "\x1b", "gg", "G", "gt", "/m", "\x1b", "\t", "\x1b[B",
    "\x1b[A", "[", "]", "\x1b[6~", "\x1b[5~", "L"]
pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="xterm-256color", STUDIO_HOME=os.path.abspath(options.home), LANG="C.UTF-8")
    os.execv(os.path.abspath(options.program), [options.program])


def size(columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, columns * 8, rows * 17))


def pump(seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not select.select([fd], [], [], left)[0]:
            return
        data = os.read(fd, 1 << 16)
        for question, answer in ANSWERS.items():
            if question in data:
                os.write(fd, answer)


def memory():
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return round(int(fields["VmRSS"].split()[0]) / 1024, 1)


size(120, 36)
pump(3)
points, keys = [memory()], 0
start = time.monotonic()
while (elapsed := time.monotonic() - start) < options.seconds:
    os.write(fd, random.choice(KEYS).encode())
    keys += 1
    if random.random() < 0.004:
        size(random.choice([80, 100, 120, 200]), random.choice([24, 30, 36, 50]))
    pump(0.033)
    if elapsed > len(points) * options.seconds / 10:
        points.append(memory())
alive = os.waitpid(pid, os.WNOHANG)[0] == 0
if alive:
    os.kill(pid, signal.SIGTERM)
print(json.dumps({"alive": alive, "keys": keys, "memory_mib": points}))
