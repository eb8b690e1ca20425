#!/usr/bin/env python3
"""Fills the disk under `studio train` and checks that the failure is clear and costs no more than one checkpoint.

    full_disk_training.py path/to/studio

Needs root for a small tmpfs, and says "skipped" (exit 0) when it cannot have one. The run must end with exit
code 1 and one sentence that names file and reason; its newest checkpoint must be whole; with space again it must
go on and end with the adapter of an undisturbed run, bit for bit. Exit 1 if anything of that fails.
"""
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

SAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "Samples/concepts"
SMALL = ["--answers", "2", "--prompts", "1", "--max-tokens", "8", "--held-out", "1", "--rank", "32",
         "--checkpoint-every", "1", "--steps", "6", "--seed", "5"]


class Studio:
    def __init__(self, program, home):
        self.program, self.home = os.path.abspath(program), home

    def run(self, *arguments, expected=(0,)):
        done = subprocess.run([self.program, *arguments, "--home", str(self.home)], capture_output=True, text=True)
        if done.returncode not in expected:
            sys.exit(f"failed: {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done

    def prepare(self):
        for name in ("milo", "bruna", "pico"):
            self.run("concept", "add", name, str(SAMPLES / f"{name}.png"), "--quiet")

    def adapter(self, folder):
        self.run("runs", "export", "run", str(folder))
        return hashlib.sha256((folder / "adapter_model.safetensors").read_bytes()).hexdigest()


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        disk = folder / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "studio-full-disk", str(disk)]
        if subprocess.run(mount, capture_output=True).returncode:
            print("skipped: no permission to mount a tmpfs")
            return
        try:
            check(program, folder, disk)
        finally:
            subprocess.run(["umount", str(disk)], check=True)


def check(program, folder, disk):
    begin = ["train", "--concepts", "milo,bruna", "--name", "run", *SMALL, "--quiet"]
    whole = Studio(program, folder / "home")
    whole.prepare()
    whole.run(*begin)
    expected = whole.adapter(folder / "whole")
    run = whole.home / "data/runs/run"
    checkpoint = sum(f.stat().st_size for f in (run / "checkpoints").glob("*6/*"))

    studio = Studio(program, disk / "home")
    studio.prepare()
    # Room for the best adapter and a checkpoint and a half.
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with open(disk / "ballast", "wb") as file:
        file.write(bytes(max(0, free - int(2.0 * checkpoint))))
    failed = studio.run(*begin, expected=(1,))
    print(f"one checkpoint is {checkpoint >> 10} KiB; full: {failed.stderr.strip()}")
    if "no space" not in failed.stderr.lower() or str(disk) not in failed.stderr:
        sys.exit("failed: the message names neither the disk nor the reason")
    kept = sorted((studio.home / "data/runs/run/checkpoints").glob("[!.]*"))
    partial = list((studio.home / "data/runs/run").rglob("*.part"))
    print(f"kept {[k.name for k in kept]}, left over {[p.name for p in partial]}")
    if not kept:
        sys.exit("failed: no checkpoint is left")
    for file in ("adapter_config.json", "adapter_model.safetensors", "optimizer.safetensors", "run-state.json"):
        if not all((k / file).exists() for k in kept):
            sys.exit(f"failed: a checkpoint lacks {file}")
    again = studio.run("train", "--resume", "run", "--quiet", expected=(1,))
    print(f"still full: {again.stderr.strip()}")
    (disk / "ballast").unlink()
    studio.run("train", "--resume", "run", "--quiet")
    if studio.adapter(folder / "after") != expected:
        sys.exit("failed: the adapter differs from that of an undisturbed run")
    print("went on after space was freed; the same adapter, bit for bit")


if __name__ == "__main__":
    main()
