"""Runs one program and tells how long it took, how much memory it held and who disturbed it."""
import dataclasses
import os
import signal
import subprocess
import tempfile
import threading
import time


class Failure(Exception):
    """A sentence for the table's foot; the rest of the benchmark goes on."""


@dataclasses.dataclass
class Outcome:
    stdout: str
    stderr: str
    seconds: float
    peak_bytes: int
    others: float  # part of the machine's processor time that other programs took meanwhile


class Watch:
    """Processor time of the whole machine, to see what others took of it."""

    def __init__(self):
        self.start = self.busy()

    @staticmethod
    def busy():
        with open("/proc/stat") as file:
            fields = [int(part) for part in file.readline().split()[1:]]
        idle = fields[3] + fields[4]
        return (sum(fields[:8]) - idle) / os.sysconf("SC_CLK_TCK"), sum(fields[:8]) / os.sysconf("SC_CLK_TCK")

    def others(self, own_seconds):
        busy, total = (now - then for now, then in zip(self.busy(), self.start))
        return max(0.0, busy - own_seconds) / max(total, 1e-9)


def run(command, env=None, timeout=1800, cwd=None):
    """Runs a command to its end. A failure names the program and quotes its last line."""
    name = os.path.basename(str(command[0]))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        watch, start = Watch(), time.monotonic()
        child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err, env=env, cwd=cwd,
                                 stdin=subprocess.DEVNULL)
        late = threading.Timer(timeout, lambda: child.send_signal(signal.SIGKILL))
        late.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            raise
        finally:
            late.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        out.seek(0), err.seek(0)
        stdout, stderr = (stream.read().decode(errors="replace") for stream in (out, err))
    if child.returncode:
        lines = [line for line in (stderr or stdout).strip().splitlines() if line.strip()]
        raise Failure(f"{name} ended with {child.returncode}: {lines[-1].strip() if lines else 'no message'}")
    return Outcome(stdout, stderr, seconds, usage.ru_maxrss * 1024, watch.others(usage.ru_utime + usage.ru_stime))
