"""Turns the checkpoint into the formats of the peers, one at a time: each takes up to 12 GB of memory.

A file appears under its name only when it is complete; what is there already is left alone.
"""
import shutil

from install import call
from place import REPOSITORY, environment

# llama.cpp's name, bits of the weights
GGUF = {"bf16": 16, "Q8_0": 8, "Q4_0": 4, "Q4_K_M": 4}
# our name: what optimum-cli wants; groups as OpenVINO's guide for language models advises
OPENVINO = {
    "int8": (8, ["--weight-format", "int8", "--sym"]),
    "int4": (4, ["--weight-format", "int4", "--sym", "--group-size", "64", "--ratio", "1.0"]),
}


def checkpoint(place, python):
    if not (place.checkpoint / "config.json").exists():
        call([python, REPOSITORY / "Tools/make_random_checkpoint.py", "3b", place.checkpoint], "making the random 3B checkpoint")


def llama(place, python=None):
    place.gguf.mkdir(parents=True, exist_ok=True)
    converter = [place.python(), place.llama / "source/convert_hf_to_gguf.py", place.checkpoint]
    for target, options in ((place.gguf_file("bf16"), []), (place.vision_file, ["--mmproj"])):
        if not target.exists():
            part = target.with_suffix(".part")
            call([*converter, *options, "--outtype", "bf16", "--outfile", part], f"writing {target.name}")
            part.rename(target)
    for kind in GGUF:
        target = place.gguf_file(kind)
        if not target.exists():
            part = target.with_suffix(".part")
            call([place.llama_program("llama-quantize"), place.gguf_file("bf16"), part, kind], f"writing {target.name}")
            part.rename(target)


def openvino(place, python=None):
    place.openvino.mkdir(parents=True, exist_ok=True)
    for name, (_, options) in OPENVINO.items():
        target = place.openvino / name
        if not target.exists():
            part = place.openvino / f"{name}.part"
            shutil.rmtree(part, ignore_errors=True)
            call([place.openvino_venv / "bin/optimum-cli", "export", "openvino", "--model", place.checkpoint,
                  "--task", "image-text-to-text", *options, part], f"writing OpenVINO {name}",
                 env=environment(2))
            part.rename(target)


STEPS = {"llama.cpp": llama, "openvino": openvino}
