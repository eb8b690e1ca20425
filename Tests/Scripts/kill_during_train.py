#!/usr/bin/env python3
"""Kills `studio train` with SIGKILL at random moments and compares the adapter with an undisturbed one.

    kill_during_train.py path/to/studio [--steps 12] [--seed N]

The run goes on from its last checkpoint after each kill until it is complete. Its final adapter must
equal, bit for bit, that of a run with the same seed that was never killed. Exit 0 if so, 1 if not.
"""
import argparse
import hashlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

SAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "Samples/concepts"
SMALL = ["--answers", "2", "--prompts", "2", "--max-tokens", "12", "--held-out", "2", "--rank", "4",
         "--checkpoint-every", "3"]


def studio(program, folder, *arguments):
    return [os.path.abspath(program), *arguments, "--home", os.path.join(folder, "home"), "--quiet"]


def adapter(program, folder, name):
    out = os.path.join(folder, f"{name}.peft")
    subprocess.run(studio(program, folder, "runs", "export", name, out), check=True, stdout=subprocess.DEVNULL)
    return hashlib.sha256(pathlib.Path(out, "adapter_model.safetensors").read_bytes()).hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("studio")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("milo", "bruna", "pico"):
            subprocess.run(studio(options.studio, folder, "concept", "add", name, str(SAMPLES / f"{name}.png")),
                           check=True, stdout=subprocess.DEVNULL)

        def begin(name):
            return studio(options.studio, folder, "train", "--concepts", "milo,bruna", "--seed", "5",
                          "--steps", str(options.steps), "--name", name, *SMALL)

        start = time.time()
        subprocess.run(begin("whole"), check=True, stdout=subprocess.DEVNULL)
        usual = time.time() - start
        kills, command = 0, begin("killed")
        while True:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                _, error = process.communicate(timeout=chance.uniform(0.2, 0.8) * usual)
                if process.returncode == 0:
                    break
                print(f"a start after a kill failed: {error.decode()}")
                return 1
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
            if kills > 200:
                print("no start ever got to the end")
                return 1
            # Killed before the run had a folder: it begins again.
            shown = subprocess.run(studio(options.studio, folder, "runs", "show", "killed"), capture_output=True)
            command = studio(options.studio, folder, "train", "--resume", "killed") if shown.returncode == 0 \
                else begin("killed")
        whole, killed = (adapter(options.studio, folder, name) for name in ("whole", "killed"))
        if whole != killed:
            print(f"the adapters differ after {kills} kills: {whole[:16]} and {killed[:16]}")
            return 1
    print(f"{kills} kills, {options.steps} updates, the same adapter to the last bit: {whole[:16]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
